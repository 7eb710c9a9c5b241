package io.kiroku.agent.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.agent.simulation.ForgetfulFile;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** A ring on a disk that forgets, beside a plain account of what it must hold. */
final class RingModel {
    static final Octets STREAM = Octets.parse("000102030405060708090a0b0c0d0e0f");
    static final long SIZE = 16L << 20;
    static final int LONGEST = 2 << 20;

    private static final byte[] FILLING = filling();

    /** A record: what its body says, so that one of an earlier life of the ring is told from its successor. */
    private record Written(long life, int length, int before) {}

    private final RandomGenerator random;
    private final TreeMap<Long, Written> written = new TreeMap<>();
    final ForgetfulFile disk = new ForgetfulFile(RingLayout.fileLength(SIZE));
    Ring ring;
    private long life;
    private long durable;
    private long acknowledged;

    RingModel(RandomGenerator random) throws IOException {
        this.random = random;
        this.ring = Ring.create(disk, RingLayout.of(STREAM, "node-1", SIZE, random.nextInt()));
    }

    private static byte[] filling() {
        byte[] bytes = new byte[LONGEST];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    long newest() {
        return written.isEmpty() ? 0 : written.lastKey();
    }

    long durable() {
        return durable;
    }

    /** Appends a segment of that length if there is room. */
    boolean append(int length) throws IOException {
        if (!ring.hasRoom(length)) {
            return false;
        }
        long number = newest() + 1;
        Written before = written.get(number - 1);
        Written next = new Written(life, length, before == null ? 0 : before.hashCode());
        written.put(number, next);
        ring.append(body(number, next), number);
        long nowDurable = ring.standing().durable();
        assertThat(nowDurable).isBetween(durable, number);
        durable = nowDurable;
        return true;
    }

    private static ByteBuffer body(long number, Written what) {
        ByteBuffer body = ByteBuffer.allocate(what.length());
        body.putLong(number).putLong(what.life()).putInt(what.before());
        body.put(FILLING, 0, body.remaining());
        return body.flip();
    }

    void sync() throws IOException {
        durable = ring.sync();
        assertThat(durable).isEqualTo(newest());
    }

    void acknowledge() {
        if (durable > acknowledged) {
            acknowledged = random.nextLong(acknowledged, durable) + 1;
            ring.acknowledge(acknowledged);
        }
    }

    void acknowledgeAll() {
        acknowledged = durable;
        ring.acknowledge(durable);
    }

    /** The process dies, with the power or without, and the ring is opened again. */
    void crash(ForgetfulFile.Loss loss) throws IOException, MalformedException {
        disk.crash(loss, random);
        reopen();
    }

    void reopen() throws IOException, MalformedException {
        life++;
        while (random.nextInt(4) == 0 && !opens()) {
            disk.crash(ForgetfulFile.Loss.SECTOR_BY_SECTOR, random);
        }
        disk.heal();
        ring = Ring.open(disk);
        assertThat(ring.damage()).isEmpty();
        long found = ring.standing().newest();
        assertThat(found).as("newest after a crash").isBetween(durable, newest());
        written.tailMap(found, false).clear();
        durable = found;
        assertThat(ring.standing().durable()).isEqualTo(found);
        ring.acknowledge(acknowledged);
        check();
    }

    /** Opening it may be cut short as well. */
    private boolean opens() throws IOException, MalformedException {
        disk.killAt(random.nextInt(3), random.nextBoolean());
        try {
            ring = Ring.open(disk);
            return true;
        } catch (ForgetfulFile.Killed killed) {
            return false;
        }
    }

    /** Everything that nobody acknowledged is there, nothing else follows it, and it reads as it was written. */
    void check() throws IOException {
        Ring.Standing standing = ring.standing();
        assertThat(standing.newest()).isEqualTo(newest());
        assertThat(standing.durable()).isEqualTo(durable);
        assertThat(standing.acknowledged()).isEqualTo(acknowledged);
        assertThat(standing.usedBytes()).isBetween(0L, standing.size());
        if (newest() == 0) {
            assertThat(standing.oldest()).isZero();
            return;
        }
        if (standing.oldest() != 0) {
            assertThat(standing.oldest()).isLessThanOrEqualTo(acknowledged + 1);
            read(standing.oldest());
        }
        if (acknowledged < durable) {
            read(acknowledged + 1);
        }
    }

    /** A cursor from there gives every durable segment and no other. */
    void read(long from) throws IOException {
        RingCursor cursor = ring.cursorAt(from);
        for (long number = from; number <= durable; number++) {
            assertThat(cursor.next()).isEqualTo(number);
            ByteBuffer body = cursor.read();
            assertThat(body)
                    .as("segment " + number)
                    .isEqualTo(body(number, Objects.requireNonNull(written.get(number))));
        }
        assertThat(cursor.read()).isNull();
        assertThat(cursor.next()).isEqualTo(Math.max(from, durable + 1));
    }

    /** Reads from somewhere in what the ring holds. */
    void readSomewhere() throws IOException {
        long oldest = ring.standing().oldest();
        if (oldest != 0) {
            read(random.nextLong(oldest, newest() + 2));
        }
    }
}
