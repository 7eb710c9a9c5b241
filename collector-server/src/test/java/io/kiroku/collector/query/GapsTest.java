package io.kiroku.collector.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Entry.GapCause;
import io.kiroku.evidence.record.FilePath;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GapsTest {
    private static final Instant START = Scribe.START;
    private static final String WEB = "/l/pods/shop_web_u1/app/0.log";

    @TempDir
    Path data;

    private List<LostBytes> list(GapRequest request) throws IOException {
        Gaps gaps = new Gaps();
        try (StoreReader reader = StoreReader.open(data)) {
            reader.scan(Position.START, gaps::add);
        }
        return gaps.list(request);
    }

    private List<LostBytes> list() throws IOException {
        return list(GapRequest.ALL);
    }

    private static GapRequest request(String... parameters) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < parameters.length; i += 2) {
            map.put(parameters[i], parameters[i + 1]);
        }
        return GapRequest.read(map, START);
    }

    @Test
    void eachLossIsListedWithWhatIsKnownOfIt() throws IOException {
        try (Store store = Scribe.open(data)) {
            Scribe node = new Scribe(store, "node-1");
            node.file(1, WEB).log(1, "12345").gap(1, 100, GapCause.TRUNCATED).seal();
            node.at(START.plusSeconds(9)).file(2, "/a").lost(2).seal();
            assertThat(list())
                    .containsExactly(
                            new LostBytes(
                                    START,
                                    "node-1",
                                    node.stream(),
                                    1,
                                    FilePath.of(WEB),
                                    5,
                                    105,
                                    "TRUNCATED",
                                    "in a test"),
                            new LostBytes(
                                    START.plusSeconds(9),
                                    "node-1",
                                    node.stream(),
                                    2,
                                    FilePath.of("/a"),
                                    0,
                                    Entry.UNKNOWN,
                                    "VANISHED",
                                    ""));
        }
    }

    @Test
    void segmentsThatWereLostAreListedOnceByTheirBytes() throws IOException {
        try (Store store = Scribe.open(data)) {
            Scribe node = new Scribe(store, "n");
            node.file(1, WEB).log(1, "12345").seal();
            node.log(1, "67890").sealInVain();
            node.restate(1).lostSegments(2, 2, 1, WEB, 5, 10, false).seal();
            node.lostSegments(2, 2, 1, WEB, 5, 10, false).seal();
        }
        assertThat(list()).singleElement().satisfies(loss -> {
            assertThat(loss.cause()).isEqualTo("RING_OVERRUN");
            assertThat(loss.length()).isEqualTo(5);
            assertThat(loss.segment()).isEqualTo(3);
            assertThat(loss.why()).isEqualTo("segment 2 was overwritten in the ring before a receipt came");
        });
    }

    @Test
    void aLostRingIsListedForEachFileThatItCutOff() throws IOException {
        try (Store store = Scribe.open(data)) {
            Scribe node = new Scribe(store, "n");
            node.file(1, WEB).log(1, "12345").file(2, "/b").seal();
            node.vouch(Entry.EpochReason.RING_LOST).seal();
        }
        assertThat(list()).extracting(LostBytes::path).containsExactlyInAnyOrder(FilePath.of(WEB), FilePath.of("/b"));
        assertThat(list()).allMatch(loss -> loss.cause().equals("RING_LOST") && loss.to() == Entry.UNKNOWN);
    }

    /** The agent never followed it: its path is in the words of the gap only. */
    @Test
    void aFileThatCouldNotBeOpenedIsListedByThePathThatTheAgentNames() throws IOException {
        try (Store store = Scribe.open(data)) {
            Scribe node = new Scribe(store, "n");
            node.node(GapCause.VANISHED, WEB + ": it came and went before it could be looked at");
            node.node(GapCause.BUDGET, "without a path: but with a colon").seal();
        }
        assertThat(list()).extracting(LostBytes::path).containsExactlyInAnyOrder(FilePath.of(WEB), null);
        assertThat(list())
                .extracting(LostBytes::why)
                .containsExactlyInAnyOrder(
                        "it came and went before it could be looked at", "without a path: but with a colon");
        assertThat(list(request("pod", "web"))).hasSize(1);
    }

    @Test
    void aNodeThatBeganAnotherStreamHasAnEndThatNobodyKnows() throws IOException {
        try (Store store = Scribe.open(data)) {
            Scribe first = new Scribe(store, "n");
            first.file(1, WEB).log(1, "x").seal();
            new Scribe(store, "other").seal();
            Scribe second = new Scribe(store, "n");
            second.seal();
            assertThat(list()).singleElement().satisfies(loss -> {
                assertThat(loss.cause()).isEqualTo(LostBytes.ANOTHER_STREAM);
                assertThat(loss.stream()).isEqualTo(first.stream());
                assertThat(loss.why())
                        .startsWith("stream %s ended with segment 1, the node has stream %s now"
                                .formatted(
                                        first.stream().brief(), second.stream().brief()));
            });
        }
    }

    @Test
    void lossesAreChosenByTimePathAndPod() throws IOException {
        try (Store store = Scribe.open(data)) {
            Scribe node = new Scribe(store, "n");
            node.file(1, WEB).file(2, "/a/b.log").file(3, "/l/pods/shop_db_u2/db/0.log");
            node.at(START.minusSeconds(60)).gap(1, 1, GapCause.TRUNCATED);
            node.at(START)
                    .gap(1, 2, GapCause.TRUNCATED)
                    .gap(2, 4, GapCause.TRUNCATED)
                    .gap(3, 8, GapCause.TRUNCATED);
            node.node(GapCause.BUDGET, "many").seal();
        }
        assertThat(bytes(GapRequest.ALL)).isEqualTo(15);
        assertThat(list(request("since", "10s"))).hasSize(4);
        assertThat(bytes(request("since", "10s"))).isEqualTo(14);
        assertThat(bytes(request("path", "*.log"))).isEqualTo(15);
        assertThat(bytes(request("path", "/a/*"))).isEqualTo(4);
        assertThat(bytes(request("namespace", "shop"))).isEqualTo(11);
        assertThat(bytes(request("namespace", "shop", "pod", "db"))).isEqualTo(8);
        assertThat(list(request("namespace", "other", "pod", "db"))).isEmpty();
    }

    private long bytes(GapRequest request) throws IOException {
        return GapsJson.total(list(request)).bytes();
    }

    @Test
    void aRequestIsUnderstoodAsItWasWritten() {
        GapRequest all = new GapRequest(
                Optional.of(START), Optional.of(PathGlob.parse("/a b/*")), Optional.of("ns"), Optional.of("p&q"));
        Map<String, String> parameters = new HashMap<>();
        for (String parameter : all.write().split("&", -1)) {
            String[] parts = parameter.split("=", -1);
            parameters.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        assertThat(GapRequest.read(parameters, START).write()).isEqualTo(all.write());
        assertThat(GapRequest.ALL.write()).isEmpty();
        assertThatThrownBy(() -> request("tail", "3"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no parameter is called \"tail\"");
        assertThatThrownBy(() -> request("since", "soon")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theListIsReadAsItWasWritten() throws IOException {
        try (Store store = Scribe.open(data)) {
            Scribe node = new Scribe(store, "n");
            node.file(1, WEB).gap(1, 7, GapCause.READ_ERROR).lost(1);
            node.node(GapCause.BUDGET, "many").seal();
        }
        List<LostBytes> losses = list();
        assertThat(losses).hasSize(3);
        assertThat(GapsJson.read(GapsJson.write(losses).toString().getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(losses);
        assertThat(GapsJson.write(losses).path("total")).hasToString("{\"count\":3,\"bytes\":7,\"unknown\":2}");
        assertThatThrownBy(() -> GapsJson.read("{}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IOException.class);
    }
}
