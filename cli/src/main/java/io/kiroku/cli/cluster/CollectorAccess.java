package io.kiroku.cli.cluster;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/** A way to the collector of a cluster: a port that is forwarded until this is closed, and what is needed to speak to it. */
public final class CollectorAccess implements AutoCloseable {
    /** How long a token that is made for a service account is good: the longest that somebody follows a log, within reason. */
    private static final int TOKEN_SECONDS = 3600;

    private static final Pattern ACCOUNT = Pattern.compile("(?:([a-z0-9-]+):)?([a-z0-9.-]+)");

    private final ApiServer server;
    private final ConnectProxy proxy;
    private final PortForward forward;
    private final CollectorService service;
    private final Optional<String> token;

    /**
     * Which collector.
     *
     * @param namespace where its Service is; everywhere if empty
     * @param service the name of its Service; any if empty
     * @param account as whom it is asked, {@code NAMESPACE:NAME}, or a name in the context's namespace; as the user himself if empty
     */
    public record Wanted(Optional<String> namespace, Optional<String> service, Optional<String> account) {}

    private CollectorAccess(
            ApiServer server,
            ConnectProxy proxy,
            PortForward forward,
            CollectorService service,
            Optional<String> token) {
        this.server = server;
        this.proxy = proxy;
        this.forward = forward;
        this.service = service;
        this.token = token;
    }

    /**
     * Finds a collector and begins to forward a port of its pod.
     *
     * @param hasToken whether the caller has a token for the collector already
     * @throws ClusterException with one sentence if there is no way
     */
    public static CollectorAccess open(KubeContext context, Wanted wanted, boolean hasToken, Invocation invocation)
            throws ClusterException {
        ApiServer server = new ApiServer(context, Credentials.of(context, invocation));
        try {
            Optional<String> token = hasToken ? Optional.empty() : Optional.of(token(server, wanted.account()));
            CollectorService service = CollectorService.find(server, wanted.namespace(), wanted.service());
            PortForward forward = new PortForward(server, service);
            return new CollectorAccess(server, ConnectProxy.start(forward), forward, service, token);
        } catch (IOException failure) {
            server.close();
            throw new ClusterException("no loopback port can be listened on: " + failure.getMessage(), failure);
        } catch (ClusterException | RuntimeException failure) {
            server.close();
            throw failure;
        }
    }

    private static String token(ApiServer server, Optional<String> account) throws ClusterException {
        if (account.isPresent()) {
            return request(server, account.get());
        }
        KubeContext context = server.context();
        Optional<String> own = server.credentials().token();
        return own.orElseThrow(() -> new ClusterException(
                "user \"%s\" of context \"%s\" has no token, and a collector knows callers by tokens: name a service account with --service-account NAMESPACE:NAME, or a token of kubectl create token with --token-file"
                        .formatted(context.user().name(), context.name())));
    }

    /** Has a token made (TokenRequest, authentication.k8s.io/v1). */
    private static String request(ApiServer server, String account) throws ClusterException {
        var matcher = ACCOUNT.matcher(account);
        if (!matcher.matches()) {
            throw new ClusterException(
                    "expected a service account as NAMESPACE:NAME for --service-account, found \"%s\""
                            .formatted(account));
        }
        String namespace = matcher.group(1) == null ? server.context().namespace() : matcher.group(1);
        ObjectNode body = JsonNodeFactory.instance
                .objectNode()
                .put("apiVersion", "authentication.k8s.io/v1")
                .put("kind", "TokenRequest");
        body.putObject("spec").put("expirationSeconds", TOKEN_SECONDS);
        ApiServer.Answer answer = server.post(
                "/api/v1/namespaces/%s/serviceaccounts/%s/token".formatted(namespace, matcher.group(2)), body);
        String token = CollectorService.text(answer.body().path("status"), "token");
        if (!answer.isGood() || token.isEmpty()) {
            throw new ClusterException("no token is to be had for service account %s:%s: %s"
                    .formatted(namespace, matcher.group(2), answer.message()));
        }
        return token;
    }

    /** The collector's URL, by the name that its certificate has: to be asked through {@link #proxy()}. */
    public URI base() {
        return URI.create("https://%s:%d".formatted(service.host(), service.port()));
    }

    public ProxySelector proxy() {
        return proxy.selector();
    }

    /** As whom to ask, unless the caller has brought a token. */
    public Optional<String> token() {
        return token;
    }

    /** Who has certified the collector, if the cluster says so. */
    public Optional<KubeContext.Pem> ca() {
        return service.ca();
    }

    /** Why the port is not forwarded, if it is not. */
    public Optional<String> failure() {
        return Optional.ofNullable(forward.failure()).map(Throwable::getMessage);
    }

    @Override
    public void close() {
        proxy.close();
        server.close();
    }
}
