package io.kiroku.collector.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.collector.PretendAgent;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.Lineage;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.LostSegments;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.trust.RevocationCheck;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {
    private final PretendAgent agent = new PretendAgent("node-1");
    private final TestStore disk = new TestStore();

    @TempDir
    Path directory;

    @Test
    void whatWasStoredIsThereAfterReopeningAndTheChainGoesOn() throws Exception {
        PretendAgent other = new PretendAgent("node-2");
        StoreFiles files = StoreFiles.of(directory);
        try (Store store = Store.open(files, TestStore.CLOCK, System::nanoTime)) {
            TestStore.store(store, agent.seal("one\n"), other.seal("eins\n"), agent.seal("two\n"));
        }
        try (Store store = Store.open(files, TestStore.CLOCK, System::nanoTime)) {
            assertThat(store.head(agent.stream())).isEqualTo(agent.head());
            assertThat(store.head(other.stream())).isEqualTo(other.head());
            TestStore.store(store, agent.seal("three\n"));
            assertThat(store.ends()).extracting(StreamEnd::head).containsExactlyInAnyOrder(agent.head(), other.head());
            assertThat(store.counts().segments()).isEqualTo(4);
        }
        assertThat(logs(StoreReader.open(directory))).containsExactly("one\n", "eins\n", "two\n", "three\n");
        assertThat(StoreVerification.verify(
                                directory,
                                RevocationCheck.none(),
                                StoreVerification.Commitment.NONE,
                                (done, total) -> {})
                        .holds())
                .isTrue();
        assertThat(directory.resolve("volumes")).isDirectoryContaining("glob:**.vol");
    }

    @Test
    void nothingCountsBeforeTheSync() throws Exception {
        try (Store store = disk.open()) {
            store.append(PretendAgent.segment(agent.seal("one\n")));
            assertThat(store.head(agent.stream())).isNull();
            assertThat(disk.entries()).isEmpty();
            store.sync();
            assertThat(store.head(agent.stream())).isEqualTo(agent.head());
            assertThat(disk.entries()).hasSize(1);
        }
    }

    @Test
    void manySegmentsNeedOneSync() throws Exception {
        try (Store store = disk.open()) {
            TestStore.store(store, agent.seal("first\n"));
            int before = disk.volumes.syncs();
            for (int i = 0; i < 100; i++) {
                store.append(PretendAgent.segment(agent.seal("line " + i + "\n")));
            }
            store.sync();
            assertThat(disk.volumes.syncs() - before).isEqualTo(1);
        }
        assertThat(disk.verify().report().counts().segments()).isEqualTo(101);
    }

    @Test
    void aVolumeThatIsFullIsFollowedByTheNext() throws Exception {
        try (Store store = disk.open(4_000)) {
            for (int i = 0; i < 30; i++) {
                TestStore.store(store, agent.seal("line " + i + "\n"));
            }
        }
        assertThat(disk.volumes.names()).hasSizeGreaterThan(3).isSorted();
        assertThat(disk.entries()).hasSize(30);
        assertThat(disk.verify().report().holds()).isTrue();
        try (Store store = disk.open(4_000)) {
            assertThat(store.head(agent.stream())).isEqualTo(agent.head());
            TestStore.store(store, agent.seal("more\n"));
        }
        assertThat(disk.verify().report().counts().segments()).isEqualTo(31);
    }

    @Test
    void aReaderGoesOnFromWhereItWas() throws Exception {
        try (Store store = disk.open(4_000);
                StoreReader reader = StoreReader.open(disk.files(), () -> true)) {
            Position position = Position.START;
            for (int i = 0; i < 30; i++) {
                TestStore.store(store, agent.seal("line " + i + "\n"));
                List<CatalogueEntry> fresh = new ArrayList<>();
                position = reader.scan(position, fresh::add);
                assertThat(fresh).hasSize(1);
                assertThat(log(reader.read(fresh.getFirst().place()))).isEqualTo("line " + i + "\n");
                assertThat(reader.scan(position, _ -> {
                            throw new AssertionError("there is nothing more");
                        }))
                        .isEqualTo(position);
            }
        }
    }

    @Test
    void aStoredSegmentIsFoundByItsSequence() throws Exception {
        List<ChainHead> heads = new ArrayList<>();
        try (Store store = disk.open(4_000)) {
            for (int i = 0; i < 30; i++) {
                TestStore.store(store, agent.seal("line " + i + "\n"));
                heads.add(agent.head());
            }
        }
        StoreReader reader = disk.reader();
        for (ChainHead head : heads) {
            assertThat(reader.hashOf(agent.stream(), head.sequence())).isEqualTo(head.hash());
        }
        assertThat(reader.hashOf(agent.stream(), 31)).isNull();
        assertThat(reader.hashOf(new PretendAgent("other").stream(), 1)).isNull();
    }

    @Test
    void theCatalogueIsMadeAgainWhenItIsMissingShortOrDamaged() throws Exception {
        try (Store store = disk.open()) {
            TestStore.store(store, agent.seal("one\n"), agent.seal("two\n"), agent.seal("three\n"));
        }
        byte[] whole = disk.catalogue.bytes(TestStore.FIRST_CATALOGUE);
        for (int length = 0; length < whole.length; length += 7) {
            TestStore copy = disk.copy();
            copy.catalogue.put(TestStore.FIRST_CATALOGUE, Arrays.copyOf(whole, length));
            reopenAndCompare(copy, whole);
        }
        for (int at = 0; at < whole.length; at += 5) {
            TestStore copy = disk.copy();
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x10;
            copy.catalogue.put(TestStore.FIRST_CATALOGUE, damaged);
            reopenAndCompare(copy, whole);
        }
        disk.catalogue.remove(TestStore.FIRST_CATALOGUE);
        reopenAndCompare(disk, whole);
    }

    private void reopenAndCompare(TestStore copy, byte[] catalogue) throws IOException {
        assertThat(copy.entries()).hasSize(3);
        try (Store store = copy.open()) {
            assertThat(store.head(agent.stream())).isEqualTo(agent.head());
        }
        assertThat(copy.catalogue.bytes(TestStore.FIRST_CATALOGUE)).isEqualTo(catalogue);
    }

    @Test
    void whatDoesNotFitIsKeptOnce() throws Exception {
        try (Store store = Store.open(StoreFiles.of(directory), TestStore.CLOCK, System::nanoTime)) {
            ByteBuffer segment = agent.seal("one\n");
            for (int i = 0; i < 3; i++) {
                store.putAside(agent.stream(), segment, "127.0.0.1:9", "FORKED: another one");
            }
            assertThat(store.counts().aside()).isEqualTo(1);
        }
        List<Path> files;
        try (var listed = Files.list(directory.resolve("aside"))) {
            files = listed.sorted().toList();
        }
        assertThat(files).hasSize(2);
        assertThat(Files.readAllBytes(files.getFirst()).length).isPositive();
        assertThat(Files.readString(files.getLast(), StandardCharsets.UTF_8))
                .contains("2026-01-02T03:04:05Z", "127.0.0.1:9", "FORKED: another one");
        try (Store store = Store.open(StoreFiles.of(directory), TestStore.CLOCK, System::nanoTime)) {
            assertThat(store.counts().aside()).isEqualTo(1);
        }
    }

    @Test
    void whatIsAsideIsBounded() throws Exception {
        try (Store store = disk.open()) {
            for (int i = 0; i < Aside.MOST_STREAM_PIECES + 5; i++) {
                store.putAside(agent.stream(), ByteBuffer.allocate(4).putInt(0, i), "here", "why");
            }
            assertThat(store.counts().aside()).isEqualTo(Aside.MOST_STREAM_PIECES);
            assertThat(store.counts().asideUnkept()).isEqualTo(5);
        }
        assertThat(disk.verify().notes()).anySatisfy(note -> assertThat(note).contains("1000 segments"));
    }

    @Test
    void aPlaceThatHoldsNoSegmentIsRefused() throws Exception {
        try (Store store = disk.open()) {
            TestStore.store(store, agent.seal("one\n"));
        }
        StoreReader reader = disk.reader();
        assertThatThrownBy(() -> reader.read(new Place(1, 32, 1_000_000))).isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> reader.read(new Place(1, 0, 400))).isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> reader.read(new Place(1, 40, 400))).isInstanceOf(MalformedException.class);
    }

    private static List<String> logs(StoreReader reader) throws Exception {
        List<CatalogueEntry> entries = new ArrayList<>();
        reader.scan(Position.START, entries::add);
        List<String> logs = new ArrayList<>();
        for (CatalogueEntry entry : entries) {
            logs.add(log(reader.read(entry.place())));
        }
        return logs;
    }

    private static String log(Segment segment) throws MalformedException {
        ByteBuffer raw = ByteBuffer.allocate(segment.header().rawLength());
        segment.decompress(raw);
        return StandardCharsets.UTF_8.decode(raw.flip()).toString();
    }

    private Lineage lineage() {
        return new Lineage(List.of(agent.identity().publicKey()));
    }

    @Test
    void whatAStreamLacksIsKnownUntilItIsDeclared() throws Exception {
        try (Store store = disk.open()) {
            TestStore.store(store, agent.seal("one\n"));
            agent.seal("two\n");
            TestStore.store(store, agent.restate("three\n"));
            assertThat(store.end(agent.stream()))
                    .isEqualTo(new StreamEnd(
                            agent.head(),
                            store.lastRecord(),
                            "node-1",
                            lineage(),
                            2,
                            List.of(new LostSegments.Range(2, 2))));
            assertThat(store.counts().contradictions()).isZero();
        }
        try (Store store = disk.open()) {
            assertThat(store.end(agent.stream()))
                    .as("after a restart")
                    .isEqualTo(new StreamEnd(
                            agent.head(),
                            store.lastRecord(),
                            "node-1",
                            lineage(),
                            2,
                            List.of(new LostSegments.Range(2, 2))));
            TestStore.store(
                    store,
                    agent.restate(
                            "four\n",
                            new Entry.SegmentGap(
                                    2, 2, Entry.GapCause.RING_OVERRUN, 1, Entry.NO_FILE, null, 0, 4, false)));
            assertThat(store.end(agent.stream()))
                    .isEqualTo(new StreamEnd(agent.head(), store.lastRecord(), "node-1", lineage(), 2, List.of()));
        }
    }
}
