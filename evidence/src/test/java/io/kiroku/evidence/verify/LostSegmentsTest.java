package io.kiroku.evidence.verify;

import static io.kiroku.evidence.Scribe.event;
import static io.kiroku.evidence.Scribe.file;
import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.Scribe;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Entry.EpochReason;
import io.kiroku.evidence.record.Entry.GapCause;
import io.kiroku.evidence.verify.Verifier.Scope;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Segments that are missing, against what others declare of them. */
class LostSegmentsTest {
    private static final String SOURCE = file(1, 0).source().toString();

    private final Scribe scribe = new Scribe("lost segments");
    private final List<byte[]> segments = new ArrayList<>();

    /** File 1 is followed; segments 2 and 3 have ten bytes each of it, as have 4 and 5, which are thrown away. */
    private void loseTheFourthAndFifth() {
        segments.add(scribe.vouch(EpochReason.FIRST).state(file(1, 0)).seal(true));
        for (int i = 0; i < 4; i++) {
            byte[] sealed = scribe.chunk(1, 10L * i, "0123456789").seal();
            if (i < 2) {
                segments.add(sealed);
            }
        }
    }

    private static Entry.SegmentGap lost(long first, long last, int file, long from, long to, boolean ended) {
        return new Entry.SegmentGap(
                first, last, GapCause.RING_OVERRUN, 7, file, file(file, 0).source(), from, to, ended);
    }

    private static Entry.SegmentGap lost(int file, long from, long to) {
        return lost(4, 5, file, from, to, false);
    }

    private static Entry.SegmentGap unnamed(long first, long last, long bytes) {
        return new Entry.SegmentGap(first, last, GapCause.COLLECTOR_LOST, 7, Entry.NO_FILE, null, 0, bytes, false);
    }

    private Report verify(Scope scope) {
        Verifier verifier = new Verifier(scope);
        segments.forEach(
                segment -> verifier.segment(new Location("volume", 0, segment.length), ByteBuffer.wrap(segment)));
        Report report = verifier.report();
        assertThat(verifier.report()).as("asked twice").isEqualTo(report);
        assertThat(report.integrity()).isEqualTo(new Verdict.Holds());
        return report;
    }

    private Report verify() {
        return verify(Scope.WHOLE);
    }

    private static List<String> missingIn(Report report) {
        return report.completeness() instanceof Verdict.Fails fails
                ? fails.findings().stream().map(Finding::sentence).toList()
                : List.of();
    }

    private static List<Entry.Gap> gapsIn(Report report) {
        return report.gaps().stream().map(Report.DeclaredGap::gap).toList();
    }

    private static String notCovered(long from, long to) {
        return "bytes %d to %d of %s (file 1) are neither captured nor covered by a gap".formatted(from, to, SOURCE);
    }

    @Test
    void whatTheSegmentBehindThemDeclaresIsAGap() {
        loseTheFourthAndFifth();
        segments.add(scribe.vouch(EpochReason.CONTINUES)
                .state(file(1, 40), lost(1, 20, 40))
                .seal(true));
        segments.add(scribe.chunk(1, 40, "x").seal());
        Report report = verify();
        assertThat(missingIn(report)).isEmpty();
        assertThat(report.gaps())
                .containsExactly(new Report.DeclaredGap(
                        scribe.stream(),
                        6,
                        file(1, 0).source(),
                        new Entry.Gap(
                                1,
                                20,
                                40,
                                GapCause.RING_OVERRUN,
                                7,
                                "segments 4 to 5 were overwritten in the ring before a receipt came")));
        assertThat(report.counts().gapBytes()).isEqualTo(20);
        assertThat(report.counts().unknownGaps()).isZero();
    }

    @Test
    void aLaterSegmentMayDeclareThem() {
        loseTheFourthAndFifth();
        segments.add(scribe.restate(file(1, 40)));
        assertThat(missingIn(verify())).containsExactly("segments 4 to 5 are missing", notCovered(20, 39));
        segments.add(scribe.chunk(1, 40, "x").seal());
        segments.add(scribe.state(lost(1, 20, 40)).seal());
        assertThat(missingIn(verify())).isEmpty();
        assertThat(verify().counts().gapBytes()).isEqualTo(20);
    }

    @Test
    void bytesThatAreNotDeclaredStayMissing() {
        loseTheFourthAndFifth();
        segments.add(scribe.vouch(EpochReason.CONTINUES)
                .state(file(1, 40), lost(1, 22, 30), lost(1, 35, 38))
                .seal(true));
        assertThat(missingIn(verify())).containsExactly(notCovered(20, 21), notCovered(30, 34), notCovered(38, 39));
        assertThat(verify().counts().gapBytes()).isEqualTo(11);
    }

    @Test
    void segmentsThatAreNotDeclaredStayMissing() {
        loseTheFourthAndFifth();
        segments.add(scribe.vouch(EpochReason.CONTINUES)
                .state(file(1, 40), lost(5, 5, 1, 20, 40, false))
                .seal(true));
        assertThat(missingIn(verify())).containsExactly("segment 4 is missing");
    }

