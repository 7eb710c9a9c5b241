package io.kiroku.collector.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.BadJWTException;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An issuer of OpenID Connect (Core 1.0, Discovery 1.0) and whom it knows: verifies its signed JWTs (RFC 7519) by the keys that it
 * publishes, and turns their groups into roles by a file of lines {@code GROUP ROLES SCOPE}. Keys are asked for again after
 * five minutes and when a token names an unknown one, twice in half a minute at most; while the issuer is down, known keys hold
 * for {@link #OUTAGE}.
 */
public final class OidcIssuer implements Voucher {
    /** How long known keys hold while the issuer cannot be asked. */
    public static final Duration OUTAGE = Duration.ofHours(4);

    /** By how much clocks may differ. */
    static final Duration SKEW = Duration.ofSeconds(60);

    /** What a token may be signed with. Nothing symmetric, and never none. */
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256, JWSAlgorithm.PS256, JWSAlgorithm.ES256, JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519);

    private static final Logger LOG = LoggerFactory.getLogger(OidcIssuer.class);

    private static final int MOST_TOKEN = 16 << 10;
    private static final int MOST_ANSWER = 1 << 20;
    private static final int MOST_GROUPS = 1000;
    private static final int WAIT_MILLIS = 3_000;
    private static final long FRESH_MILLIS = 5 * 60_000;
    private static final long BETWEEN_QUESTIONS_MILLIS = 30_000;
    private static final int MOST_AT_ONCE = 32;

    /** A line of the file of roles. */
    private record Group(String name, Grants.Grant grant) {}

    private final String issuer;
    private final String groupsClaim;
    private final WatchedFile<Group> groups;
    private final DefaultJWTClaimsVerifier<SecurityContext> claims;
    private final DefaultResourceRetriever retriever =
            new DefaultResourceRetriever(WAIT_MILLIS, WAIT_MILLIS, MOST_ANSWER);
    private final Semaphore checks = new Semaphore(MOST_AT_ONCE);
    private final LongSupplier nanoTime;
    private @Nullable JWKSource<SecurityContext> keys;
    private long discovered;
    private boolean failed;

    /**
     * An issuer, which is asked when the first token comes.
     *
     * @param issuer as its tokens have it in {@code iss}
     * @param audience what they must have in {@code aud}
     * @param groupsClaim where they have the groups, a list of texts or one text
     * @param roles the file that gives groups roles; a group with spaces in its name has {@code %20} for each
     * @throws IOException if the file cannot be read or a line is not understood; the message is for people
     */
    public OidcIssuer(
            URI issuer,
            String audience,
            String groupsClaim,
            Path roles,
            InstantSource clock,
            LongSupplier nanoTime,
            ConfigurationListener listener)
            throws IOException {
        this.issuer = issuer.toString();
        this.groupsClaim = groupsClaim;
        this.groups = new WatchedFile<>(roles, OidcIssuer::group, nanoTime, listener);
        this.nanoTime = nanoTime;
        this.claims =
                new DefaultJWTClaimsVerifier<>(
                        audience,
                        new JWTClaimsSet.Builder().issuer(this.issuer).build(),
                        Set.of("sub", "exp", "aud", "iss")) {
                    @Override
                    protected Date currentTime() {
                        return Date.from(clock.instant());
                    }
                };
        claims.setMaxClockSkew((int) SKEW.toSeconds());
    }

    private static Group group(String[] fields) {
        if (fields.length != 3) {
            throw new IllegalArgumentException("expected GROUP ROLES SCOPE, found %d fields".formatted(fields.length));
        }
        return new Group(
                fields[0].replace("%20", " "), new Grants.Grant(Grants.roles(fields[1]), Scope.parse(fields[2])));
    }

    @Override
    public boolean concerns(String token) {
        try {
            return token.length() <= MOST_TOKEN
                    && issuer.equals(SignedJWT.parse(token).getJWTClaimsSet().getIssuer());
        } catch (ParseException noToken) {
            return false;
        }
    }

    @Override
    public Caller caller(String token) throws RefusedTokenException {
        if (!checks.tryAcquire()) {
            throw new AccessUnavailableException(
                    "as many tokens of %s are being checked as may be at once: try again later".formatted(issuer));
        }
        try {
            SignedJWT jwt = SignedJWT.parse(token);
            JWTClaimsSet said = jwt.getJWTClaimsSet();
            requireSignature(jwt);
            claims.verify(said, null);
            return new Caller(name(said), issuer, new Grants(grants(said)));
        } catch (BadJWTException bad) {
            throw new RefusedTokenException("the token of %s is not good: %s".formatted(issuer, bad.getMessage()));
        } catch (ParseException malformed) {
            throw new RefusedTokenException("expected a signed JWT of %s".formatted(issuer));
        } finally {
            checks.release();
        }
    }

    private void requireSignature(SignedJWT jwt) throws RefusedTokenException {
        JWSAlgorithm algorithm = jwt.getHeader().getAlgorithm();
        if (!ALGORITHMS.contains(algorithm)) {
            throw new RefusedTokenException("expected a token signed with RS256, PS256, ES256 or EdDSA, found %s"
                    .formatted(algorithm.getName()));
        }
        try {
            JWKMatcher matcher = JWKMatcher.forJWSHeader(jwt.getHeader());
            for (JWK key : keys().get(new JWKSelector(matcher), null)) {
                if (jwt.verify(verifier(key))) {
                    failed = false;
                    return;
                }
            }
        } catch (RateLimitReachedException often) {
            throw new RefusedTokenException(
                    "the token is not signed by a key of %s that is known here; the issuer is asked for new ones within half a minute"
                            .formatted(issuer));
        } catch (KeySourceException down) {
            throw unavailable(down);
        } catch (AccessUnavailableException down) {
            throw down;
        } catch (JOSEException | RuntimeException notVerifiable) {
            LOG.debug("A token of {} could not be verified.", issuer, notVerifiable);
        }
        throw new RefusedTokenException("the token is not signed by a key of %s".formatted(issuer));
    }

    private static JWSVerifier verifier(JWK key) throws JOSEException {
        return switch (key) {
            case RSAKey rsa -> new RSASSAVerifier(rsa);
            case ECKey ec -> new ECDSAVerifier(ec);
            case OctetKeyPair okp -> new Ed25519TokenVerifier(okp);
            default -> throw new JOSEException("no key for signatures");
        };
    }

    private AccessUnavailableException unavailable(Exception cause) {
        if (!failed) {
            failed = true;
            LOG.warn(
                    "The keys of {} cannot be had, its tokens are refused until they can: {}.",
                    issuer,
                    cause.getMessage());
        }
        return new AccessUnavailableException(
                "the keys of %s cannot be had now, so that its tokens cannot be checked: try again later"
                        .formatted(issuer),
                cause);
    }

    /** Where keys come from, which the issuer itself says once. */
    private synchronized JWKSource<SecurityContext> keys() {
        JWKSource<SecurityContext> known = keys;
        if (known != null) {
            return known;
        }
        long now = nanoTime.getAsLong();
        if (failed && now - discovered < Duration.ofSeconds(1).toNanos()) {
            throw new AccessUnavailableException("the keys of %s cannot be had now: try again later".formatted(issuer));
        }
        discovered = now;
        try {
            URL place = jwksUrl();
            JWKSource<SecurityContext> source = JWKSourceBuilder.create(place, retriever)
                    .cache(FRESH_MILLIS, 2L * WAIT_MILLIS)
                    .rateLimited(BETWEEN_QUESTIONS_MILLIS)
                    .outageTolerant(OUTAGE.toMillis())
                    .build();
            keys = source;
            return source;
        } catch (IOException | ParseException | IllegalArgumentException failure) {
            throw unavailable(failure);
        }
    }

    private URL jwksUrl() throws IOException, ParseException {
        String base = issuer.endsWith("/") ? issuer : issuer + "/";
        URL discovery = requireSafe(URI.create(base + ".well-known/openid-configuration"));
        Map<String, Object> document =
                JSONObjectUtils.parse(retriever.retrieveResource(discovery).getContent());
        if (!issuer.equals(JSONObjectUtils.getString(document, "issuer"))) {
            throw new IOException("its discovery document is that of another issuer");
        }
        String place = JSONObjectUtils.getString(document, "jwks_uri");
        if (place == null) {
            throw new IOException("its discovery document names no jwks_uri");
        }
        return requireSafe(URI.create(place));
    }

    private static URL requireSafe(URI uri) throws MalformedURLException {
        boolean local = "http".equals(uri.getScheme())
                && uri.getHost() != null
                && uri.getHost().matches("localhost|127\\.0\\.0\\.1|\\[::1]");
        if (!local && !"https".equals(uri.getScheme())) {
            throw new MalformedURLException("expected a URL of https, found %s".formatted(uri));
        }
        return uri.toURL();
    }

    private static String name(JWTClaimsSet said) throws ParseException {
        String preferred = said.getStringClaim("preferred_username");
        return preferred == null ? said.getSubject() : "%s (%s)".formatted(said.getSubject(), preferred);
    }

    private List<Grants.Grant> grants(JWTClaimsSet said) {
        Object claim = said.getClaim(groupsClaim);
        List<?> named = claim instanceof List<?> list ? list : claim == null ? List.of() : List.of(claim);
        if (named.size() > MOST_GROUPS) {
            named = named.subList(0, MOST_GROUPS);
        }
        List<Grants.Grant> grants = new ArrayList<>();
        for (Group group : groups.lines()) {
            if (named.contains(group.name())) {
                grants.add(group.grant());
            }
        }
        return grants;
    }
}
