package io.kiroku.evidence.chain;

import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentHeader;

/**
 * The end of a chain: what its next segment has to link to.
 *
 * @param stream 16 bytes
 * @param hash SHA-256 of the last segment's header
 * @param nextKey the key that the last segment announced
 */
public record ChainHead(Octets stream, long epoch, long sequence, Octets hash, Octets nextKey) {
    public static ChainHead of(Segment segment) {
        SegmentHeader header = segment.header();
        return new ChainHead(header.stream(), header.epoch(), header.sequence(), segment.hash(), header.nextKey());
    }

    /** Where a segment stands to this head. One of another stream continues nothing here, whatever it links to. */
    public Placement place(SegmentHeader next) {
        if (!next.stream().equals(stream)) {
            return Placement.FORKED;
        }
        if (next.sequence() <= sequence) {
            return Placement.BEHIND;
        }
        if (next.sequence() > sequence + 1) {
            return Placement.AHEAD;
        }
        if (!next.previous().equals(hash)) {
            return Placement.FORKED;
        }
        if (next.epoch() == epoch) {
            return next.key().equals(nextKey) ? Placement.NEXT : Placement.WRONG_KEY;
        }
        return next.epoch() > epoch ? Placement.NEXT_EPOCH : Placement.FORKED;
    }

    /** The ways in which a segment can stand to the end of a chain. */
    public enum Placement {
        /** It continues the chain in the same epoch, with the key that was announced. */
        NEXT,
        /** It continues the chain and opens an epoch; the agent's identity must vouch for its key. */
        NEXT_EPOCH,
        /** Its sequence is one that the chain has passed: a repetition, or a fork if its hash is another. */
        BEHIND,
        /** Segments between the head and it are missing. */
        AHEAD,
        /** It would be the next, but names another predecessor, an epoch that has passed, or another stream. */
        FORKED,
        /** It would be the next, but its key is not the one that the chain announced. */
        WRONG_KEY
    }
}
