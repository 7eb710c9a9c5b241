package io.kiroku.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.collector.config.CollectorConfig;
import io.kiroku.collector.store.CatalogueEntry;
import io.kiroku.collector.store.OwnNode;
import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.collector.store.StoreVerification;
import io.kiroku.collector.trust.LogAgreement;
import io.kiroku.evidence.trust.RevocationCheck;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.Frame.RefusalCode;
import io.kiroku.evidence.wire.FrameCodec;
import io.kiroku.evidence.wire.Receipts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CollectorTest {
    private final PretendAgent agent = new PretendAgent("node-1");

    @TempDir
    Path data;

    private CollectorConfig config() {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return new CollectorConfig(data, anyPort, anyPort);
    }

    private void assertVerified(long segments) throws IOException {
        var report = StoreVerification.verify(data, RevocationCheck.none(), LogAgreement.of(data), (done, total) -> {});
        assertThat(report.holds()).isTrue();
        List<CatalogueEntry> stored = new ArrayList<>();
        try (StoreReader store = StoreReader.open(data)) {
            store.scan(Position.START, stored::add);
        }
        stored.removeIf(entry -> OwnNode.states(entry.entries()));
        assertThat(stored).as("what agents sent").hasSize((int) segments);
    }

    @Test
    void anAgentGetsSignedReceiptsAndGoesOnAfterARestart() throws Exception {
        Frame.Welcome before;
        try (Collector collector = Collector.start(config());
                AgentConnection connection = AgentConnection.greet(collector.port(), agent)) {
            before = connection.receive(Frame.Welcome.class);
            assertThat(before.head()).isNull();
            for (int i = 1; i <= 20; i++) {
                connection.send(agent.seal("line " + i + "\n"));
            }
            Frame.Receipt receipt = connection.receiptFor(20);
            assertThat(receipt.hash()).isEqualTo(agent.head().hash());
            assertThat(Receipts.holds(receipt, before.collector())).isTrue();
            assertThat(collector.status().segments())
                    .as("and the record of its start")
                    .isEqualTo(21);
            assertThat(collector.status().streamsConnected()).isEqualTo(1);
            assertVerified(20);
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("collector.key"))))
                .isEqualTo("rw-------");
        assertThat(Files.readString(data.resolve("collector.pub"))).isEqualTo(before.collector() + "\n");
        try (Collector collector = Collector.start(config());
                AgentConnection connection = AgentConnection.greet(collector.port(), agent)) {
            Frame.Welcome after = connection.receive(Frame.Welcome.class);
            assertThat(after.collector()).isEqualTo(before.collector());
            assertThat(after.head()).isEqualTo(agent.end());
            connection.send(agent.seal("more\n"));
            connection.receiptFor(21);
        }
        assertVerified(21);
    }

    @Test
    void whatIsSentAgainIsAcknowledgedAgainAlsoAfterARestart() throws Exception {
        ByteBuffer one = agent.seal("one\n");
        PretendAgent twin = agent.twin();
        ByteBuffer two = agent.seal("two\n");
        ByteBuffer three = agent.seal("three\n");
        try (Collector collector = Collector.start(config());
                AgentConnection connection = AgentConnection.greet(collector.port(), agent)) {
            connection.receive(Frame.Welcome.class);
            connection.send(one);
            connection.send(two);
            connection.send(one);
            connection.send(three);
            connection.receiptFor(3);
            connection.send(two);
            assertThat(connection.receiptFor(3).hash()).isEqualTo(agent.head().hash());
        }
        try (Collector collector = Collector.start(config())) {
            try (AgentConnection connection = AgentConnection.greet(collector.port(), agent)) {
                connection.receive(Frame.Welcome.class);
                connection.send(one);
                connection.send(two);
                connection.receiptFor(3);
                connection.receiptFor(3);
                connection.send(agent.seal("four\n"));
                connection.receiptFor(4);
            }
            try (AgentConnection connection = AgentConnection.greet(collector.port(), twin)) {
                connection.receive(Frame.Welcome.class);
                connection.send(twin.seal("another two\n"));
                assertThat(connection.receive(Frame.Refusal.class).code()).isEqualTo(RefusalCode.FORKED);
            }
        }
        assertVerified(4);
    }

    @Test
    void aForkIsKeptAsideAndOtherStreamsGoOn() throws Exception {
        PretendAgent honest = new PretendAgent("node-2");
        try (Collector collector = Collector.start(config());
                AgentConnection other = AgentConnection.greet(collector.port(), honest)) {
            other.receive(Frame.Welcome.class);
            try (AgentConnection connection = AgentConnection.greet(collector.port(), agent)) {
                connection.receive(Frame.Welcome.class);
                connection.send(agent.seal("one\n"));
                PretendAgent twin = agent.twin();
                connection.send(agent.seal("two\n"));
                connection.receiptFor(2);
                other.send(honest.seal("eins\n"));
                connection.send(twin.seal("another two\n"));
                Frame.Refusal refusal = connection.receive(Frame.Refusal.class);
                assertThat(refusal.code()).isEqualTo(RefusalCode.FORKED);
                assertThat(refusal.sequence()).isEqualTo(2);
                assertThat(connection.isAtEnd()).isTrue();
            }
            other.send(honest.seal("zwei\n"));
            other.receiptFor(2);
        }
        try (Stream<Path> aside = Files.list(data.resolve("aside"))) {
            assertThat(aside).hasSize(2);
        }
        assertVerified(4);
    }

    @Test
    void garbageIsToldOffInASentence() throws Exception {
        try (Collector collector = Collector.start(config())) {
            for (String garbage : new String[] {"GET / HTTP/1.1\r\n\r\n", "\0\0\0\0", "\0\0\0\5KIROK", "\0\0\2\1"}) {
                try (AgentConnection connection = new AgentConnection(collector.port())) {
                    connection.sendBytes(ByteBuffer.wrap(garbage.getBytes(StandardCharsets.ISO_8859_1)));
                    Frame.Refusal refusal = connection.receive(Frame.Refusal.class);
                    assertThat(refusal.code()).isEqualTo(RefusalCode.PROTOCOL);
                    assertThat(refusal.sentence()).contains("expected").contains("found");
                    assertThat(connection.isAtEnd()).isTrue();
                }
            }
            assertThat(collector.status().refusals()).isEqualTo(4);
            // A refused connection is drained until the other side closes it, which is noticed a moment later.
            for (int i = 0; i < 100 && collector.status().unstoredBytes() > 0; i++) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
            assertThat(collector.status().unstoredBytes()).isZero();
        }
    }

    @Test
    void aFrameThatIsTooLongIsRefusedBeforeItsBytesCome() throws Exception {
        try (Collector collector = Collector.start(config());
                AgentConnection connection = AgentConnection.greet(collector.port(), agent)) {
            connection.receive(Frame.Welcome.class);
            connection.sendBytes(ByteBuffer.allocate(4)
                    .putInt(FrameCodec.MOST_FROM_AGENT + 1)
                    .flip());
            Frame.Refusal refusal = connection.receive(Frame.Refusal.class);
            assertThat(refusal.code()).isEqualTo(RefusalCode.PROTOCOL);
            assertThat(refusal.sentence()).contains(String.valueOf(FrameCodec.MOST_FROM_AGENT));
            assertThat(connection.isAtEnd()).isTrue();
        }
    }

    @Test
    void aRefusalArrivesThoughTheAgentIsStillSending() throws Exception {
        try (Collector collector = Collector.start(config());
                AgentConnection connection = AgentConnection.greet(collector.port(), agent)) {
            connection.receive(Frame.Welcome.class);
            agent.seal("never sent\n");
            for (int i = 0; i < 200; i++) {
                connection.send(agent.seal("line " + i + "\n"));
            }
            assertThat(connection.receive(Frame.Refusal.class).code()).isEqualTo(RefusalCode.AHEAD);
            assertThat(connection.isAtEnd()).isTrue();
        }
    }

    @Test
    void framesMayComeInAnyPieces() throws Exception {
        try (Collector collector = Collector.start(config());
                AgentConnection connection = new AgentConnection(collector.port())) {
            ByteBuffer hello = FrameCodec.encode(agent.hello());
            ByteBuffer one = FrameCodec.encode(new Frame.SegmentFrame(agent.seal("one\n")));
            ByteBuffer two = FrameCodec.encode(new Frame.SegmentFrame(agent.seal("two\n")));
            ByteBuffer all = ByteBuffer.allocate(hello.remaining() + one.remaining() + two.remaining());
            all.put(hello).put(one).put(two).flip();
            while (all.hasRemaining()) {
                int piece = Math.min(all.remaining(), 1 + all.position() % 13);
                connection.sendBytes(all.slice(all.position(), piece));
                all.position(all.position() + piece);
            }
            connection.receive(Frame.Welcome.class);
            connection.receiptFor(2);
        }
    }

    @Test
    void theNewerConnectionOfAStreamTakesOver() throws Exception {
        try (Collector collector = Collector.start(config());
                AgentConnection older = AgentConnection.greet(collector.port(), agent)) {
            older.receive(Frame.Welcome.class);
            older.send(agent.seal("one\n"));
            older.receiptFor(1);
            try (AgentConnection newer = AgentConnection.greet(collector.port(), agent)) {
                assertThat(newer.receive(Frame.Welcome.class).head()).isEqualTo(agent.end());
                assertThat(older.isAtEnd()).isTrue();
                newer.send(agent.seal("two\n"));
                newer.receiptFor(2);
            }
        }
        assertVerified(2);
    }

    @Test
    void aDirectoryOrAPortThatIsTakenIsSaidInASentence() throws Exception {
        try (Collector collector = Collector.start(config())) {
            assertThatThrownBy(() -> Collector.start(config()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("for this process alone");
            assertThat(collector.port()).isPositive();
        }
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), taken.getLocalPort());
            CollectorConfig config = config();
            assertThatThrownBy(() -> Collector.start(new CollectorConfig(data, address, config.http())))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("expected to listen on");
            assertThatThrownBy(() -> Collector.start(new CollectorConfig(data, config.listen(), address)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("expected to listen on");
        }
        InetSocketAddress listen;
        InetSocketAddress http;
        try (Collector collector = Collector.start(config())) {
            listen = new InetSocketAddress(InetAddress.getLoopbackAddress(), collector.port());
            http = new InetSocketAddress(InetAddress.getLoopbackAddress(), collector.httpPort());
        }
        Collector.start(new CollectorConfig(data, listen, http)).close();
    }

    @Test
    void healthAndMetricsAreServedAndNothingOfTheInside() throws Exception {
        try (Collector collector = Collector.start(config());
                HttpClient client = HttpClient.newHttpClient();
                AgentConnection connection = AgentConnection.greet(collector.port(), agent)) {
            connection.receive(Frame.Welcome.class);
            connection.send(agent.seal("one\n"));
            connection.receiptFor(1);
            HttpResponse<String> health = get(client, collector, "/healthz");
            assertThat(health.statusCode()).isEqualTo(200);
            assertThat(health.body()).isEqualTo("ok\n");
            HttpResponse<String> metrics = get(client, collector, "/metrics");
            assertThat(metrics.headers().firstValue("content-type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
            assertThat(metrics.headers().firstValue("x-content-type-options")).hasValue("nosniff");
            assertThat(metrics.headers().firstValue("cache-control")).hasValue("no-store");
            assertThat(metrics.headers().firstValue("server")).isEmpty();
            assertThat(metrics.body())
                    .as("with the record of its start")
                    .contains("kiroku_collector_segments 2.0")
                    .contains("kiroku_collector_raw_bytes ")
                    .contains("kiroku_collector_streams_connected 1.0")
                    .contains("kiroku_collector_receipts_total 1.0")
                    .contains("kiroku_collector_refusals_total{code=\"forked\",} 0.0")
                    .contains("kiroku_collector_sync_seconds_count 2.0")
                    .contains("kiroku_collector_sync_seconds_bucket{le=\"+Inf\",} 2.0")
                    .contains("kiroku_collector_free_bytes");
            HttpResponse<String> sources = get(client, collector, "/api/v1/sources");
            assertThat(sources.statusCode()).isEqualTo(200);
            assertThat(sources.body()).contains("/var/log/pods/shop_web-0_7f3c/web/0.log");
            HttpResponse<String> nowhere = get(client, collector, "/nowhere");
            assertThat(nowhere.statusCode()).isEqualTo(404);
            assertThat(nowhere.body()).doesNotContain("Exception").doesNotContain("at io.");
            assertThat(nowhere.headers().firstValue("x-content-type-options")).hasValue("nosniff");
        }
    }

    private static HttpResponse<String> get(HttpClient client, Collector collector, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + collector.httpPort() + path);
        return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}
