package io.kiroku.evidence.chain;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.Scribe;
import io.kiroku.evidence.chain.ChainHead.Placement;
import io.kiroku.evidence.record.Entry.EpochReason;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import org.junit.jupiter.api.Test;

class ChainHeadTest {
    private final Scribe scribe = Scribe.begun("head");

    private static Segment next(Scribe scribe) {
        return Scribe.segment(scribe.seal());
    }

    @Test
    void theHeadIsWhatTheNextSegmentLinksTo() {
        Segment segment = next(scribe);
        ChainHead head = ChainHead.of(segment);
        assertThat(head.stream()).isEqualTo(scribe.stream());
        assertThat(head.sequence()).isEqualTo(2);
        assertThat(head.epoch()).isEqualTo(1);
        assertThat(head.hash()).isEqualTo(segment.hash());
        assertThat(head.nextKey()).isEqualTo(segment.header().nextKey());
        assertThat(head.place(next(scribe).header())).isEqualTo(Placement.NEXT);
    }

    @Test
    void aPassedSequenceIsBehind() {
        Segment second = next(scribe);
        Segment third = next(scribe);
        assertThat(ChainHead.of(third).place(third.header())).isEqualTo(Placement.BEHIND);
        assertThat(ChainHead.of(third).place(second.header())).isEqualTo(Placement.BEHIND);
    }

    @Test
    void aSkippedSequenceIsAhead() {
        ChainHead head = scribe.head();
        next(scribe);
        assertThat(head.place(next(scribe).header())).isEqualTo(Placement.AHEAD);
    }

    @Test
    void anotherPredecessorIsAFork() {
        ChainHead head = scribe.head();
        ChainHead other = new ChainHead(head.stream(), head.epoch(), head.sequence(), Octets.zero(32), head.nextKey());
        assertThat(other.place(next(scribe).header())).isEqualTo(Placement.FORKED);
    }

    @Test
    void anotherKeyInTheSameEpochIsWrong() {
        ChainHead head = scribe.head();
        assertThat(head.place(next(scribe.newKey()).header())).isEqualTo(Placement.WRONG_KEY);
        assertThat(head.place(next(Scribe.begun("head").newKey().vouch(EpochReason.CONTINUES))
                        .header()))
                .isEqualTo(Placement.WRONG_KEY);
    }

    @Test
    void aLaterEpochIsTheNextAndAnEarlierOneIsAFork() {
        ChainHead head = scribe.head();
        Segment opened = next(scribe.newEpoch().vouch(EpochReason.KEY_LOST));
        assertThat(head.place(opened.header())).isEqualTo(Placement.NEXT_EPOCH);
        ChainHead later = new ChainHead(head.stream(), 3, head.sequence(), head.hash(), head.nextKey());
        assertThat(later.place(opened.header())).isEqualTo(Placement.FORKED);
    }

    /** An agent with two identities could otherwise continue the one stream in the name of the other. */
    @Test
    void anotherStreamContinuesNothing() {
        ChainHead head = scribe.head();
        ChainHead other = new ChainHead(Octets.zero(16), head.epoch(), head.sequence(), head.hash(), head.nextKey());
        assertThat(other.place(next(scribe).header())).isEqualTo(Placement.FORKED);
        assertThat(other.place(next(scribe).header())).isEqualTo(Placement.FORKED);
    }
}
