package io.kiroku.cli.cluster;

import java.util.Optional;

/**
 * What a user shows.
 *
 * @param token a bearer token
 * @param certificate with a key, shown in TLS
 */
record Credentials(Optional<String> token, Optional<KubeContext.Pem> certificate, Optional<KubeContext.Pem> key) {
    private static final int MOST_TOKEN = 64 << 10;

    /** Checks the token. */
    Credentials {
        token = token.map(String::strip).filter(text -> !text.isEmpty());
    }

    /**
     * Those of a context's user. Runs his credential plugin if he has one, and neither token nor certificate.
     *
     * @throws ClusterException if there are none to be had
     */
    static Credentials of(KubeContext context, Invocation invocation) throws ClusterException {
        KubeContext.User user = context.user();
        Optional<String> token = user.token();
        if (user.tokenFile().isPresent()) {
            token = Optional.of(KubeConfig.read(user.tokenFile().get()));
        }
        Credentials own = new Credentials(token, user.certificate(), user.key());
        if (own.certificate().isPresent() != own.key().isPresent()) {
            throw new ClusterException(
                    "expected client-certificate and client-key for user \"%s\" in the kubeconfig, found one of them"
                            .formatted(user.name()));
        }
        Credentials all = user.exec().isEmpty()
                        || own.token().isPresent()
                        || own.certificate().isPresent()
                ? own
                : new ExecPlugin(context, user.exec().get(), invocation).run();
        if (all.token().isPresent()) {
            check(user.name(), all.token().get());
        }
        return all;
    }

    private static void check(String user, String token) throws ClusterException {
        if (token.length() > MOST_TOKEN || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new ClusterException(
                    "expected one token of at most %d characters for user \"%s\", found something else"
                            .formatted(MOST_TOKEN, user));
        }
    }
}
