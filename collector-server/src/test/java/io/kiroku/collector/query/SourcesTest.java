package io.kiroku.collector.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.NodeClock;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourcesTest {
    private static final Instant START = Scribe.START;

    @TempDir
    Path data;

    private List<Source> list(Instant now) throws IOException {
        Sources sources = new Sources();
        try (StoreReader reader = StoreReader.open(data)) {
            reader.scan(Position.START, sources::add);
        }
        return sources.list(now);
    }

    @Test
    void tellsOfEachSourceWhatIsKnown() throws IOException {
        try (Store store = Scribe.open(data)) {
            Scribe node = new Scribe(store, "node-1");
            node.file(1, "/l/pods/ns_web_u/app/0.log")
                    .log(1, "12345")
                    .file(2, "/l/a.log")
                    .log(2, "1")
                    .seal();
            node.at(START.plusSeconds(5)).gap(1, 100, Entry.GapCause.TRUNCATED).log(1, "678");
            node.file(3, "/l/pods/ns_web_u/app/0.log")
                    .log(3, "9")
                    .end(1)
                    .lost(2)
                    .seal();
            node.at(START.plusSeconds(9)).seal();
        }
        List<Source> sources = list(START.plusSeconds(10));
        assertThat(sources).hasSize(2);
        Source plain = sources.getFirst();
        assertThat(plain.path()).hasToString("/l/a.log");
        assertThat(plain.pod()).isNull();
        assertThat(plain.state()).isEqualTo(Source.State.LOST);
        assertThat(plain.gaps()).isEqualTo(new Source.Gaps(1, 0, 1));
        Source pod = sources.getLast();
        assertThat(pod.node()).isEqualTo("node-1");
        assertThat(pod.pod()).isEqualTo(new PodLogPath("ns", "web", "u", "app", 0));
        assertThat(pod.bytes()).isEqualTo(9);
        assertThat(pod.files()).isEqualTo(2);
        assertThat(pod.gaps()).isEqualTo(new Source.Gaps(1, 100, 0));
        assertThat(pod.first()).isEqualTo(START);
        assertThat(pod.last()).isEqualTo(START.plusSeconds(5));
        assertThat(pod.state()).isEqualTo(Source.State.FOLLOWING);
    }

    @Test
    void aSilentStreamIsStaleAndWhatHasEndedHasEnded() throws IOException {
        try (Store store = Scribe.open(data)) {
            new Scribe(store, "n")
                    .file(1, "/a")
                    .log(1, "x")
                    .file(2, "/b")
                    .log(2, "x")
                    .end(2)
                    .seal();
        }
        assertThat(list(START.plus(Sources.SILENT)))
                .extracting(Source::state)
                .containsExactly(Source.State.FOLLOWING, Source.State.ENDED);
        assertThat(list(START.plus(Sources.SILENT).plusNanos(1)))
                .extracting(Source::state)
                .containsExactly(Source.State.STALE, Source.State.ENDED);
    }

    @Test
    void anEmptyStoreHasNoSources() throws IOException {
        assertThat(list(START)).isEmpty();
    }

    @Test
    void jsonGivesBackWhatWentIn() throws IOException {
        byte[] strange = {'/', (byte) 0xff, '\n', '\\'};
        try (Store store = Scribe.open(data)) {
            Scribe node = new Scribe(store, "n");
            node.file(1, "/l/pods/ns_web_u/app/7.log")
                    .log(1, "x")
                    .gap(1, 5, Entry.GapCause.BUDGET)
                    .seal();
            node.file(2, "/ä\\b").log(2, "x").seal();
        }
        List<Source> sources = list(START);
        Source odd = sources.getFirst();
        NodeClock clock = new NodeClock();
        clock.add(
                3,
                List.of(
                        new Entry.Clock(90_000_000_001L, 4_000_000, 17, Octets.zero(32)),
                        new Entry.Event(Entry.EventKind.CLOCK_STEPPED, Entry.NO_FILE, 18, "by 90000 ms"),
                        new Entry.Clock(-5, 4_000_000, 19, Octets.zero(32))));
        NodeClock.Standing known = clock.standing();
        Source bytes = new Source(
                odd.node(),
                odd.stream(),
                FilePath.of(strange),
                null,
                1,
                1,
                odd.gaps(),
                odd.first(),
                odd.last(),
                Source.State.STALE,
                known);
        List<Source> all = List.of(sources.getFirst(), sources.getLast(), bytes);
        String json = SourcesJson.write(all).toPrettyString();
        assertThat(SourcesJson.read(json.getBytes(StandardCharsets.UTF_8))).isEqualTo(all);
        assertThat(json).contains("\"first\" : \"2026-03-01T10:00:00Z\"", "\"state\" : \"stale\"", "\"restart\" : 7");
    }

    @Test
    void otherJsonIsRefused() {
        for (String json : List.of("{\"sources\":[{}]}", "{\"sources\":[{\"path\":\"\"}]}", "[")) {
            assertThatThrownBy(() -> SourcesJson.read(json.getBytes(StandardCharsets.UTF_8)))
                    .as(json)
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void whatWasLostWithSegmentsCountsOnce() throws IOException {
        try (Store store = Scribe.open(data)) {
            Scribe node = new Scribe(store, "n");
            node.file(1, "/a").log(1, "12345").seal();
            node.log(1, "lost.").sealInVain();
            node.file(2, "/b").log(2, "gone").end(2).sealInVain();
            node.restate(1).log(1, "x").seal();
            node.lostSegments(2, 2, 1, "/a", 5, 10, false).seal();
            node.lostSegments(2, 3, 1, "/a", 5, 10, false)
                    .lostSegments(2, 3, 2, "/b", 0, 4, true)
                    .seal();
            node.lostSegments(2, 3, 1, "/a", 5, 10, false)
                    .lostSegments(2, 3, 2, "/b", 0, 4, true)
                    .seal();
        }
        List<Source> sources = list(START);
        assertThat(sources).extracting(Source::path).containsExactly(FilePath.of("/a"), FilePath.of("/b"));
        assertThat(sources)
                .extracting(Source::gaps)
                .containsExactly(new Source.Gaps(1, 5, 0), new Source.Gaps(1, 4, 0));
        assertThat(sources).extracting(Source::state).containsExactly(Source.State.FOLLOWING, Source.State.LOST);
        assertThat(sources.getLast().bytes()).isZero();
    }

    @Test
    void aLostRingCutsItsFilesOff() throws IOException {
        try (Store store = Scribe.open(data)) {
            Scribe node = new Scribe(store, "n");
            node.file(1, "/a").log(1, "12345").seal();
            node.vouch(Entry.EpochReason.RING_LOST).seal();
        }
        assertThat(list(START)).singleElement().satisfies(source -> {
            assertThat(source.gaps()).isEqualTo(new Source.Gaps(1, 0, 1));
            assertThat(source.state()).isEqualTo(Source.State.LOST);
        });
    }

    @Test
    void aNodeThatBeganAnotherStreamIsCutOffFromTheLast() throws IOException {
        try (Store store = Scribe.open(data)) {
            new Scribe(store, "n")
                    .file(1, "/a")
                    .log(1, "x")
                    .file(2, "/b")
                    .end(2)
                    .seal();
            new Scribe(store, "other").file(1, "/a").log(1, "x").seal();
            new Scribe(store, "n").file(1, "/a").log(1, "y").seal();
        }
        assertThat(list(START))
                .filteredOn(source -> source.node().equals("n"))
                .extracting(Source::state)
                .containsExactlyInAnyOrder(Source.State.CUT_OFF, Source.State.ENDED, Source.State.FOLLOWING);
        assertThat(list(START))
                .filteredOn(source -> source.node().equals("other"))
                .extracting(Source::state)
                .containsExactly(Source.State.FOLLOWING);
    }
}