    @Test
    void aSegmentDroppedElsewhereIsNotCovered() {
        loseTheFourthAndFifth();
        segments.add(scribe.vouch(EpochReason.CONTINUES)
                .state(file(1, 40), lost(1, 20, 40))
                .seal(true));
        scribe.chunk(1, 40, "x").seal();
        segments.add(scribe.restate(file(1, 41)));
        assertThat(missingIn(verify())).containsExactly("segment 7 is missing", notCovered(40, 40));
    }

    @Test
    void aFileThatEndedInThemMustBeSaidToHaveEnded() {
        loseTheFourthAndFifth();
        segments.add(scribe.vouch(EpochReason.CONTINUES).state(lost(1, 20, 40)).seal(true));
        assertThat(missingIn(verify()))
                .containsExactly(
                        SOURCE + " (file 1) is no longer followed from byte 40 on, and nothing says that it ended");
        segments.set(
                3,
                scribeAnew()
                        .vouch(EpochReason.CONTINUES)
                        .state(lost(4, 5, 1, 20, 40, true))
                        .seal(true));
        assertThat(missingIn(verify())).isEmpty();
        assertThat(verify().counts().gapBytes()).isEqualTo(20);
    }

    /** The same stream again up to its fifth segment. */
    private Scribe scribeAnew() {
        Scribe anew = new Scribe("lost segments");
        anew.vouch(EpochReason.FIRST).state(file(1, 0)).seal(true);
        for (int i = 0; i < 4; i++) {
            anew.chunk(1, 10L * i, "0123456789").seal();
        }
        return anew;
    }

    @Test
    void aFileThatBeganAndEndedInThemIsCounted() {
        loseTheFourthAndFifth();
        segments.add(scribe.vouch(EpochReason.CONTINUES)
                .state(file(1, 40), lost(1, 20, 40), lost(4, 5, 2, 0, 7, true), lost(4, 5, 3, 0, Entry.UNKNOWN, false))
                .seal(true));
        Report report = verify();
        assertThat(missingIn(report)).isEmpty();
        assertThat(report.counts().gapBytes()).isEqualTo(27);
        assertThat(report.counts().unknownGaps()).isEqualTo(1);
    }

    @Test
    void bytesWithoutANameAccountForAsManyAsTheyAre() {
        loseTheFourthAndFifth();
        segments.add(segmentAnew(unnamed(4, 5, 19)));
        assertThat(missingIn(verify())).containsExactly(notCovered(20, 39));
        segments.set(3, segmentAnew(unnamed(4, 5, 20)));
        assertThat(missingIn(verify())).isEmpty();
        assertThat(verify().counts().gapBytes()).isEqualTo(20);
        segments.set(3, segmentAnew(unnamed(4, 5, Entry.UNKNOWN)));
        assertThat(missingIn(verify())).isEmpty();
        assertThat(verify().counts().unknownGaps()).isEqualTo(1);
        assertThat(verify().counts().gapBytes()).isEqualTo(20);
        assertThat(gapsIn(verify())).extracting(Entry.Gap::file).containsExactly(1, Entry.NO_FILE);
    }

    private byte[] segmentAnew(Entry declared) {
        return scribeAnew()
                .vouch(EpochReason.CONTINUES)
                .state(file(1, 40), declared)
                .seal(true);
    }

    @Test
    void whatIsStatedAgainIsCountedOnce() {
        loseTheFourthAndFifth();
        segments.add(scribe.vouch(EpochReason.CONTINUES)
                .state(file(1, 40), lost(4, 4, 1, 20, 30, false), unnamed(4, 4, 3))
                .seal(true));
        segments.add(
                scribe.state(lost(4, 5, 1, 20, 40, false), unnamed(4, 5, 5)).seal());
        segments.add(
                scribe.state(lost(4, 5, 1, 20, 40, false), unnamed(4, 5, 5)).seal());
        Report report = verify();
        assertThat(missingIn(report)).isEmpty();
        assertThat(report.counts().gapBytes()).isEqualTo(25);
        assertThat(report.counts().gaps()).isEqualTo(2);
        assertThat(gapsIn(report)).extracting(Entry.Gap::length).containsExactly(20L, 5L);
    }

    @Test
    void whatCameAfterAllIsNotLost() {
        loseTheFourthAndFifth();
        segments.add(scribe.vouch(EpochReason.CONTINUES)
                .state(file(1, 40), lost(3, 5, 1, 10, 40, false), lost(3, 5, 2, 0, 5, true))
                .seal(true));
        segments.add(scribe.state(lost(1, 3, 1, 0, 20, false)).seal());
        Report report = verify();
        assertThat(missingIn(report)).isEmpty();
        assertThat(gapsIn(report)).extracting(Entry.Gap::from).containsExactly(20L, 0L);
        assertThat(report.counts().gapBytes()).isEqualTo(25);
    }

