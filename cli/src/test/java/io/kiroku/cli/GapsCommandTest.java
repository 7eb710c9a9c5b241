package io.kiroku.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kiroku.collector.Collector;
import io.kiroku.collector.config.CollectorConfig;
import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreFiles;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.EpochSeal;
import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.chain.Ratchet;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Entry.GapCause;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kiroku gaps} over a store of one segment with three losses. */
class GapsCommandTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
    private static final String WEB = "/var/log/pods/shop_web-1_8f0c/app/0.log";

    private final Console console = new Console().at(NOW);

    @TempDir
    Path data;

    private static long nanos(Instant time) {
        return time.getEpochSecond() * 1_000_000_000L;
    }

    @BeforeEach
    void store() throws Exception {
        SecureRandom random = new SecureRandom();
        Identity identity = Identity.of(SigningKey.generate(random));
        SigningKey key = SigningKey.generate(random);
        SegmentWriter writer = new SegmentWriter(random);
        Octets stream = identity.stream();
        ChainHead begin = new ChainHead(stream, 0, 0, Octets.zero(32), Octets.zero(32));
        writer.preface(EpochSeal.vouch(
                Entry.EpochReason.FIRST, 1, identity, "node-1", 1, 1, Octets.zero(32), key.publicKey()));
        FilePath web = FilePath.of(WEB);
        writer.state(new Entry.File(1, web, web, new FileIdentity(1, 2, 3), 0, Fingerprint.NONE));
        writer.state(new Entry.Gap(1, 0, 2048, GapCause.READ_ERROR, nanos(NOW.minusSeconds(3600)), "read: I/O error"));
        writer.state(new Entry.Gap(1, 2048, Entry.UNKNOWN, GapCause.TRUNCATED, nanos(NOW), "cut"));
        writer.state(
                new Entry.Gap(Entry.NO_FILE, 0, Entry.UNKNOWN, GapCause.VANISHED, nanos(NOW), "/a/b.log: it was gone"));
        Segment segment = Segment.of(
                new Ratchet(begin, key, Octets.zero(16), random).seal(writer, 1, new Timestamp(nanos(NOW), 0), true));
        try (Store store = Store.open(StoreFiles.of(data), InstantSource.system(), System::nanoTime)) {
            store.append(segment);
            store.sync();
        }
    }

    private Console.Result run(String... more) {
        String[] arguments = new String[3 + more.length];
        arguments[0] = "gaps";
        arguments[1] = "--data";
        arguments[2] = data.toString();
        System.arraycopy(more, 0, arguments, 3, more.length);
        return console.run(arguments);
    }

    @Test
    void lossesAreATableWithATotal() {
        Console.Result result = run();
        assertThat(result.status()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).isEqualTo("""
            NOTICED               NODE    SOURCE                LOST  BYTES   CAUSE       WHY
            2026-03-01T09:00:00Z  node-1  shop/web-1 app/0  2.00 KiB  0-2047  READ_ERROR  read: I/O error
            2026-03-01T10:00:00Z  node-1  /a/b.log           unknown  0-      VANISHED    it was gone
            2026-03-01T10:00:00Z  node-1  shop/web-1 app/0   unknown  2048-   TRUNCATED   cut

            3 gaps: 2.00 KiB, and 2 of unknown length
            """);
    }

    @Test
    void lossesAreJson() throws Exception {
        JsonNode json = new ObjectMapper().readTree(run("--json").bytes());
        assertThat(json.path("gaps")).hasSize(3);
        assertThat(json.path("gaps").path(0).path("bytes").asLong()).isEqualTo(2048);
        assertThat(json.path("gaps").path(2).path("bytes").isNull()).isTrue();
        assertThat(json.path("total")).hasToString("{\"count\":3,\"bytes\":2048,\"unknown\":2}");
    }

    @Test
    void lossesAreChosen() {
        assertThat(run("--since", "10m").out()).contains("2 gaps: 0 B, and 2 of unknown length");
        assertThat(run("-n", "shop", "web-1").out()).contains("2 gaps: 2.00 KiB, and 1 of unknown length");
        assertThat(run("--path", "/a/*").out()).contains("it was gone", "1 gap: 0 B, and 1 of unknown length");
        Console.Result none = run("web-1");
        assertThat(none.status()).isZero();
        assertThat(none.out()).isEmpty();
        assertThat(none.err()).isEqualTo("No loss is declared.\n");
        assertThat(run("--since", "soon").status()).isEqualTo(2);
    }

    @Test
    void aCollectorIsAskedForThemToo() throws Exception {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (Collector collector = Collector.start(new CollectorConfig(data, anyPort, anyPort))) {
            String url = "http://127.0.0.1:" + collector.httpPort();
            assertThat(console.run("gaps", "--collector", url).out()).isEqualTo(run().out());
            assertThat(console.run("gaps", "--collector", url, "-n", "shop", "web-1")
                            .out())
                    .isEqualTo(run("-n", "shop", "web-1").out());
        }
    }
}
