package io.kiroku.collector.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HttpConnectionsTest {
    private final AtomicLong nanos = new AtomicLong();
    private final HttpConnections connections = new HttpConnections(nanos::get);

    private void pass(EmbeddedChannel channel, long millis) {
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
        channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void aByteASecondKeepsNoConnectionOpen() {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.freezeTime();
        channel.pipeline().addFirst(connections);
        assertThat(connections.open()).isEqualTo(1);
        for (int second = 1; second < 10; second++) {
            pass(channel, 1_000);
            channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {'G'}));
            assertThat(channel.isOpen()).as("after %d s", second).isTrue();
        }
        pass(channel, 1_000);
        assertThat(channel.isOpen()).isFalse();
        assertThat(connections.open()).isZero();
        assertThat(connections.turnedAway()).isZero();
        channel.finishAndReleaseAll();
    }
}