    @Test
    void aFileThatEndedAmongThoseWithoutANameIsLostFromWhereItStood() {
        loseTheFourthAndFifth();
        segments.add(scribe.vouch(EpochReason.CONTINUES)
                .state(unnamed(4, 5, Entry.UNKNOWN))
                .seal(true));
        assertThat(missingIn(verify())).isEmpty();
        assertThat(gapsIn(verify()).getFirst()).satisfies(gap -> {
            assertThat(gap.file()).isEqualTo(1);
            assertThat(gap.from()).isEqualTo(20);
            assertThat(gap.to()).isEqualTo(Entry.UNKNOWN);
        });
    }

    /** It was captured to its end before: that its end was given up too does not make it lost. */
    @Test
    void aFileThatHadEndedBeforeIsNotLost() {
        segments.add(scribe.vouch(EpochReason.FIRST).state(file(1, 0)).seal(true));
        segments.add(scribe.chunk(1, 0, "0123456789")
                .state(event(Entry.EventKind.ENDED, 1))
                .seal());
        scribe.seal();
        segments.add(scribe.vouch(EpochReason.CONTINUES)
                .state(lost(2, 3, 1, 0, 10, true))
                .seal(true));
        Report report = verify();
        assertThat(missingIn(report)).isEmpty();
        assertThat(report.counts().gapBytes()).isZero();
        assertThat(gapsIn(report)).extracting(Entry.Gap::length).containsExactly(0L);
    }

    @Test
    void aStretchTellsWhatWasGivenUpBeforeIt() {
        loseTheFourthAndFifth();
        segments.clear();
        segments.add(scribe.restate(file(1, 40)));
        segments.add(scribe.state(lost(1, 20, 40)).seal());
        Report report = verify(Scope.STRETCH);
        assertThat(missingIn(report)).isEmpty();
        assertThat(report.counts().gapBytes()).isEqualTo(20);
        assertThat(missingIn(verify())).containsExactly("segments 1 to 3 are missing", notCovered(0, 19));
    }

    @Test
    void aStoreThatLostEverythingBeforeKnowsThatItDid() {
        loseTheFourthAndFifth();
        segments.clear();
        segments.add(scribe.restate(file(1, 40)));
        segments.add(
                scribe.chunk(1, 40, "x").state(unnamed(1, 5, Entry.UNKNOWN)).seal());
        Report report = verify();
        assertThat(missingIn(report)).isEmpty();
        String why = "segments 1 to 5 were lost by the collector after its receipt, and the ring had them no more";
        assertThat(gapsIn(report))
                .containsExactly(
                        new Entry.Gap(1, 0, 40, GapCause.COLLECTOR_LOST, 7, why),
                        new Entry.Gap(Entry.NO_FILE, 0, Entry.UNKNOWN, GapCause.COLLECTOR_LOST, 7, why));
    }

    @Test
    void aSegmentCannotDeclareWhatComesBehindItLost() {
        segments.add(scribe.vouch(EpochReason.FIRST).state(file(1, 0)).seal(true));
        byte[] itself = scribe.state(lost(1, 2, 1, 0, 10, false)).seal();
        assertThat(new SegmentCheck().check(Scribe.segment(itself)))
                .isEqualTo(new SegmentCheck.Outcome.Unsound(
                        "it declares segment 2 lost, which does not come before it", true));
    }

    @Test
    void aLostRingCutsOffWhatWasFollowed() {
        loseTheFourthAndFifth();
        Scribe reimaged = new Scribe("lost segments");
        reimaged.vouch(EpochReason.FIRST).state(file(1, 0)).seal(true);
        reimaged.chunk(1, 0, "0123456789").seal();
        segments.remove(2);
        segments.add(reimaged.newEpoch().vouch(EpochReason.RING_LOST).seal(true));
        segments.add(reimaged.state(file(2, 0)).chunk(2, 0, "0123456789").seal());
        Report report = verify();
        assertThat(missingIn(report)).isEmpty();
        assertThat(report.counts().epochs()).isEqualTo(2);
        assertThat(gapsIn(report)).singleElement().satisfies(gap -> {
            assertThat(gap.file()).isEqualTo(1);
            assertThat(gap.from()).isEqualTo(10);
            assertThat(gap.to()).isEqualTo(Entry.UNKNOWN);
            assertThat(gap.cause()).isEqualTo(GapCause.RING_LOST);
        });
    }

    @Test
    void noNumberOfHolesIsTooLargeToBeCounted() {
        segments.add(scribe.vouch(EpochReason.FIRST).seal(true));
        for (int i = 0; i < 200; i++) {
            scribe.seal();
            segments.add(scribe.restate());
        }
        segments.add(scribe.state(unnamed(400, 400, 0)).seal());
        Report report = verify();
        assertThat(missingIn(report))
                .hasSize(199)
                .contains("segment 2 is missing")
                .doesNotContain("segment 400 is missing");
    }
}
