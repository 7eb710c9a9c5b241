package io.kiroku.agent.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.agent.simulation.ForgetfulFile;
import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What the ring promises to its three users. */
class RingTest {
    private static final long SIZE = 16L << 20;
    private static final int EXTENT = RingLayout.LEAST_EXTENT;

    private final RandomGenerator random = new Random(5);
    private final ForgetfulFile disk = new ForgetfulFile(RingLayout.fileLength(SIZE));
    private final Ring ring = create();

    private Ring create() {
        try {
            return Ring.create(disk, RingLayout.of(Octets.zero(16), "node-1", SIZE, random.nextInt()));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void append(int length) throws IOException {
        long number = ring.standing().newest() + 1;
        ring.append(ByteBuffer.allocate(length), number);
    }

    @Test
    void anEmptyRingHasNothing() throws IOException {
        assertThat(ring.standing()).isEqualTo(new Ring.Standing(0, 0, 0, 0, 0, RingLayout.fileLength(SIZE)));
        assertThat(ring.newestRestating()).isZero();
        assertThat(ring.cursorAt(1).read()).isNull();
        assertThat(ring.beginsExtent(1)).isTrue();
        assertThat(ring.hasRoom(EXTENT - RecordFrame.LENGTH)).isTrue();
    }

    @Test
    void aSegmentIsOfferedOnceItIsDurable() throws IOException {
        RingCursor cursor = ring.cursorAt(1);
        append(10);
        append(20);
        assertThat(cursor.read()).isNull();
        assertThat(ring.sync()).isEqualTo(2);
        assertThat(cursor.read())
                .hasToString(ByteBuffer.allocateDirect(10).limit(10).toString().replace("cap=10", "cap=1048576"));
        append(30);
        assertThat(cursor.read()).isNotNull();
        assertThat(cursor.read()).isNull();
        assertThat(cursor.next()).isEqualTo(3);
    }

    @Test
    void noExtentIsOverwrittenBeforeItsReceipts() throws IOException {
        int length = EXTENT - RecordFrame.LENGTH;
        for (int i = 0; i < 4; i++) {
            assertThat(ring.hasRoom(length)).isTrue();
            append(length);
        }
        assertThat(ring.hasRoom(1)).isFalse();
        assertThatThrownBy(() -> append(1)).isInstanceOf(IllegalStateException.class);
        ring.sync();
        assertThat(ring.hasRoom(1)).isFalse();
        ring.acknowledge(1);
        assertThat(ring.hasRoom(length)).isTrue();
        append(length);
        assertThat(ring.hasRoom(1)).isFalse();
        ring.sync();
        assertThat(ring.standing().oldest()).isEqualTo(2);
        assertThat(ring.newestRestating()).isEqualTo(5);
    }

    @Test
    void aSegmentLongerThanAnExtentIsADefectAndWritesNothing() throws IOException {
        append(10);
        byte[] before = disk.content();
        assertThatThrownBy(() -> ring.hasRoom(EXTENT)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> append(EXTENT)).isInstanceOf(IllegalStateException.class);
        assertThat(disk.content()).isEqualTo(before);
        assertThat(ring.standing().newest()).isEqualTo(1);
    }

    @Test
    void numbersHaveNoHole() throws IOException {
        append(10);
        assertThatThrownBy(() -> ring.append(ByteBuffer.allocate(10), 3)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> ring.append(ByteBuffer.allocate(10), 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aRingMayBeginInTheMiddleOfAStream() throws Exception {
        ring.append(ByteBuffer.allocate(10), 41);
        ring.append(ByteBuffer.allocate(10), 42);
        disk.crash(ForgetfulFile.Loss.NOTHING, random);
        Ring again = Ring.open(disk);
        assertThat(again.standing().oldest()).isEqualTo(41);
        assertThat(again.standing().newest()).isEqualTo(42);
    }

    @Test
    void receiptsForWhatIsNotDurableAreADefect() throws IOException {
        append(10);
        assertThatThrownBy(() -> ring.acknowledge(1)).isInstanceOf(IllegalStateException.class);
        ring.sync();
        ring.acknowledge(1);
        ring.acknowledge(0);
        assertThat(ring.standing().acknowledged()).isEqualTo(1);
    }

    /** Else a scan could not tell what a crash tore from what was damaged. */
    @Test
    void notMoreThanTwoExtentsAreEverWithoutSync() throws IOException {
        long before = disk.syncs();
        for (int i = 0; i < 4; i++) {
            append(EXTENT - RecordFrame.LENGTH);
            assertThat(ring.standing().newest() - ring.standing().durable()).isLessThanOrEqualTo(2);
        }
        assertThat(disk.syncs()).isGreaterThan(before);
    }

    @Test
    void theSyncThreadIsWokenByAnAppendAndEnds() throws Exception {
        Thread sync = Thread.ofPlatform().start(() -> {
            try {
                while (ring.syncNext() >= 0) {
                    // On.
                }
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        for (int i = 1; i <= 50; i++) {
            append(100);
            long end = System.nanoTime() + 10_000_000_000L;
            while (ring.standing().durable() < i && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            assertThat(ring.standing().durable()).isEqualTo(i);
        }
        ring.endSync();
        sync.join(10_000);
        assertThat(sync.isAlive()).isFalse();
    }

    @Test
    void aCursorBehindTheLastSegmentWaitsForTheNext() throws IOException {
        append(EXTENT - RecordFrame.LENGTH);
        ring.sync();
        RingCursor cursor = ring.cursorAt(2);
        assertThat(cursor.read()).isNull();
        append(7);
        ring.sync();
        assertThat(cursor.read()).isNotNull().matches(segment -> segment.remaining() == 7);
    }

    @Test
    void aCursorThatWasOverrunSaysSo() throws IOException {
        for (int i = 0; i < 4; i++) {
            append(EXTENT - RecordFrame.LENGTH);
        }
        ring.sync();
        RingCursor cursor = ring.cursorAt(1);
        ring.acknowledge(2);
        append(100_000);
        ring.sync();
        assertThatThrownBy(cursor::read).isInstanceOf(IOException.class);
    }

    @Test
    void theOldestExtentMayBeGivenUp() throws IOException {
        for (int i = 0; i < 4; i++) {
            append(EXTENT / 2);
            append(100);
        }
        ring.sync();
        RingCursor cursor = ring.cursorAt(1);
        assertThat(cursor.read()).isNotNull();
        assertThat(ring.oldest()).isEqualTo(new Ring.Range(1, 2));
        ring.giveUpOldest();
        assertThat(ring.standing().oldest()).isEqualTo(3);
        assertThat(ring.hasRoom(EXTENT - RecordFrame.LENGTH)).isTrue();
        assertThat(cursor.read()).isNotNull().matches(segment -> segment.remaining() == EXTENT / 2);
        assertThat(cursor.next()).isEqualTo(4);
        append(EXTENT - RecordFrame.LENGTH);
        ring.sync();
        assertThat(ring.standing()).satisfies(standing -> {
            assertThat(standing.oldest()).isEqualTo(3);
            assertThat(standing.newest()).isEqualTo(9);
            assertThat(standing.acknowledged()).isZero();
        });
    }

    @Test
    void whatIsGivenUpIsThereUntilItIsOverwritten() throws Exception {
        for (int i = 0; i < 4; i++) {
            append(EXTENT - RecordFrame.LENGTH);
        }
        ring.sync();
        ring.giveUpOldest();
        disk.crash(ForgetfulFile.Loss.NOTHING, random);
        assertThat(Ring.open(disk).standing().oldest()).isEqualTo(1);
    }

    @Test
    void whatACollectorLostIsKeptUntilItHasIt() throws IOException {
        for (int i = 0; i < 4; i++) {
            append(EXTENT - RecordFrame.LENGTH);
        }
        ring.sync();
        ring.acknowledge(4);
        assertThat(ring.collectorEndsAt(0).acknowledged()).isZero();
        assertThat(ring.hasRoom(1)).isFalse();
        assertThatThrownBy(() -> ring.collectorEndsAt(5)).isInstanceOf(IllegalStateException.class);
        ring.acknowledge(1);
        assertThat(ring.hasRoom(1)).isTrue();
    }
}
