package io.kiroku.evidence.record;

import static io.kiroku.evidence.Scribe.event;
import static io.kiroku.evidence.Scribe.file;
import static io.kiroku.evidence.Scribe.gap;
import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.record.FileTable.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;

class FileTableTest {
    private static final FilePath SOURCE = file(1, 0).source();

    private final FileTable table = FileTable.fromTheStart();

    private List<Problem> apply(Entry... entries) {
        return table.apply(List.of(entries), false);
    }

    private List<Problem> restate(Entry... entries) {
        return table.apply(List.of(entries), true);
    }

    private long offset(int file) {
        FileTable.Followed followed = table.get(file);
        assertThat(followed).isNotNull();
        return followed == null ? -1 : followed.offset();
    }

    @Test
    void chunksAndGapsMoveTheOffset() {
        assertThat(apply(file(1, 0), new Entry.Chunk(1, 0, 10), gap(1, 10, 15))).isEmpty();
        assertThat(apply(new Entry.Chunk(1, 15, 5))).isEmpty();
        assertThat(offset(1)).isEqualTo(20);
    }

    @Test
    void bytesBetweenChunksAreMissing() {
        assertThat(apply(file(1, 0), new Entry.Chunk(1, 0, 10), new Entry.Chunk(1, 12, 5)))
                .containsExactly(new Problem.Missing(1, SOURCE, 10, 12));
        assertThat(offset(1)).isEqualTo(17);
    }

    @Test
    void bytesBeforeAGapAreMissing() {
        assertThat(apply(file(1, 0), gap(1, 3, 5))).containsExactly(new Problem.Missing(1, SOURCE, 0, 3));
    }

    @Test
    void bytesCapturedTwiceAreNamed() {
        assertThat(apply(file(1, 0), new Entry.Chunk(1, 0, 10), new Entry.Chunk(1, 4, 3)))
                .containsExactly(new Problem.Repeated(1, SOURCE, 4, 7));
        assertThat(apply(new Entry.Chunk(1, 8, 10))).containsExactly(new Problem.Repeated(1, SOURCE, 8, 10));
        assertThat(offset(1)).isEqualTo(18);
    }

    @Test
    void aGapOverCapturedBytesIsARepetition() {
        apply(file(1, 0), new Entry.Chunk(1, 0, 10));
        assertThat(apply(gap(1, 5, 8))).containsExactly(new Problem.Repeated(1, SOURCE, 5, 8));
        assertThat(apply(gap(1, 5, Entry.UNKNOWN))).containsExactly(new Problem.Repeated(1, SOURCE, 5, 10));
    }

    @Test
    void aGapOfUnknownLengthEndsTheFile() {
        apply(file(1, 0), new Entry.Chunk(1, 0, 10));
        assertThat(apply(gap(1, 10, Entry.UNKNOWN))).isEmpty();
        assertThat(table.get(1)).isNull();
        assertThat(restate()).isEmpty();
    }

    @Test
    void aGapOfNoFileConcernsNone() {
        assertThat(apply(gap(Entry.NO_FILE, 0, Entry.UNKNOWN))).isEmpty();
    }

    @Test
    void aFileThatBeginsAboveZeroMissesItsStart() {
        assertThat(apply(file(1, 100))).containsExactly(new Problem.Missing(1, SOURCE, 0, 100));
    }

    /** Else an agent that lost a file's start could hide that by declaring the file in a segment that restates. */
    @Test
    void aNewFileAmongRestatedOnesMissesItsStartToo() {
        assertThat(apply(file(1, 0))).isEmpty();
        assertThat(restate(file(1, 0), file(2, 100)))
                .containsExactly(new Problem.Missing(2, file(2, 0).source(), 0, 100));
    }

    @Test
    void aTableThatBeginsWithinAStreamTakesWhatIsRestated() {
        FileTable within = new FileTable();
        assertThat(within.apply(List.of(file(1, 100), new Entry.Chunk(1, 100, 5)), true))
                .isEmpty();
        assertThat(within.apply(List.of(file(2, 100)), true))
                .contains(new Problem.Missing(2, file(2, 0).source(), 0, 100));
    }

    @Test
    void aTableThatBeginsWithinAStreamDoesNotKnowItsFilesBeforeTheyAreRestated() {
        FileTable within = new FileTable();
        assertThat(within.apply(List.of(new Entry.Chunk(1, 100, 5), gap(2, 0, Entry.UNKNOWN), file(3, 7)), false))
                .isEmpty();
        assertThat(within.apply(List.of(file(1, 105), file(3, 7), new Entry.Chunk(4, 0, 1)), true))
                .containsExactly(new Problem.Undeclared(4));
        assertThat(within.apply(List.of(new Entry.Chunk(1, 105, 5), new Entry.Chunk(5, 0, 5)), false))
                .containsExactly(new Problem.Undeclared(5));
    }

