package io.kiroku.collector.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Who may ask a collector over HTTP.
 *
 * @param tokens a file of callers with tokens
 * @param oidc an issuer whose tokens are taken
 * @param kubernetes whether bearer tokens of the cluster's API server are taken
 * @param publicLog whether the transparency log is for everybody
 * @param tls a directory with {@code tls.crt} and {@code tls.key}: answers over HTTPS alone
 */
public record AccessConfig(
        Optional<Path> tokens, Optional<Oidc> oidc, boolean kubernetes, boolean publicLog, Optional<Path> tls) {
    /** Nothing: whoever is on the machine may ask all. */
    public static final AccessConfig NONE =
            new AccessConfig(Optional.empty(), Optional.empty(), false, false, Optional.empty());

    /** The claim that names groups, if no other is told. */
    public static final String DEFAULT_GROUPS_CLAIM = "groups";

    /**
     * An issuer of OpenID Connect.
     *
     * @param issuer as its tokens have it in {@code iss}
     * @param audience what they must have in {@code aud}
     * @param groupsClaim where they name groups
     * @param roles a file that gives groups roles
     */
    public record Oidc(URI issuer, String audience, String groupsClaim, Path roles) {
        /**
         * Checks the issuer.
         *
         * @throws IllegalArgumentException if it is no URL of https, or of http on this machine; the message is for people
         */
        public Oidc {
            String host = issuer.getHost();
            boolean local = "http".equals(issuer.getScheme())
                    && host != null
                    && host.matches("localhost|127\\.0\\.0\\.1|\\[::1]");
            if (!(local || "https".equals(issuer.getScheme())) || host == null || issuer.getQuery() != null) {
                throw new IllegalArgumentException(
                        "oidc-issuer: expected a URL such as https://login.example.com, found \"%s\""
                                .formatted(issuer));
            }
        }
    }

    /** Whether callers are known at all. */
    public boolean knowsCallers() {
        return tokens.isPresent() || oidc.isPresent() || kubernetes;
    }
}
