package io.kiroku.collector.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.server.annotation.Get;
import io.kiroku.collector.access.Gate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HttpEdgeTest {
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private static final Gate OPEN = Gate.open(_ -> {}, InstantSource.system());

    /** What somebody may mount. */
    public static final class Mounted {
        @Get("/hello")
        public String hello(QueryParams parameters) {
            if (parameters.contains("broken")) {
                throw new IllegalStateException("a secret of the inside");
            }
            return "hello";
        }
    }

    @Test
    void whatIsMountedIsServedAndAnErrorSaysNothingOfTheInside() throws Exception {
        try (HttpEdge edge = HttpEdge.start(
                ANY,
                new HttpConnections(System::nanoTime),
                OPEN,
                Optional.empty(),
                () -> "m 1\n",
                Optional::empty,
                new Mounted())) {
            assertThat(get(edge, "/hello").body()).isEqualTo("hello");
            assertThat(get(edge, "/metrics").body()).isEqualTo("m 1\n");
            HttpResponse<String> broken = get(edge, "/hello?broken=yes");
            assertThat(broken.statusCode()).isEqualTo(500);
            assertThat(broken.body()).doesNotContain("secret").doesNotContain("Exception");
            assertThat(broken.headers().firstValue("cache-control")).hasValue("no-store");
        }
    }

    @Test
    void troubleIsToldByTheHealthCheck() throws Exception {
        try (HttpEdge edge = HttpEdge.start(
                ANY,
                new HttpConnections(System::nanoTime),
                OPEN,
                Optional.empty(),
                () -> "",
                () -> Optional.of("the disk is full"))) {
            HttpResponse<String> health = get(edge, "/healthz");
            assertThat(health.statusCode()).isEqualTo(503);
            assertThat(health.body()).isEqualTo("the disk is full\n");
        }
    }

    /** A browser that is told that some name is this machine sends that name; it gets nothing. */
    @Test
    void aRequestForAnotherHostIsRefused() throws Exception {
        try (HttpEdge edge = HttpEdge.start(
                ANY,
                new HttpConnections(System::nanoTime),
                OPEN,
                Optional.empty(),
                () -> "m 1\n",
                Optional::empty,
                new Mounted())) {
            assertThat(rawStatus(edge, "evil.example:" + edge.port())).contains(" 421 ");
            assertThat(rawStatus(edge, "127.0.0.1.evil.example")).contains(" 421 ");
            assertThat(rawStatus(edge, "localhost:" + edge.port())).contains(" 200 ");
            assertThat(rawStatus(edge, "127.0.0.1:" + edge.port())).contains(" 200 ");
        }
    }

    /** Whoever opens more than his share, or says half a request and no more, takes nobody else's place. */
    @Test
    void oneAddressCannotTakeAllConnections() throws Exception {
        List<Socket> opened = new ArrayList<>();
        try (HttpEdge edge = HttpEdge.start(
                ANY, new HttpConnections(System::nanoTime), OPEN, Optional.empty(), () -> "m 1\n", Optional::empty)) {
            for (int i = 0; i < 1_500; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), edge.port());
                opened.add(socket);
                try {
                    socket.getOutputStream().write("GET /metrics HT".getBytes(StandardCharsets.US_ASCII));
                } catch (IOException closed) {
                    // Beyond its share.
                }
            }
            try (Socket honest =
                    new Socket(InetAddress.getLoopbackAddress(), edge.port(), InetAddress.getByName("127.0.0.2"), 0)) {
                honest.setSoTimeout(10_000);
                honest.getOutputStream()
                        .write("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
                assertThat(new String(honest.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                        .contains(" 200 ");
            }
        } finally {
            for (Socket socket : opened) {
                socket.close();
            }
        }
    }

    @Test
    void whatIsTooLongIsRefused() throws Exception {
        try (HttpEdge edge = HttpEdge.start(
                ANY, new HttpConnections(System::nanoTime), OPEN, Optional.empty(), () -> "m 1\n", Optional::empty)) {
            assertThat(rawStatus(edge, "localhost\r\nX: " + "x".repeat(30_000))).contains(" 431 ");
            assertThat(get(edge, "/metrics?" + "x".repeat(13_000)).statusCode()).isEqualTo(414);
        }
    }

    private static String rawStatus(HttpEdge edge, String host) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), edge.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write("GET /metrics HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                            .formatted(host)
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .findFirst()
                    .orElse("");
        }
    }

    private static HttpResponse<String> get(HttpEdge edge, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + edge.port() + path);
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        }
    }
}
