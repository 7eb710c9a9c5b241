package io.kiroku.evidence.verify;

import static io.kiroku.evidence.Scribe.event;
import static io.kiroku.evidence.Scribe.file;
import static io.kiroku.evidence.Scribe.gap;
import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.Property;
import io.kiroku.evidence.Scribe;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Entry.EpochReason;
import io.kiroku.evidence.record.NodeClock;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.verify.Verifier.Scope;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerifierTest {
    private final Scribe scribe = new Scribe("verifier");
    private final List<byte[]> segments = new ArrayList<>();

    private static Report verify(Scope scope, List<byte[]> segments) {
        Verifier verifier = new Verifier(scope);
        long at = 0;
        for (byte[] segment : segments) {
            verifier.segment(new Location("volume", at, segment.length), ByteBuffer.wrap(segment));
            at += segment.length;
        }
        return verifier.report();
    }

    private Report verify() {
        return verify(Scope.WHOLE, segments);
    }

    private static List<String> sentences(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Holds _ -> List.of();
            case Verdict.Fails fails -> {
                assertThat(fails.findings()).hasSize((int) fails.count());
                yield fails.findings().stream().map(Finding::sentence).toList();
            }
        };
    }

    /** Opens the stream with one file, and seals so many further segments of ten bytes of it. */
    private void begin(int more) {
        segments.add(scribe.vouch(EpochReason.FIRST).state(file(1, 0)).seal(true));
        for (int i = 0; i < more; i++) {
            segments.add(scribe.chunk(1, 10L * i, "0123456789").seal());
        }
    }

    @Test
    void aWholeStreamHolds() {
        begin(5);
        segments.add(scribe.restate(file(1, 50)));
        segments.add(
                scribe.state(gap(1, 50, 60), event(Entry.EventKind.ENDED, 1)).seal());
        Report report = verify();
        assertThat(report.integrity()).isInstanceOf(Verdict.Holds.class);
        assertThat(report.completeness()).isInstanceOf(Verdict.Holds.class);
        assertThat(report.holds()).isTrue();
        long stored = segments.stream().mapToLong(segment -> segment.length).sum();
        assertThat(report.counts()).isEqualTo(new Report.Counts(1, 1, 8, stored, 50, 1, 1, 10, 0));
        assertThat(report.gaps())
                .containsExactly(
                        new Report.DeclaredGap(scribe.stream(), 8, file(1, 0).source(), gap(1, 50, 60)));
    }

    @Test
    void clocksAreReportedAndSpeakAgainstNothing() {
        begin(1);
        Entry.Clock off = new Entry.Clock(-90_000_000_000L, 5_000_000, 1, Octets.zero(32));
        Entry.Clock right = new Entry.Clock(1_000_000, 5_000_000, 2, Octets.zero(32));
        segments.add(scribe.state(off).seal());
        segments.add(scribe.state(event(Entry.EventKind.CLOCK_STEPPED, Entry.NO_FILE), right)
                .seal());
        Report report = verify();
        assertThat(report.holds()).isTrue();
        assertThat(report.clocks()).singleElement().satisfies(clock -> {
            NodeClock.Standing standing = clock.standing();
            assertThat(clock.stream()).isEqualTo(scribe.stream());
            assertThat(standing.measurements()).isEqualTo(2);
            assertThat(standing.farthest()).isEqualTo(new NodeClock.Stated(3, off));
            assertThat(standing.last()).isEqualTo(new NodeClock.Stated(4, right));
            assertThat(standing.steps()).isEqualTo(1);
            assertThat(standing.firstSteps()).hasSize(1);
        });
        assertThat(off.inWords()).isEqualTo("90.000 s ahead of the collector's, give or take 0.005 s");
    }

    @Test
    void nothingIsAsItShouldBeInNothing() {
        assertThat(verify().holds()).isTrue();
        assertThat(verify().counts().segments()).isZero();
    }

    @Test
    void everyByteFlippedInAStoredStreamIsNamedWithItsPlace() {
        begin(2);
        List<byte[]> whole = List.copyOf(segments);
        for (int s = 0; s < whole.size(); s++) {
            for (int at = 0; at < whole.get(s).length; at++) {
                List<byte[]> changed = new ArrayList<>(whole);
                byte[] flipped = whole.get(s).clone();
                flipped[at] ^= 0x10;
                changed.set(s, flipped);
                Report report = verify(Scope.WHOLE, changed);
                long offset = whole.subList(0, s).stream()
                        .mapToLong(segment -> segment.length)
                        .sum();
                assertThat(report.integrity())
                        .as("segment %d, byte %d", s + 1, at)
                        .isInstanceOfSatisfying(
                                Verdict.Fails.class,
                                fails -> assertThat(fails.findings())
                                        .extracting(Finding::location)
                                        .contains(new Location("volume", offset, flipped.length)));
            }
        }
    }

    /** A damaged payload is that segment's, not a break of the chain: those behind it are still of known origin. */
    @Test
    void theChainGoesOnThroughAnIntactHeader() {
        begin(3);
        segments.add(scribe.restate(file(1, 30)));
        for (int damaged : new int[] {0, 2}) {
            List<byte[]> changed = new ArrayList<>(segments);
            byte[] flipped = segments.get(damaged).clone();
            flipped[flipped.length - 1] ^= 1;
            changed.set(damaged, flipped);
            Report report = verify(Scope.WHOLE, changed);
            assertThat(sentences(report.integrity()))
                    .containsExactly("the SHA-256 of salt and payload is not the one that the header states");
            assertThat(sentences(report.completeness()))
                    .contains("what segment %d states cannot be relied on".formatted(damaged + 1))
                    .noneMatch(sentence -> sentence.endsWith("missing"));
        }
    }

    @Test
    void aDroppedSegmentIsMissing() {
        begin(5);
        segments.remove(2);
        Report report = verify();
        assertThat(sentences(report.completeness()))
                .containsExactlyInAnyOrder(
                        "segment 3 is missing",
                        "bytes 10 to 19 of /var/log/pods/shop_web-1_7f3c/web/0.log (file 1) are neither captured nor"
                                + " covered by a gap");
        segments.remove(2);
        assertThat(sentences(verify().completeness())).contains("segments 3 to 4 are missing");
    }

    @Test
    void theFirstSegmentsOfAWholeStreamAreMissing() {
        begin(3);
        segments.add(scribe.restate(file(1, 30)));
        segments.subList(0, 2).clear();
        Report report = verify();
        assertThat(sentences(report.completeness())).containsExactly("segments 1 to 2 are missing");
        assertThat(report.integrity().holds()).isTrue();
    }

    @Test
    void aStretchNeedNotBeginWithTheFirstSegment() {
        begin(3);
        segments.add(scribe.restate(file(1, 30)));
        segments.add(scribe.chunk(1, 30, "x").seal());
        assertThat(verify(Scope.STRETCH, segments.subList(1, 6)).holds()).isTrue();
        assertThat(verify(Scope.STRETCH, segments.subList(4, 6)).holds()).isTrue();
        assertThat(verify(Scope.STRETCH, segments).holds()).isTrue();
    }

    @Test
    void withinAStretchNothingIsMissing() {
        begin(1);
        segments.add(scribe.restate(file(1, 10)));
        segments.add(scribe.chunk(1, 15, "x").seal());
        segments.add(scribe.chunk(2, 0, "x").seal());
        scribe.seal();
        segments.add(scribe.seal());
        assertThat(sentences(verify(Scope.STRETCH, segments.subList(1, 6)).completeness()))
                .containsExactly(
                        "bytes 10 to 14 of /var/log/pods/shop_web-1_7f3c/web/0.log (file 1) are neither captured nor"
                                + " covered by a gap",
                        "file 2 was never declared",
                        "segment 6 is missing");
    }

    @Test
    void swappedSegmentsAreOutOfTheirPlace() {
        begin(4);
        Collections.swap(segments, 2, 3);
        Report report = verify();
        assertThat(sentences(report.integrity())).contains("out of its place: it stands behind segment 4");
        assertThat(sentences(report.completeness())).contains("segment 3 is missing");
    }

    @Test
    void aRepeatedSegmentIsOutOfItsPlace() {
        begin(2);
        segments.add(2, segments.get(1));
        Report report = verify();
        assertThat(sentences(report.integrity())).containsExactly("out of its place: it stands behind segment 2");
        assertThat(report.completeness().holds()).isTrue();
    }

    @Test
    void aSegmentThatLinksToAnotherPredecessorIsNamed() {
        begin(2);
        ChainHead head = scribe.head();
        ChainHead other = new ChainHead(head.stream(), 1, head.sequence(), Octets.zero(32), head.nextKey());
        segments.add(scribe.linkTo(other).seal());
        assertThat(sentences(verify().integrity()))
                .singleElement()
                .asString()
                .startsWith("it does not link to the segment before it: expected the predecessor ")
                .endsWith("found 00000000");
    }

    @Test
    void aSegmentSignedByAnotherKeyIsNamed() {
        begin(2);
        segments.add(scribe.newKey().seal());
        assertThat(sentences(verify().integrity())).singleElement().asString().startsWith("it is signed by the key ");
    }

    @Test
    void anEpochThatTheIdentityVouchesForGoesOn() {
        begin(2);
        segments.add(
                scribe.newEpoch().vouch(EpochReason.KEY_LOST).state(file(1, 20)).seal(true));
        segments.add(scribe.chunk(1, 20, "x").seal());
        Report report = verify();
        assertThat(report.holds()).isTrue();
        assertThat(report.counts().epochs()).isEqualTo(2);
    }

    @Test
    void anEpochThatNobodyVouchesForIsNamed() {
        begin(2);
        segments.add(scribe.newEpoch().state(file(1, 20)).seal());
        assertThat(sentences(verify().integrity()))
                .containsExactly("no identity vouches for its key, and no predecessor announced it");
    }

    @Test
    void thatAnEpochGoesOnDoesNotOpenOne() {
        begin(2);
        segments.add(scribe.newEpoch().vouch(EpochReason.CONTINUES).seal());
        assertThat(sentences(verify().integrity()))
                .containsExactly("no identity vouches for its key, and no predecessor announced it");
    }

    /** A handover is no use against a thief of the old identity if that one can go on vouching. */
    @Test
    void whoGotTheStreamVouchesForItAndWhoGaveItAwayDoesNotAnyMore() {
        begin(1);
        Identity giver = scribe.identity();
        Identity taker = giver.handOver(SigningKey.generate(new CountedRandom("taker")));
        scribe.as(taker).newEpoch().vouch(EpochReason.HANDED_OVER).state(file(1, 10));
        segments.add(scribe.seal(true));
        segments.add(scribe.restate(file(1, 10)));
        assertThat(verify().holds()).isTrue();
        assertThat(verify().counts().epochs()).isEqualTo(2);
        List<byte[]> whole = List.copyOf(segments);

        segments.add(scribe.as(giver).restate(file(1, 10)));
        segments.add(
                scribe.newEpoch().vouch(EpochReason.KEY_LOST).state(file(1, 10)).seal(true));
        String refused = "the identity %s vouches for it, which does not have the stream any more: %s has it"
                .formatted(giver.publicKey().brief(), taker.publicKey().brief());
        assertThat(sentences(verify().integrity())).containsExactly(refused, refused);
        assertThat(verify().completeness().holds()).isTrue();
        segments.add(scribe.as(taker).restate(file(1, 10)));
        assertThat(sentences(verify().integrity()))
                .as("the one that has it vouches on")
                .containsExactly(refused, refused);
        Verifier verifier = new Verifier(Scope.WHOLE);
        segments.forEach(segment -> verifier.segment(new Location("volume", 0, 1), ByteBuffer.wrap(segment)));
        assertThat(verifier.identity(scribe.stream())).contains(taker.publicKey());

        segments.clear();
        segments.addAll(whole);
        Identity rival = giver.handOver(SigningKey.generate(new CountedRandom("rival")));
        segments.add(scribe.as(rival)
                .linkTo(ChainHead.of(Scribe.segment(whole.getLast())))
                .newEpoch()
                .vouch(EpochReason.HANDED_OVER)
                .state(file(1, 10))
                .seal(true));
        assertThat(sentences(verify().integrity()))
                .as("given away a second time")
                .singleElement()
                .asString()
                .startsWith("the identity %s vouches for it"
                        .formatted(rival.publicKey().brief()));
    }

    @Test
    void aStreamBeginsWithAWordOfItsIdentity() {
        segments.add(scribe.seal());
        assertThat(sentences(verify().integrity()))
                .containsExactly("no identity vouches for its key, and no predecessor announced it");
        assertThat(sentences(verify(Scope.STRETCH, segments).integrity())).hasSize(1);
    }

    @Test
    void theFirstSegmentHasNoPredecessor() {
        ChainHead head = new ChainHead(scribe.stream(), 1, 0, Octets.of(new byte[32]), Octets.zero(32));
        ChainHead odd = new ChainHead(head.stream(), 1, 0, Octets.parse("01".repeat(32)), head.nextKey());
        segments.add(scribe.linkTo(odd).vouch(EpochReason.FIRST).seal());
        assertThat(sentences(verify().integrity()))
                .containsExactly("the first segment of the stream names a predecessor");
    }

    /**
     * Who has no key of the node at all must not be able to drop the end of a stream and to write another: behind
     * missing segments nothing announces the key.
     */
    @Test
    void aForgedEndBehindAHoleIsNamed() {
        begin(3);
        Scribe forger = new Scribe("forger");
        ChainHead far = new ChainHead(scribe.stream(), 1, 6, Octets.parse("05".repeat(32)), Octets.zero(32));
        segments.add(forger.linkTo(far).chunk(1, 30, "forged").seal());
        segments.add(forger.chunk(1, 36, "forged").seal());
        Report report = verify();
        assertThat(sentences(report.integrity()))
                .containsExactly("no identity vouches for the keys of segments 7 to 8, nor for one that links to them");
        assertThat(sentences(report.completeness())).contains("segments 5 to 6 are missing");
    }

    @Test
    void aForgedStretchIsNamed() {
        Scribe forger = new Scribe("forger");
        ChainHead far = new ChainHead(scribe.stream(), 1, 6, Octets.parse("05".repeat(32)), Octets.zero(32));
        segments.add(forger.linkTo(far).seal());
        for (Scope scope : List.of(Scope.WHOLE, Scope.STRETCH)) {
            assertThat(sentences(verify(scope, segments).integrity()))
                    .containsExactly(
                            "no identity vouches for the keys of segments 7 to 7, nor for one that links to them");
        }
    }

    @Test
    void singleSegmentsAreOfUnknownOriginWhereNobodyVouchesForThem() {
        begin(1);
        byte[] vouched = segments.getFirst();
        byte[] third = scribe.chunk(1, 10, "x").seal();
        scribe.seal();
        byte[] fifth = scribe.seal();
        Verifier verifier = new Verifier(Scope.SEGMENTS);
        for (byte[] segment : List.of(vouched, third, fifth)) {
            verifier.segment(new Location("segment", 0, segment.length), ByteBuffer.wrap(segment));
        }
        assertThat(verifier.report().integrity().holds()).isTrue();
        assertThat(verifier.unvouched())
                .extracting(Finding::sentence)
                .containsExactly(
                        "no identity vouches for the keys of segments 3 to 3, nor for one that links to them",
                        "no identity vouches for the keys of segments 5 to 5, nor for one that links to them");
        assertThat(verify(Scope.SEGMENTS, List.of(vouched)).holds()).isTrue();
        assertThat(verify(Scope.SEGMENTS, List.of(third)).holds()).isTrue();
        third[400] ^= 1;
        assertThat(verify(Scope.SEGMENTS, List.of(third)).integrity().holds()).isFalse();
    }

    /** The hash of the predecessor reaches backwards what the identity says later. */
    @Test
    void segmentsBehindAHoleAreVouchedForByALaterOneThatLinksToThem() {
        begin(1);
        scribe.seal();
        segments.add(scribe.seal());
        segments.add(scribe.seal());
        assertThat(sentences(verify().integrity())).hasSize(1);
        segments.add(scribe.restate(file(1, 10)));
        assertThat(verify().integrity().holds()).isTrue();
        assertThat(sentences(verify().completeness())).containsExactly("segment 3 is missing");
    }

    @Test
    void aVouchedSegmentDoesNotClearWhatItDoesNotLinkTo() {
        begin(1);
        scribe.seal();
        segments.add(scribe.seal());
        scribe.seal();
        segments.add(scribe.restate(file(1, 10)));
        assertThat(sentences(verify().integrity()))
                .containsExactly("no identity vouches for the keys of segments 4 to 4, nor for one that links to them");
    }

    @Test
    void aReportIsOfWhatWasGivenSoFar() {
        begin(1);
        scribe.seal();
        byte[] behindHole = scribe.seal();
        byte[] vouched = scribe.restate(file(1, 10));
        Verifier verifier = new Verifier(Scope.WHOLE);
        List<Boolean> holds = new ArrayList<>();
        for (byte[] segment : List.of(segments.get(0), segments.get(1), behindHole, vouched)) {
            verifier.segment(new Location("volume", 0, 1), ByteBuffer.wrap(segment));
            holds.add(verifier.report().integrity().holds());
        }
        assertThat(holds).containsExactly(true, true, false, true);
        assertThat(verifier.lastSequence(scribe.stream())).isEqualTo(5);
        assertThat(verifier.lastSequence(Octets.zero(16))).isZero();
    }

    @Test
    void anEpochDoesNotGoBack() {
        segments.add(scribe.vouch(EpochReason.FIRST).seal());
        segments.add(scribe.newEpoch().vouch(EpochReason.KEY_LOST).seal());
        scribe.seal();
        ChainHead head = scribe.head();
        scribe.linkTo(new ChainHead(head.stream(), 1, head.sequence(), head.hash(), head.nextKey()));
        segments.add(scribe.vouch(EpochReason.CONTINUES).seal());
        assertThat(sentences(verify().integrity())).containsExactly("expected epoch 2 or a later one, found 1");
    }

    @Test
    void holesRepetitionsAndAbandonedFilesAreNamed() {
        segments.add(scribe.vouch(EpochReason.FIRST)
                .state(file(1, 0), file(2, 0), file(3, 0))
                .seal(true));
        segments.add(scribe.chunk(1, 0, "abcde")
                .chunk(1, 7, "h")
                .chunk(2, 0, "abc")
                .chunk(2, 2, "cd")
                .seal());
        segments.add(scribe.restate(file(1, 8), file(2, 4)));
        segments.add(scribe.state(event(Entry.EventKind.ENDED, 1), file(1, 0)).seal());
        segments.add(scribe.chunk(9, 0, "x").seal());
        Report report = verify();
        assertThat(sentences(report.completeness()))
                .containsExactly(
                        "bytes 5 to 6 of /var/log/pods/shop_web-1_7f3c/web/0.log (file 1) are neither captured nor"
                                + " covered by a gap",
                        "/var/log/pods/shop_web-3_7f3c/web/0.log (file 3) is no longer followed from byte 0 on, and"
                                + " nothing says that it ended",
                        "file 9 was never declared");
        assertThat(sentences(report.integrity()))
                .containsExactly(
                        "bytes 2 to 2 of /var/log/pods/shop_web-2_7f3c/web/0.log (file 2) are accounted for twice",
                        "/var/log/pods/shop_web-1_7f3c/web/0.log is declared as file 1, an id that the stream has used"
                                + " before");
    }

    @Test
    void gapsAreCountedAndDoNotSpeakAgainstCompleteness() {
        segments.add(scribe.vouch(EpochReason.FIRST)
                .state(file(1, 0), gap(1, 0, 100), gap(1, 100, Entry.UNKNOWN), gap(Entry.NO_FILE, 0, Long.MAX_VALUE))
                .seal(true));
        Report report = verify();
        assertThat(report.holds()).isTrue();
        assertThat(report.counts().gaps()).isEqualTo(3);
        assertThat(report.counts().gapBytes()).isEqualTo(Long.MAX_VALUE);
        assertThat(report.counts().unknownGaps()).isEqualTo(1);
        assertThat(report.gaps())
                .extracting(Report.DeclaredGap::source)
                .containsExactly(file(1, 0).source(), file(1, 0).source(), null);
    }

    @Test
    void streamsDoNotMix() {
        Scribe other = new Scribe("other");
        begin(1);
        segments.add(other.vouch(EpochReason.FIRST).state(file(1, 0)).seal());
        segments.add(scribe.chunk(1, 10, "x").seal());
        segments.add(other.chunk(1, 0, "y").seal());
        Report report = verify();
        assertThat(report.holds()).isTrue();
        assertThat(report.counts().streams()).isEqualTo(2);
    }

    @Test
    void whatTheContainerSaysIsReported() {
        Verifier verifier = new Verifier(Scope.WHOLE);
        verifier.damaged(new Location("v1", 5, 10), "no record");
        verifier.missing(null, scribe.stream(), 7, "segment 7 was here");
        verifier.segment(new Location("v1", 15, 3), ByteBuffer.allocate(3));
        Report report = verifier.report();
        assertThat(report.integrity())
                .isInstanceOfSatisfying(
                        Verdict.Fails.class,
                        fails -> assertThat(fails.findings())
                                .extracting(Finding::toString)
                                .containsExactly(
                                        "no record (v1, bytes 5 to 14)",
                                        "segment: expected at least 379 bytes, found 3 (v1, bytes 15 to 17)"));
        assertThat(report.completeness())
                .isInstanceOfSatisfying(
                        Verdict.Fails.class,
                        fails -> assertThat(fails.findings())
                                .extracting(Finding::toString)
                                .containsExactly(
                                        "stream " + scribe.stream().brief() + " segment 7: segment 7 was here"));
    }

    @Test
    void findingsAreCountedBeyondThoseThatAreKept() {
        Verifier verifier = new Verifier(Scope.WHOLE);
        for (int i = 0; i < Verifier.MOST_KEPT + 5; i++) {
            verifier.damaged(new Location("v1", i, 1), "no record");
        }
        assertThat(verifier.report().integrity()).isInstanceOfSatisfying(Verdict.Fails.class, fails -> {
            assertThat(fails.findings()).hasSize(Verifier.MOST_KEPT);
            assertThat(fails.count()).isEqualTo(Verifier.MOST_KEPT + 5);
        });
    }

    /** Whatever is done to the order and presence of sound segments: unless it is the whole stream, a verdict fails. */
    @Test
    void noOtherOrderOrSelectionHolds() {
        begin(6);
        segments.add(scribe.restate(file(1, 60)));
        List<byte[]> whole = List.copyOf(segments);
        Property.holds(300, dice -> {
            List<byte[]> changed = new ArrayList<>(whole);
            for (int i = dice.between(1, 3); i > 0; i--) {
                switch (dice.below(3)) {
                    case 0 -> changed.remove(dice.below(changed.size()));
                    case 1 -> Collections.swap(changed, dice.below(changed.size()), dice.below(changed.size()));
                    default -> changed.add(dice.below(changed.size() + 1), dice.pick(whole));
                }
            }
            boolean beginning = changed.equals(whole.subList(0, changed.size() <= whole.size() ? changed.size() : 0));
            assertThat(verify(Scope.WHOLE, changed).holds()).isEqualTo(beginning);
        });
    }
}
