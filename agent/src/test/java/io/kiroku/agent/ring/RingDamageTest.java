package io.kiroku.agent.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.agent.simulation.ForgetfulFile;
import io.kiroku.agent.simulation.ForgetfulFile.Loss;
import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Damage to what was on stable storage is told, and not taken for a write that a crash tore. */
class RingDamageTest {
    private static final long SIZE = 16L << 20;
    private static final int LENGTH = 1000;
    private static final int TOTAL = RecordFrame.LENGTH + LENGTH;

    private final RandomGenerator random = new Random(7);
    private final ForgetfulFile disk = new ForgetfulFile(RingLayout.fileLength(SIZE));

    private Ring create() throws IOException {
        return Ring.create(disk, RingLayout.of(Octets.zero(16), "node-1", SIZE, random.nextInt()));
    }

    /** Each becomes durable before the next is written, as on a quiet node. */
    private static void appendOneByOne(Ring ring, int count, int length) throws IOException {
        for (int i = 0; i < count; i++) {
            long number = ring.standing().newest() + 1;
            ring.append(ByteBuffer.allocate(length).putLong(0, number), number);
            ring.sync();
        }
    }

    private static long offsetOf(long number) {
        return RingLayout.PAGE + (number - 1) * TOTAL;
    }

    @Test
    void aDamagedHeadAmongTheLastIsNoTornTail() throws Exception {
        appendOneByOne(create(), 20, LENGTH);
        disk.crash(Loss.ALL, random);
        for (int at = 0; at < RecordFrame.LENGTH; at++) {
            disk.damage(offsetOf(8) + at);
            assertThatThrownBy(() -> Ring.open(disk))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageStartingWith("expected segment 8, which was on stable storage, found damaged bytes");
            disk.damage(offsetOf(8) + at);
        }
        assertThat(Ring.open(disk).standing().newest()).isEqualTo(20);
    }

    @Test
    void aDamagedFirstHeadOfTheNewestExtentIsNoTornTail() throws Exception {
        Ring ring = create();
        appendOneByOne(ring, 6, 1_500_000);
        disk.crash(Loss.ALL, random);
        // Two of them fit an extent of 4 MiB: the fifth begins the third.
        disk.damage(RingLayout.PAGE + 2L * RingLayout.LEAST_EXTENT + 20);
        assertThatThrownBy(() -> Ring.open(disk))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("expected segment 5, which was on stable storage");
    }

    @Test
    void theLastRecordMayBeTornAndNobodyCanTell() throws Exception {
        appendOneByOne(create(), 20, LENGTH);
        disk.crash(Loss.ALL, random);
        disk.damage(offsetOf(20) + 3);
        Ring ring = Ring.open(disk);
        assertThat(ring.standing().newest()).isEqualTo(19);
        assertThat(ring.damage()).isEmpty();
    }

    @Test
    void damageInAnOlderExtentIsReportedAndTheRestGoesOn() throws Exception {
        Ring ring = create();
        appendOneByOne(ring, 7, 1_500_000);
        disk.crash(Loss.ALL, random);
        disk.damage(RingLayout.PAGE + (long) RingLayout.LEAST_EXTENT + RecordFrame.LENGTH + 1_500_000 + 9);
        Ring again = Ring.open(disk);
        assertThat(again.damage())
                .singleElement()
                .asString()
                .isEqualTo("expected segments 4 to 4, found damaged bytes");
        assertThat(again.standing().newest()).isEqualTo(7);
        assertThat(again.standing().oldest()).isEqualTo(5);
        appendOneByOne(again, 1, 100);
    }

    @Test
    void aDamagedBodyIsFoundWhereItIsRead() throws Exception {
        appendOneByOne(create(), 20, LENGTH);
        disk.crash(Loss.ALL, random);
        disk.damage(offsetOf(8) + RecordFrame.LENGTH + 500);
        Ring ring = Ring.open(disk);
        assertThat(ring.standing().newest()).isEqualTo(20);
        RingCursor cursor = ring.cursorAt(7);
        assertThat(cursor.read()).isNotNull();
        assertThatThrownBy(cursor::read)
                .isInstanceOf(IOException.class)
                .hasMessage("segment 8 in the ring at offset %d does not match its checksum".formatted(offsetOf(8)));
    }

    @Test
    void damageOutsideOfAllRecordsIsNone() throws Exception {
        appendOneByOne(create(), 20, LENGTH);
        disk.crash(Loss.ALL, random);
        for (int i = 0; i < 100; i++) {
            disk.damage(random.nextLong(offsetOf(21), disk.size()));
        }
        Ring ring = Ring.open(disk);
        assertThat(ring.damage()).isEmpty();
        assertThat(ring.standing().newest()).isEqualTo(20);
    }

    /** Who writes a log writes what comes to lie in the ring, and must not be able to make the agent fall over it. */
    @Test
    void logsThatLookLikeRecordsAreNotTakenForAny() throws Exception {
        Ring ring = create();
        ByteBuffer hostile = ByteBuffer.allocate(1_300_000);
        for (long number = 1; hostile.remaining() >= 2 * RecordFrame.LENGTH; number++) {
            RecordFrame.write(hostile, ByteBuffer.allocate(0), number % 40, Long.MAX_VALUE);
        }
        for (int lap = 0; lap < 3; lap++) {
            for (int i = 0; i < 12; i++) {
                long number = ring.standing().newest() + 1;
                ring.append(hostile.clear(), number);
            }
            ring.sync();
            ring.acknowledge(ring.standing().durable());
            appendOneByOne(ring, 3, 33);
            disk.crash(Loss.ALL, random);
            long newest = ring.standing().newest();
            ring = Ring.open(disk);
            assertThat(ring.standing().newest()).isEqualTo(newest);
            assertThat(ring.damage()).isEmpty();
            ring.acknowledge(newest);
        }
    }

    @Test
    void everyFlippedByteOfASmallRingIsToldOrHarmless() throws Exception {
        appendOneByOne(create(), 6, 50);
        disk.crash(Loss.ALL, random);
        for (long at = RingLayout.PAGE; at < RingLayout.PAGE + 5 * (RecordFrame.LENGTH + 50); at += 7) {
            disk.damage(at);
            assertThat(isTold()).as("damage at " + at).isTrue();
            disk.damage(at);
        }
    }

    private boolean isTold() {
        try {
            Ring ring = Ring.open(disk);
            RingCursor cursor = ring.cursorAt(ring.standing().oldest());
            for (long number = 1; number <= 5; number++) {
                cursor.read();
            }
            return false;
        } catch (IOException | MalformedException told) {
            return true;
        }
    }
}
