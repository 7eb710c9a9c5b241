package io.kiroku.agent.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/** The machine that the process runs on: its name, its boot and its clocks. From any thread. */
public final class Machine {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

    /** Longer than either file: a UUID has 36 characters, a host name up to 64 (HOST_NAME_MAX). */
    private static final int MOST = 128;

    private static final long NANOS = 1_000_000_000L;

    /** The capturing thread asks for the time at every read. */
    private static final ThreadLocal<ClockBuffer> CLOCK_BUFFER = ThreadLocal.withInitial(ClockBuffer::new);

    private static final class ClockBuffer {
        private final MemorySegment state = Arena.ofAuto().allocate(Libc.CALL_STATE);
        // struct timespec: 0 s64 tv_sec, 8 s64 tv_nsec, 16 end
        private final MemorySegment time = Arena.ofAuto().allocate(2 * Long.BYTES, Long.BYTES);
    }

    private Machine() {}

    /**
     * The random UUID that the kernel drew at this boot (random(4)), as 16 bytes in the order in which it is written.
     *
     * @throws IOException if {@code /proc} does not have it, or has something else
     */
    public static byte[] bootId() throws IOException {
        String text = line(BOOT_ID);
        try {
            UUID id = UUID.fromString(text);
            return ByteBuffer.allocate(16)
                    .putLong(id.getMostSignificantBits())
                    .putLong(id.getLeastSignificantBits())
                    .array();
        } catch (IllegalArgumentException notUuid) {
            throw new IOException(BOOT_ID + " should hold a UUID, it holds \"" + text + "\"", notUuid);
        }
    }

    /**
     * The name of the machine, as gethostname(2) has it: that of the UTS namespace, which is the node's for a pod on
     * the host's network and the pod's name otherwise.
     */
    public static String hostName() throws IOException {
        return line(HOST_NAME);
    }

    /** Nanoseconds since boot, sleep included; nobody can set it ({@code CLOCK_BOOTTIME}, clock_gettime(2)). */
    public static long bootTimeNanos() {
        return clock(Libc.CLOCK_BOOTTIME);
    }

    /** Nanoseconds since 1970-01-01 UTC without leap seconds ({@code CLOCK_REALTIME}); may be set, and step back. */
    public static long wallNanos() {
        return clock(Libc.CLOCK_REALTIME);
    }

    private static long clock(int clock) {
        ClockBuffer buffer = CLOCK_BUFFER.get();
        if (Libc.clockGettime(buffer.state, clock, buffer.time) < 0) {
            throw new IllegalStateException("clock_gettime: " + Errno.describe(Libc.errno(buffer.state)));
        }
        return buffer.time.get(JAVA_LONG, 0) * NANOS + buffer.time.get(JAVA_LONG, Long.BYTES);
    }

    /** By one large read: a file of {@code /proc/sys} may be at its end after the first, however little that was. */
    private static String line(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MOST), StandardCharsets.UTF_8).strip();
        }
    }
}
