package io.kiroku.collector.ingest;

import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.segment.SegmentHeader;
import io.kiroku.evidence.verify.SegmentCheck.Outcome;
import io.kiroku.evidence.wire.Frame.RefusalCode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether a sound segment that the chain has not passed may come next. Where no predecessor announces its key, at the
 * beginning of a stream, at that of an epoch, behind a hole, the agent's identity has to vouch for it.
 */
sealed interface Succession {
    /**
     * It may.
     *
     * @param remark what is to be said of it behind the agent's name; may be empty
     */
    record Accepted(String remark) implements Succession {}

    /** It may not: the agent is to send something else. */
    record Refused(RefusalCode code, String sentence) implements Succession {}

    /** It may not, and is to be put aside for people to look at. */
    record Misfit(RefusalCode code, String sentence) implements Succession {}

    /** Why a segment contradicts the end of the chain, if it does: it would be the next, and is another's. */
    static Optional<String> contradiction(@Nullable ChainHead basis, SegmentHeader header) {
        if (basis == null) {
            return Optional.empty();
        }
        return switch (basis.place(header)) {
            case FORKED ->
                Optional.of("its predecessor here is %s, it names %s"
                        .formatted(basis.hash().brief(), header.previous().brief()));
            case WRONG_KEY ->
                Optional.of("its predecessor announced the key %s, it is signed by %s"
                        .formatted(basis.nextKey().brief(), header.key().brief()));
            case NEXT, NEXT_EPOCH, BEHIND, AHEAD -> Optional.empty();
        };
    }

    /**
     * Whether a segment may come behind the end of a chain that it does not contradict and that has not passed it.
     *
     * @param basis null if nothing of the stream is here
     */
    static Succession of(@Nullable ChainHead basis, SegmentHeader header, Outcome.Sound sound) {
        if (basis == null) {
            return first(header, sound);
        }
        return switch (basis.place(header)) {
            case NEXT -> new Accepted("");
            case NEXT_EPOCH -> inNextEpoch(basis, header, sound);
            case AHEAD -> behindHole(basis, header);
            case BEHIND, FORKED, WRONG_KEY ->
                throw new IllegalStateException("a segment that does not come next: " + basis.place(header));
        };
    }

    /** Nothing of the stream is here. It may begin anywhere, if its identity vouches for the key. */
    private static Succession first(SegmentHeader header, Outcome.Sound sound) {
        if (header.sequence() > 1) {
            return sound.epoch().isPresent()
                    ? new Accepted("")
                    : new Refused(
                            RefusalCode.AHEAD,
                            "expected segment 1, or one in which the identity vouches for its key, found segment %d"
                                    .formatted(header.sequence()));
        }
        if (!header.previous().isZero()) {
            return new Misfit(RefusalCode.UNSOUND, "the first segment of a stream names a predecessor");
        }
        return opensEpoch(sound)
                ? new Accepted("")
                : new Misfit(RefusalCode.UNSOUND, "no identity vouches for the first segment of the stream");
    }

    private static Succession inNextEpoch(ChainHead basis, SegmentHeader header, Outcome.Sound sound) {
        if (!opensEpoch(sound)) {
            return new Misfit(
                    RefusalCode.UNSOUND,
                    "it opens epoch %d, and no identity vouches for that".formatted(header.epoch()));
        }
        boolean lostRing = sound.epoch()
                .filter(epoch -> epoch.reason() == Entry.EpochReason.RING_LOST)
                .isPresent();
        return new Accepted(
                lostRing
                        ? "has lost its ring: it goes on behind segment %d in epoch %d"
                                .formatted(basis.sequence(), header.epoch())
                        : "");
    }

    private static boolean opensEpoch(Outcome.Sound sound) {
        return sound.epoch()
                .filter(epoch -> epoch.reason() != Entry.EpochReason.CONTINUES)
                .isPresent();
    }

    /**
     * Segments are missing that the agent has no more. It may go on behind them where the identity vouches for the key and
     * every file is restated, and a sound segment that restates has the identity's word. That they are missing shows in
     * verification, unless a segment declares them lost.
     */
    private static Succession behindHole(ChainHead basis, SegmentHeader header) {
        if (header.epoch() < basis.epoch()) {
            return new Misfit(
                    RefusalCode.FORKED,
                    "the chain has come to epoch %d, it belongs to epoch %d".formatted(basis.epoch(), header.epoch()));
        }
        return header.restates()
                ? new Accepted("goes on with segment %d: segments %d to %d are missing"
                        .formatted(header.sequence(), basis.sequence() + 1, header.sequence() - 1))
                : new Refused(
                        RefusalCode.AHEAD,
                        "expected segment %d, or one that restates, found segment %d"
                                .formatted(basis.sequence() + 1, header.sequence()));
    }
}
