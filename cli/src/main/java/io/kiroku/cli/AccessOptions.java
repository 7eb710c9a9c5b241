package io.kiroku.cli;

import io.kiroku.collector.config.AccessConfig;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who may ask a collector over HTTP. */
final class AccessOptions {
    @Option(
            names = "--tokens",
            paramLabel = "FILE",
            description = "callers with tokens, as kiroku token create writes them; read again when it changes")
    private @Nullable Path tokens;

    @Option(
            names = "--oidc-issuer",
            paramLabel = "URL",
            description = "takes tokens of this issuer of OpenID Connect, with --oidc-audience and --oidc-roles")
    private @Nullable String issuer;

    @Option(names = "--oidc-audience", paramLabel = "NAME", description = "what those tokens must be made for")
    private @Nullable String audience;

    @Option(
            names = "--oidc-roles",
            paramLabel = "FILE",
            description = "lines of GROUP ROLES SCOPE, such as: sre reader shop,pay")
    private @Nullable Path roles;

    @Option(
            names = "--oidc-groups",
            paramLabel = "CLAIM",
            defaultValue = AccessConfig.DEFAULT_GROUPS_CLAIM,
            description = "the claim that names groups (default: ${DEFAULT-VALUE})")
    private String groups;

    @Option(
            names = "--kubernetes",
            description = "takes the cluster's tokens: whoever may get pods/log in a namespace reads logs of its pods,"
                    + " dead or alive")
    private boolean kubernetes;

    @Option(names = "--public-log", description = "everybody may read the transparency log")
    private boolean publicLog;

    @Option(
            names = "--http-tls",
            paramLabel = "DIR",
            description = "answers over HTTPS, with tls.crt and tls.key of that directory; read again when they change")
    private @Nullable Path tls;

    /** What was chosen. */
    AccessConfig config() throws CommandException {
        return new AccessConfig(Optional.ofNullable(tokens), oidc(), kubernetes, publicLog, Optional.ofNullable(tls));
    }

    private Optional<AccessConfig.Oidc> oidc() throws CommandException {
        if (issuer == null && audience == null && roles == null) {
            return Optional.empty();
        }
        if (issuer == null || audience == null || roles == null) {
            throw CommandException.misuse("--oidc-issuer, --oidc-audience and --oidc-roles go together");
        }
        try {
            return Optional.of(new AccessConfig.Oidc(new URI(issuer), audience, groups, roles));
        } catch (URISyntaxException noUrl) {
            throw CommandException.misuse("oidc-issuer: expected a URL, found \"%s\"".formatted(issuer));
        }
    }
}
