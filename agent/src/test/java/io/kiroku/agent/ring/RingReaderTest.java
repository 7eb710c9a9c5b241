package io.kiroku.agent.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.durable.ChannelFile;
import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading a ring from outside, at rest and under a writer. */
class RingReaderTest {
    private static final long SIZE = 16L << 20;

    @TempDir
    Path state;

    private Path path;

    @BeforeEach
    void reserve() throws IOException {
        path = state.resolve(RingReader.FILE);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(RingLayout.fileLength(SIZE));
        }
    }

    private Ring create() throws IOException {
        return Ring.create(
                ChannelFile.open(path), RingLayout.of(Octets.zero(16), "node-1", SIZE, new Random(1).nextInt()));
    }

    private static void append(Ring ring, int length) throws IOException {
        long number = ring.standing().newest() + 1;
        ByteBuffer segment = ByteBuffer.allocate(length);
        new Random(number).nextBytes(segment.array());
        ring.append(segment, number);
    }

    /** Checks each segment against its number, and that they come in order. */
    private static final class Seen implements RingReader.Visitor {
        final List<Long> numbers = new ArrayList<>();
        final List<String> damage = new ArrayList<>();

        @Override
        public void segment(long offset, RecordFrame.Head record, ByteBuffer segment) {
            byte[] expected = new byte[segment.remaining()];
            new Random(record.number()).nextBytes(expected);
            assertThat(segment).isEqualTo(ByteBuffer.wrap(expected));
            numbers.add(record.number());
        }

        @Override
        public void damaged(long offset, long length, String sentence) {
            damage.add("%d+%d %s".formatted(offset, length, sentence));
        }

        void assertInOrder() {
            for (int i = 1; i < numbers.size(); i++) {
                assertThat(numbers.get(i)).isEqualTo(numbers.get(i - 1) + 1);
            }
        }
    }

    private Seen read() throws IOException, MalformedException {
        Seen seen = new Seen();
        try (RingReader reader = RingReader.open(state)) {
            reader.forEach(seen);
        }
        return seen;
    }

    @Test
    void tellsWhoseRingItIs() throws Exception {
        create().close();
        try (RingReader reader = RingReader.open(path)) {
            assertThat(reader.node()).isEqualTo("node-1");
            assertThat(reader.stream()).isEqualTo(Octets.zero(16));
            assertThat(reader.size()).isEqualTo(Files.size(path));
        }
        assertThat(read().numbers).isEmpty();
    }

    @Test
    void refusesWhatIsNoRing() throws Exception {
        Files.write(path, new byte[100]);
        assertThatThrownBy(() -> RingReader.open(state)).isInstanceOf(MalformedException.class);
        Files.delete(path);
        assertThatThrownBy(() -> RingReader.open(state)).isInstanceOf(IOException.class);
    }

    @Test
    void readsAllLaps() throws Exception {
        try (Ring ring = create()) {
            for (int i = 0; i < 50; i++) {
                append(ring, 700_000);
                ring.sync();
                ring.acknowledge(ring.standing().newest());
            }
            Seen seen = read();
            seen.assertInOrder();
            assertThat(seen.damage).isEmpty();
            assertThat(seen.numbers.getFirst()).isEqualTo(ring.standing().oldest());
            assertThat(seen.numbers.getLast()).isEqualTo(50);
        }
    }

    @Test
    void namesTheDamageAndReadsTheRest() throws Exception {
        try (Ring ring = create()) {
            for (int i = 0; i < 12; i++) {
                append(ring, 900_000);
                ring.sync();
            }
        }
        int total = RecordFrame.LENGTH + 900_000;
        long body = (long) RingLayout.PAGE + total + RecordFrame.LENGTH + 77;
        long head = RingLayout.PAGE + RingLayout.LEAST_EXTENT + 2L * total + 5;
        flip(body);
        flip(head);
        Seen seen = read();
        assertThat(seen.numbers).containsExactly(1L, 3L, 4L, 5L, 6L, 9L, 10L, 11L, 12L);
        assertThat(seen.damage)
                .containsExactly(
                        "%d+%d segment 2 does not match its checksum".formatted(RingLayout.PAGE + total, total),
                        "%d+%d expected segments 7 to 8, found damaged bytes"
                                .formatted(head - 5, RingLayout.LEAST_EXTENT - 2 * total));
    }

    @Test
    void namesDamageAtTheEndToo() throws Exception {
        try (Ring ring = create()) {
            for (int i = 0; i < 6; i++) {
                append(ring, 1000);
                ring.sync();
            }
        }
        flip(RingLayout.PAGE + 3L * 1032 + 5);
        Seen seen = read();
        assertThat(seen.numbers).containsExactly(1L, 2L, 3L);
        assertThat(seen.damage).singleElement().asString().contains("expected segment 4");
    }

    private void flip(long at) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(at);
            int value = file.read();
            file.seek(at);
            file.write(value ^ 0x5a);
        }
    }

    /** A writer that goes round and round is never taken for damage, and no segment is shown that it did not write. */
    @Test
    void readsWhileAnAgentWrites() throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try (Ring ring = create()) {
            append(ring, 100);
            Thread writer = Thread.ofPlatform().start(() -> {
                Random random = new Random(4);
                try {
                    while (!ended.get()) {
                        append(ring, random.nextInt(50, 300_000));
                        if (random.nextInt(4) == 0) {
                            ring.sync();
                            ring.acknowledge(ring.standing().durable());
                        }
                        if (!ring.hasRoom(300_000)) {
                            ring.sync();
                            ring.acknowledge(ring.standing().durable());
                        }
                    }
                } catch (IOException | RuntimeException e) {
                    failure.set(e);
                }
            });
            long segments = 0;
            for (int i = 0; i < 40; i++) {
                Seen seen = read();
                assertThat(seen.damage).isEmpty();
                segments += seen.numbers.size();
            }
            ended.set(true);
            writer.join();
            assertThat(failure.get()).isNull();
            assertThat(segments).isPositive();
            assertThat(ring.standing().newest()).isGreaterThan(100);
        }
    }
}
