package io.kiroku.agent.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** Serves metrics to whoever asks on loopback: {@code GET /metrics}, in the Prometheus text format 0.0.4. */
public final class MetricsServer implements AutoCloseable {
    private final HttpServer server;

    private MetricsServer(HttpServer server) {
        this.server = server;
    }

    /** Listens there; on any free port if the port is 0. */
    public static MetricsServer start(InetSocketAddress address, Collector metrics) throws IOException {
        CollectorRegistry registry = new CollectorRegistry();
        registry.register(metrics);
        HttpServer server;
        try {
            server = HttpServer.create(address, 16);
        } catch (IOException taken) {
            throw new IOException("metrics cannot be served on %s: %s".formatted(address, taken.getMessage()), taken);
        }
        server.createContext("/metrics", exchange -> answer(exchange, registry));
        server.start();
        return new MetricsServer(server);
    }

    public int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, CollectorRegistry registry) throws IOException {
        try (exchange) {
            if (!exchange.getRequestMethod().equals("GET")) {
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            StringWriter text = new StringWriter();
            TextFormat.write004(text, registry.metricFamilySamples());
            byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", TextFormat.CONTENT_TYPE_004);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
