package io.kiroku.cli.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kiroku.tls.TlsFailure;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.net.http.WebSocket;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** A cluster's API server, asked as a user. Each question has {@link #PATIENCE}, and its answer {@link #MOST_ANSWER} bytes at most. */
final class ApiServer implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(20);
    static final int MOST_ANSWER = 64 << 20;

    private static final Duration TO_CONNECT = Duration.ofSeconds(10);

    /**
     * An answer.
     *
     * @param body an empty object if it is no JSON
     */
    record Answer(int status, JsonNode body) {
        boolean isGood() {
            return status >= 200 && status < 300;
        }

        /** What the API server says of it. */
        String message() {
            String message = body.path("message").textValue();
            return message == null ? "status " + status : message;
        }
    }

    private final KubeContext context;
    private final Credentials credentials;
    private final URI server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client;
    private final @Nullable ConnectProxy byName;

    ApiServer(KubeContext context, Credentials credentials) throws ClusterException {
        this.context = context;
        this.credentials = credentials;
        KubeContext.Cluster cluster = context.cluster();
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .executor(threads)
                .connectTimeout(TO_CONNECT)
                .sslContext(ClientTls.context(cluster, credentials));
        if (cluster.serverName().isPresent() && cluster.proxy().isPresent()) {
            throw new ClusterException(
                    "tls-server-name and proxy-url of one cluster in the kubeconfig are not understood together");
        }
        if (cluster.serverName().isPresent()) {
            this.byName = proxy(cluster.server());
            this.server = named(cluster.server(), cluster.serverName().get());
            builder.proxy(byName.selector());
        } else {
            this.byName = null;
            this.server = cluster.server();
            builder.proxy(cluster.proxy()
                    .map(proxy -> ProxySelector.of(
                            new InetSocketAddress(proxy.getHost(), proxy.getPort() < 0 ? 80 : proxy.getPort())))
                    .orElse(HttpClient.Builder.NO_PROXY));
        }
        this.client = builder.build();
    }

    private static URI named(URI server, String name) throws ClusterException {
        try {
            return new URI(server.getScheme(), null, name, server.getPort(), server.getPath(), null, null);
        } catch (URISyntaxException noName) {
            throw new ClusterException(
                    "expected a name for tls-server-name in the kubeconfig, found \"%s\"".formatted(name), noName);
        }
    }

    private static ConnectProxy proxy(URI server) throws ClusterException {
        int port = server.getPort() < 0 ? 443 : server.getPort();
        try {
            return ConnectProxy.start((client, in, open) -> {
                try (Socket there = new Socket()) {
                    there.connect(new InetSocketAddress(server.getHost(), port), (int) TO_CONNECT.toMillis());
                    open.run();
                    Thread back = Thread.ofVirtual().start(() -> copy(there, client));
                    in.transferTo(there.getOutputStream());
                    there.shutdownOutput();
                    back.join();
                }
            });
        } catch (IOException failure) {
            throw new ClusterException("no loopback port can be listened on: " + failure.getMessage(), failure);
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.close();
        } catch (IOException ended) {
            // Whoever reads sees the end.
        }
    }

    Answer get(String path) throws ClusterException {
        return ask(HttpRequest.newBuilder(URI.create(server + path)).GET());
    }

    Answer post(String path, JsonNode body) throws ClusterException {
        return ask(HttpRequest.newBuilder(URI.create(server + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString())));
    }

    private Answer ask(HttpRequest.Builder builder) throws ClusterException {
        builder.timeout(PATIENCE).header("Accept", "application/json");
        credentials.token().ifPresent(token -> builder.header("Authorization", "Bearer " + token));
        try {
            HttpResponse<InputStream> response =
                    client.send(builder.build(), HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream in = response.body()) {
                byte[] body = in.readNBytes(MOST_ANSWER + 1);
                if (response.statusCode() == 401) {
                    throw refused();
                }
                if (body.length > MOST_ANSWER) {
                    throw new IOException("its answer is longer than %d bytes".formatted(MOST_ANSWER));
                }
                return new Answer(response.statusCode(), json(body));
            }
        } catch (IOException | UnresolvedAddressException failure) {
            throw away(failure);
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
            throw new ClusterException("interrupted", end);
        }
    }

    private static JsonNode json(byte[] body) {
        ObjectMapper mapper = new ObjectMapper();
        try {
            JsonNode json = mapper.readTree(body);
            return json.isObject() ? json : mapper.createObjectNode();
        } catch (IOException noJson) {
            // Something else answers there: its status is all there is to say.
            return mapper.createObjectNode();
        }
    }

    /** Opens a WebSocket; what fails is in the future. */
    CompletableFuture<WebSocket> open(String path, String protocol, WebSocket.Listener listener) {
        WebSocket.Builder builder =
                client.newWebSocketBuilder().connectTimeout(TO_CONNECT).subprotocols(protocol);
        credentials.token().ifPresent(token -> builder.header("Authorization", "Bearer " + token));
        // ws for http, wss for https.
        URI url = URI.create("ws" + server.toString().substring("http".length()) + path);
        return builder.buildAsync(url, listener).orTimeout(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** The credentials are not good. */
    ClusterException refused() {
        return new ClusterException(
                "the API server %s does not know user \"%s\" of context \"%s\": the token or certificate has expired or is not its own; log in again"
                        .formatted(context.cluster().server(), context.user().name(), context.name()));
    }

    /** The API server cannot be reached, or not believed. */
    ClusterException away(Throwable failure) {
        String why = switch (failure) {
            case HttpConnectTimeoutException _ -> "nothing is heard of it";
            case HttpTimeoutException _ -> "nothing is heard of it";
            case UnresolvedAddressException _ -> "its name is not known";
            case ConnectException refused
            when refused.getCause() instanceof UnresolvedAddressException -> "its name is not known";
            case ConnectException _ -> "the connection was refused";
            case SSLException tls -> TlsFailure.sentence(tls);
            default -> failure.getMessage() == null ? failure.toString() : failure.getMessage();
        };
        return new ClusterException(
                "the API server %s of context \"%s\" does not answer: %s"
                        .formatted(context.cluster().server(), context.name(), why),
                failure);
    }

    KubeContext context() {
        return context;
    }

    Credentials credentials() {
        return credentials;
    }

    @Override
    public void close() {
        client.shutdownNow();
        threads.shutdownNow();
        if (byName != null) {
            byName.close();
        }
    }
}
