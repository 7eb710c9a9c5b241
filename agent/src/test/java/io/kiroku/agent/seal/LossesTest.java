package io.kiroku.agent.seal;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.agent.ring.Ring;
import io.kiroku.agent.ring.RingCursor;
import io.kiroku.agent.ring.RingLayout;
import io.kiroku.agent.ring.WhenFull;
import io.kiroku.agent.ship.Junction;
import io.kiroku.agent.simulation.ForgetfulFile;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Entry.GapCause;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.LostSegments;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.wire.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is to be declared of segments that neither ring nor collector has, and until when. */
class LossesTest {
    private static final long SIZE = 16L << 20;
    private static final long NOW = 5;
    private static final FilePath SOURCE = FilePath.of("/a");

    private final ForgetfulFile disk = new ForgetfulFile(RingLayout.fileLength(SIZE));
    private final Ring ring = newRing();

    private Ring newRing() {
        try {
            return Ring.create(disk, RingLayout.of(Octets.zero(16), "node", SIZE, new Random(1).nextInt()));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Segments of a megabyte, acknowledged as they come: those that are left are the newest. */
    private void fill(int segments) throws IOException {
        for (int i = 0; i < segments; i++) {
            ring.append(ByteBuffer.allocate(1 << 20), ring.standing().newest() + 1);
            ring.sync();
            ring.acknowledge(ring.standing().newest());
        }
    }

    private static Entry.SegmentGap unknown(long first, long last, GapCause cause) {
        return new Entry.SegmentGap(first, last, cause, NOW, Entry.NO_FILE, null, 0, Entry.UNKNOWN, false);
    }

    private static Frame.Head head(long sequence, LostSegments.Range... undeclared) {
        return new Frame.Head(sequence, Octets.zero(32), 1, 1, List.of(undeclared));
    }

    private static List<Entry> statements(Losses losses) {
        losses.update(NOW);
        return losses.statements(NOW);
    }

    @Test
    void whatIsMissingBetweenTheCollectorAndTheRingIsDeclared() throws Exception {
        fill(30);
        long oldest = ring.standing().oldest();
        Losses losses = new Losses(WhenFull.BLOCK, ring);
        RingCursor cursor = new Junction(ring, losses, _ -> {}).behind(head(4));
        assertThat(cursor.next()).isEqualTo(oldest);
        assertThat(losses.areDue()).as("before the thread that seals looks").isFalse();
        assertThat(statements(losses)).containsExactly(unknown(5, oldest - 1, GapCause.COLLECTOR_LOST));
        assertThat(losses.areDue()).isTrue();
        assertThat(losses.counts()).containsExactly(Map.entry(GapCause.COLLECTOR_LOST, 1L));
    }

    @Test
    void whatWasNeverAcknowledgedWasOverwritten() throws Exception {
        fill(30);
        Losses losses = new Losses(WhenFull.OVERWRITE, ring);
        losses.missing(3, 9, 6);
        assertThat(statements(losses))
                .containsExactly(unknown(3, 6, GapCause.COLLECTOR_LOST), unknown(7, 9, GapCause.RING_OVERRUN));
        Losses blocking = new Losses(WhenFull.BLOCK, ring);
        blocking.missing(3, 9, 6);
        assertThat(statements(blocking))
                .as("an agent that blocks overwrites nothing without a receipt")
                .containsExactly(unknown(3, 9, GapCause.COLLECTOR_LOST));
    }

    @Test
    void whatTheCollectorFindsUndeclaredIsDeclared() throws Exception {
        fill(30);
        long oldest = ring.standing().oldest();
        Losses losses = new Losses(WhenFull.OVERWRITE, ring);
        new Junction(ring, losses, _ -> {}).behind(head(oldest - 1, new LostSegments.Range(3, 4)));
        assertThat(statements(losses)).containsExactly(unknown(3, 4, GapCause.RING_OVERRUN));
    }

    @Test
    void whatIsKnownOfLostSegmentsIsNotDeclaredAgainAsUnknown() throws Exception {
        fill(30);
        Losses losses = new Losses(WhenFull.OVERWRITE, ring);
        Entry.SegmentGap known = new Entry.SegmentGap(4, 6, GapCause.RING_OVERRUN, 1, 7, SOURCE, 10, 20, true);
        losses.restore(31, known);
        losses.missing(2, 9, 0);
        assertThat(statements(losses))
                .containsExactly(unknown(2, 3, GapCause.RING_OVERRUN), known, unknown(7, 9, GapCause.RING_OVERRUN));
        losses.missing(1, 8, 0);
        assertThat(statements(losses)).hasSize(4).contains(unknown(1, 1, GapCause.RING_OVERRUN));
    }

    @Test
    void whatIsReadBackTwiceIsOneLoss() throws Exception {
        Losses losses = new Losses(WhenFull.OVERWRITE, ring);
        Entry.SegmentGap named = new Entry.SegmentGap(4, 6, GapCause.RING_OVERRUN, 1, 7, SOURCE, 10, 20, true);
        Entry.SegmentGap others = new Entry.SegmentGap(4, 6, GapCause.RING_OVERRUN, 1, 0, null, 0, 5, false);
        for (long sequence : new long[] {8, 9}) {
            losses.restore(sequence, named);
            losses.restore(sequence, others);
        }
        assertThat(statements(losses)).containsExactly(named, others);
        assertThat(losses.areDue()).isFalse();
    }

    @Test
    void aLossIsStatedUntilItsReceipt() throws Exception {
        Losses losses = new Losses(WhenFull.OVERWRITE, ring);
        losses.missing(1, 2, 0);
        assertThat(statements(losses)).hasSize(1);
        fill(1);
        losses.stated(2);
        assertThat(losses.areDue()).isFalse();
        assertThat(statements(losses)).as("in segments that restate").hasSize(1);
        fill(1);
        assertThat(statements(losses)).isEmpty();
    }
}