    @Test
    void anUndeclaredFileIsNamedOnce() {
        assertThat(apply(new Entry.Chunk(9, 0, 1), new Entry.Chunk(9, 1, 1)))
                .containsExactly(new Problem.Undeclared(9));
        assertThat(apply(gap(9, 2, 3))).isEmpty();
        assertThat(apply(gap(8, 2, 3))).containsExactly(new Problem.Undeclared(8));
    }

    @Test
    void aRestatedFileStandsWhereItStood() {
        apply(file(1, 0), new Entry.Chunk(1, 0, 10));
        assertThat(restate(file(1, 10), new Entry.Chunk(1, 10, 1))).isEmpty();
        assertThat(restate(file(1, 20))).containsExactly(new Problem.Missing(1, SOURCE, 11, 20));
        assertThat(restate(file(1, 15))).containsExactly(new Problem.Repeated(1, SOURCE, 15, 20));
        assertThat(offset(1)).isEqualTo(15);
    }

    @Test
    void aFileThatIsNotRestatedIsAbandoned() {
        apply(file(1, 0), new Entry.Chunk(1, 0, 10), file(2, 0));
        assertThat(restate(file(2, 0))).containsExactly(new Problem.Abandoned(1, SOURCE, 10));
        assertThat(table.followed()).containsOnlyKeys(2);
    }

    @Test
    void aFileThatEndedNeedNotBeRestated() {
        apply(file(1, 0), file(2, 0), file(3, 0));
        apply(event(Entry.EventKind.ENDED, 1));
        assertThat(restate(file(2, 0), file(4, 0), event(Entry.EventKind.ENDED, 3)))
                .isEmpty();
        assertThat(table.followed()).containsOnlyKeys(2, 4);
    }

    @Test
    void otherEventsEndNothing() {
        apply(file(1, 0));
        apply(
                event(Entry.EventKind.DELETED, 1),
                event(Entry.EventKind.ROTATED, 1),
                event(Entry.EventKind.TRUNCATED, 1));
        assertThat(table.followed()).containsOnlyKeys(1);
    }

    @Test
    void aFileDoesNotChangeItsSource() {
        apply(file(1, 0));
        Entry.File other = new Entry.File(
                1, FilePath.of("/other"), FilePath.of("/other"), file(1, 0).identity(), 0, Fingerprint.NONE);
        assertThat(restate(other)).containsExactly(new Problem.Contradicted(1, SOURCE));
    }

    @Test
    void anIdIsNotGivenTwice() {
        apply(file(1, 0), file(2, 0));
        apply(event(Entry.EventKind.ENDED, 1));
        assertThat(apply(file(1, 0))).containsExactly(new Problem.Reused(1, SOURCE));
        assertThat(apply(file(4, 0), file(3, 0))).isEmpty();
    }

    @Test
    void anIdIsNotGivenTwiceAfterTheEpochSaysWhichAreUsed() {
        Entry.Epoch epoch = new Entry.Epoch(Entry.EpochReason.CONTINUES, 7, Octets.zero(32), Octets.zero(64), "n");
        FileTable within = new FileTable();
        assertThat(within.apply(List.of(epoch, file(2, 50), file(7, 0)), true)).isEmpty();
        assertThat(within.apply(List.of(file(6, 0)), false))
                .containsExactly(new Problem.Reused(6, file(6, 0).source()));
        assertThat(within.apply(List.of(file(8, 0)), false)).isEmpty();
    }

    @Test
    void theLatestPathAndFingerprintAreKept() {
        Fingerprint fingerprint = new Fingerprint(5, Octets.parse("01".repeat(32)));
        FilePath rotated = FilePath.of("/var/log/pods/a/0.log.20260102-030405");
        Entry.File first = file(1, 0);
        apply(first);
        apply(new Entry.FingerprintTaken(1, fingerprint), new Entry.FingerprintTaken(2, fingerprint));
        FileTable.Followed followed = table.get(1);
        assertThat(followed)
                .isNotNull()
                .extracting(FileTable.Followed::fingerprint)
                .isEqualTo(fingerprint);
        apply(new Entry.File(1, first.source(), rotated, first.identity(), 0, fingerprint));
        followed = table.get(1);
        assertThat(followed).isNotNull().extracting(FileTable.Followed::path).isEqualTo(rotated);
        assertThat(followed).extracting(FileTable.Followed::source).isEqualTo(first.source());
        assertThat(followed).extracting(FileTable.Followed::identity).isEqualTo(first.identity());
        assertThat(followed).extracting(FileTable.Followed::id).isEqualTo(1);
        assertThat(followed).extracting(FileTable.Followed::fingerprint).isEqualTo(fingerprint);
    }

    @Test
    void offsetsAtTheEndOfTheNumbersDoNotOverflow() {
        long end = Long.MAX_VALUE;
        assertThat(apply(file(1, 0), gap(1, 0, end - 5), new Entry.Chunk(1, end - 5, 5)))
                .isEmpty();
        assertThat(offset(1)).isEqualTo(end);
        assertThat(apply(gap(1, end, Entry.UNKNOWN))).isEmpty();
    }
}
