package io.kiroku.agent.ship;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.agent.ring.Ring;
import io.kiroku.agent.ring.RingLayout;
import io.kiroku.agent.ring.WhenFull;
import io.kiroku.agent.seal.Losses;
import io.kiroku.agent.simulation.ForgetfulFile;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.wire.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Where an empty ring joins a collector. Rings with segments are joined in the tests of the tail. */
class JunctionTest {
    private static final Octets STREAM = Octets.zero(16);
    private static final long SIZE = 16L << 20;

    private final ForgetfulFile disk = new ForgetfulFile(RingLayout.fileLength(SIZE));
    private final List<Optional<Frame.Head>> told = new ArrayList<>();

    private static Frame.Head head(long sequence) {
        return new Frame.Head(sequence, Octets.zero(32), 3, 9, List.of());
    }

    private Junction junction(Ring ring) {
        return new Junction(ring, new Losses(WhenFull.BLOCK, ring), told::add);
    }

    private Ring replaced() throws IOException {
        return Ring.create(
                disk,
                RingLayout.of(STREAM, "node", SIZE, new Random(1).nextInt()).continuing());
    }

    @Test
    void aNewRingNeedsNoCollector() throws Exception {
        Ring ring = Ring.create(disk, RingLayout.of(STREAM, "node", SIZE, new Random(1).nextInt()));
        assertThat(ring.awaitsCollector()).isFalse();
        assertThat(junction(ring).behind(null).next()).isEqualTo(1);
        assertThat(told).isEmpty();
    }

    @Test
    void aRingThatReplacesOneBeginsBehindTheCollector() throws Exception {
        Ring ring = replaced();
        assertThat(ring.awaitsCollector()).isTrue();
        Junction junction = junction(ring);
        assertThat(junction.behind(head(41)).next()).isEqualTo(42);
        assertThat(told).containsExactly(Optional.of(head(41)));
        assertThat(ring.awaitsCollector()).isFalse();
        assertThat(junction.behind(head(41)).next())
                .as("at the next connection")
                .isEqualTo(42);
        assertThat(told).hasSize(1);
    }

    @Test
    void itIsAskedAgainAfterARestartUntilItHoldsSomething() throws Exception {
        junction(replaced()).behind(head(41));
        Ring again = Ring.open(disk);
        assertThat(again.awaitsCollector()).isTrue();
        again.continueBehind(50);
        again.append(ByteBuffer.allocate(100), 51);
        again.sync();
        assertThat(Ring.open(disk).awaitsCollector()).isFalse();
    }

    @Test
    void aCollectorThatHasNothingLetsTheStreamBegin() throws Exception {
        Ring ring = replaced();
        assertThat(junction(ring).behind(null).next()).isEqualTo(1);
        assertThat(told).containsExactly(Optional.empty());
    }

    @Test
    void aCollectorThatForgetsWhereTheStreamEndedIsSentWhatComes() throws Exception {
        Ring ring = replaced();
        Junction junction = junction(ring);
        junction.behind(head(41));
        assertThat(junction.behind(null).next()).isEqualTo(42);
    }

    @Test
    void aCollectorThatIsAheadOfTheRingHasAnotherStream() throws Exception {
        Ring ring = Ring.create(disk, RingLayout.of(STREAM, "node", SIZE, new Random(1).nextInt()));
        assertThatThrownBy(() -> junction(ring).behind(head(7)))
                .isInstanceOf(IOException.class)
                .hasMessage("the collector has segment 7 of this stream, the ring ends with 0");
        assertThatThrownBy(() -> ring.continueBehind(7)).isInstanceOf(IllegalStateException.class);
    }
}
