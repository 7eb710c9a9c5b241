package io.kiroku.systemtests.chart;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** As much of a cluster's API server as Helm asks while it renders: which Secrets are there. */
final class PretendCluster implements AutoCloseable {
    private static final String SECRETS = "/api/v1/namespaces/" + Chart.NAMESPACE + "/secrets/";

    private static final String RESOURCES = """
        {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "v1",
         "resources": [{"name": "secrets", "kind": "Secret", "namespaced": true, "verbs": ["get"]}]}
        """;

    private static final String NOT_FOUND = """
        {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}
        """;

    private final HttpServer server;
    private final Map<String, String> secrets = new HashMap<>();

    /** Starts it, and has the kubeconfig that the build names point to it. */
    PretendCluster() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        String kubeconfig = System.getenv("KUBECONFIG");
        if (kubeconfig == null) {
            throw new IllegalStateException("expected KUBECONFIG to name a file that may be written, found it unset");
        }
        Files.writeString(Path.of(kubeconfig), """
            apiVersion: v1
            kind: Config
            clusters: [{name: pretend, cluster: {server: "http://127.0.0.1:%d"}}]
            users: [{name: pretend, user: {}}]
            contexts: [{name: pretend, context: {cluster: pretend, user: pretend}}]
            current-context: pretend
            """.formatted(server.getAddress().getPort()));
    }

    /** From now on there is that Secret. */
    void put(String name, String json) {
        secrets.put(name, json);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String found = path.equals("/api/v1")
                ? RESOURCES
                : path.startsWith(SECRETS) ? secrets.get(path.substring(SECRETS.length())) : null;
        byte[] body = (found == null ? NOT_FOUND : found).getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(found == null ? 404 : 200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
