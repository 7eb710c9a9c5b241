package io.kiroku.collector.ingest;

import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.segment.SegmentHeader;
import io.kiroku.evidence.verify.SegmentCheck.Outcome;
import io.kiroku.evidence.wire.Frame.RefusalCode;

/**
 * Whether a sound segment may come next where no predecessor announces its key: at the beginning of a stream, at that of
 * an epoch, behind a hole. Then the agent's identity has to vouch for the key.
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

    /** Nothing of the stream is here. It may begin anywhere, if its identity vouches for the key. */
    static Succession first(SegmentHeader header, Outcome.Sound sound) {
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

    static Succession inNextEpoch(ChainHead basis, SegmentHeader header, Outcome.Sound sound) {
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
    static Succession behindHole(ChainHead basis, SegmentHeader header) {
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
