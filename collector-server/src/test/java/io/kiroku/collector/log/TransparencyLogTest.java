package io.kiroku.collector.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.collector.store.ForgetfulDirectory;
import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.EntryBundle;
import io.kiroku.evidence.log.MerkleTree;
import io.kiroku.evidence.log.ProofCheck;
import io.kiroku.evidence.log.RightEdge;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.TilePath;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.log.TreeReader;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TransparencyLogTest {
    private ForgetfulDirectory disk = new ForgetfulDirectory();

    /** The store's records; null is one that is damaged. */
    private final List<Octets> records = new ArrayList<>();

    private final Random random = new Random(7);

    private Octets record() {
        byte[] header = new byte[100 + random.nextInt(300)];
        random.nextBytes(header);
        records.add(Octets.of(header));
        return records.getLast();
    }

    private void store(long from, Records.Sink sink) throws IOException {
        for (long number = from; number <= records.size(); number++) {
            Octets header = records.get((int) number - 1);
            if (header.length() > 0) {
                sink.take(number, header);
            }
        }
    }

    private TransparencyLog open() throws IOException {
        return TransparencyLog.open(new LogFiles(disk), TestLog.signers(1), this::store, records.size(), TestLog.CLOCK);
    }

    private void add(TransparencyLog log, int count) {
        for (int i = 0; i < count; i++) {
            Octets header = record();
            log.add(records.size(), header);
        }
    }

    private static Octets present(@Nullable Octets octets) {
        return Objects.requireNonNull(octets);
    }

    private static Octets root(List<Octets> entries) {
        RightEdge edge = RightEdge.EMPTY;
        for (Octets entry : entries) {
            edge = edge.append(MerkleTree.leafHash(entry)).edge();
        }
        return edge.root();
    }

    /** Reads all of it as a stranger would: checkpoint, tiles, entries. */
    private void assertHolds(List<Octets> entries) throws IOException, MalformedException {
        LogFiles files = new LogFiles(disk);
        SignedNote note = SignedNote.parse(present(files.checkpoint()).toArray());
        assertThat(note.verify(TestLog.signers(1).verifierKeys()).holds()).isTrue();
        Checkpoint checkpoint = Checkpoint.parse(note.text());
        assertThat(checkpoint).isEqualTo(new Checkpoint(TestLog.NAME, entries.size(), root(entries)));
        TreeReader tree = new TreeReader(entries.size(), files);
        assertThat(tree.root(entries.size())).isEqualTo(checkpoint.root());
        List<Octets> read = new ArrayList<>();
        for (long first = 0; first < entries.size(); first += TilePath.WIDTH) {
            int width = (int) Math.min(TilePath.WIDTH, entries.size() - first);
            TilePath path = new TilePath(TilePath.ENTRIES, first / TilePath.WIDTH, width);
            read.addAll(EntryBundle.read(path, files.read(path)).entries());
        }
        assertThat(read).isEqualTo(entries);
    }

    @Test
    void everyRecordIsAnEntry() throws Exception {
        TransparencyLog log = open();
        assertHolds(List.of());
        for (int batch : List.of(1, 2, 252, 1, 1, 300, 700)) {
            add(log, batch);
            log.publish();
            assertHolds(records);
        }
        assertThat(disk.names().stream().filter(name -> name.contains(".p/")))
                .as("of partial tiles only the widest")
                .hasSize(3);
    }

    @Test
    void aLogThatIsMadeOfAStoreIsTheOneThatGrewWithIt() throws Exception {
        TransparencyLog grown = open();
        for (int i = 0; i < 70_000 / 1000; i++) {
            add(grown, 1000);
            grown.publish();
        }
        ForgetfulDirectory before = disk;
        disk = new ForgetfulDirectory();
        TransparencyLog made = open();
        assertThat(made.published().tree()).isEqualTo(grown.published().tree());
        for (String name : List.of("tile/2/000.p/1", "tile/1/001.p/17", "tile/0/x000/x001/000")) {
            assertThat(disk.names().contains(name))
                    .as(name)
                    .isEqualTo(before.names().contains(name));
        }
        assertHolds(records);
    }

    /** Whatever a power failure takes, each tree that was published is continued. */
    @Test
    void everyPublishedTreeIsContinuedAfterACrash() throws Exception {
        TreeMap<Long, Octets> published = new TreeMap<>();
        TransparencyLog log = open();
        for (int round = 0; round < 120; round++) {
            add(log, random.nextInt(1, 90));
            if (random.nextInt(4) > 0) {
                log.publish();
                TreeHead tree = log.published().tree();
                published.put(tree.size(), tree.root());
            }
            if (random.nextInt(3) == 0) {
                disk = disk.afterCrash(random);
                log = open();
                published.put(
                        log.published().tree().size(), log.published().tree().root());
                assertHolds(records);
            }
        }
        long size = published.lastKey();
        TreeReader tree = new TreeReader(size, new LogFiles(disk));
        for (long smaller : published.keySet()) {
            if (smaller > 0) {
                assertThat(ProofCheck.consistency(
                                smaller,
                                size,
                                present(published.get(smaller)),
                                present(published.get(size)),
                                tree.consistency(smaller, size)))
                        .isTrue();
            }
        }
    }

    @Test
    void aDiskThatIsFullForAWhileLosesNothing() throws Exception {
        TransparencyLog log = open();
        add(log, 200);
        log.publish();
        TreeHead before = log.published().tree();
        add(log, 100);
        disk.fill(3000);
        assertThatThrownBy(log::publish).isInstanceOf(IOException.class);
        assertThat(log.published().tree()).isEqualTo(before);
        disk.fill(Long.MAX_VALUE);
        log.publish();
        assertHolds(records);
    }

    @Test
    void aRecordThatWasLostBeforeTheLogHadItIsAnEmptyEntry() throws Exception {
        add(open(), 3);
        records.set(1, Octets.of(new byte[0]));
        disk = new ForgetfulDirectory();
        open();
        assertHolds(records);
    }

    @Test
    void anEmptyEntryIsMadeAgainFromTheStore() throws Exception {
        TransparencyLog log = open();
        add(log, 5);
        records.set(2, Octets.of(new byte[0]));
        records.set(4, Octets.of(new byte[0]));
        disk = new ForgetfulDirectory();
        TransparencyLog made = open();
        add(made, 1);
        made.publish();
        disk.put("tile/entries/000.p/6", new byte[] {0});
        open();
        assertHolds(records);
    }

    /** The bundle that is not full holds what the store has lost; nothing else could go on here. */
    @Test
    void aRecordThatWasLostLaterStaysInTheLog() throws Exception {
        TransparencyLog log = open();
        add(log, 300);
        log.publish();
        List<Octets> entries = List.copyOf(records);
        records.set(5, Octets.of(new byte[0]));
        records.set(298, Octets.of(new byte[0]));
        open();
        assertHolds(entries);
    }

    @Test
    void aStoreThatWasTakenBackIsNotForked() throws Exception {
        TransparencyLog log = open();
        add(log, 10);
        log.publish();
        records.subList(8, 10).clear();
        assertThatThrownBy(this::open)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has published 10 records, the store has 8");
    }

    @Test
    void aStoreThatWasChangedIsNotForked() throws Exception {
        TransparencyLog log = open();
        add(log, 10);
        log.publish();
        records.set(4, records.get(5));
        disk.put("tile/entries/000.p/10", new byte[] {0});
        assertThatThrownBy(this::open)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("do not give the root that the checkpoint of size 10 states");
    }

    @Test
    void aCheckpointOfAnotherKeyIsNotContinued() throws Exception {
        TransparencyLog.open(new LogFiles(disk), TestLog.signers(2), this::store, 0, TestLog.CLOCK);
        assertThatThrownBy(this::open)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is not one of this collector");
    }

    @Test
    void partialTilesAreCutFromWiderOnes() throws Exception {
        TransparencyLog log = open();
        add(log, 20);
        log.publish();
        add(log, 7);
        log.publish();
        LogFiles files = new LogFiles(disk);
        TreeReader earlier = new TreeReader(20, files);
        assertThat(earlier.root(20)).isEqualTo(root(records.subList(0, 20)));
        assertThat(EntryBundle.read(
                                new TilePath(TilePath.ENTRIES, 0, 20),
                                files.read(new TilePath(TilePath.ENTRIES, 0, 20)))
                        .entries())
                .isEqualTo(records.subList(0, 20));
    }
}
