package io.kiroku.systemtests.faults;

import io.kiroku.systemtests.store.VolumeScan;
import io.kiroku.systemtests.store.VolumeScan.Stored;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What somebody with write access to a collector's disk might do to it. Works on copies. */
public final class Tampering {
    private Tampering() {}

    /** Copies a directory with all that is in it. */
    public static Path copy(Path directory, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(directory.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
        return to;
    }

    /** Inverts one bit of the byte there. */
    public static void flip(Path file, long offset, int bit) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, offset);
            one.put(0, (byte) (one.get(0) ^ (1 << bit))).flip();
            channel.write(one, offset);
        }
    }

    /** Cuts a record out of its volume; what follows moves up. */
    public static void drop(Stored record) throws IOException {
        byte[] before = Files.readAllBytes(record.volume());
        byte[] after = new byte[before.length - Math.toIntExact(record.head().totalLength())];
        int from = Math.toIntExact(record.offset());
        System.arraycopy(before, 0, after, 0, from);
        System.arraycopy(before, Math.toIntExact(record.end()), after, from, after.length - from);
        Files.write(record.volume(), after);
    }

    /** Swaps a record with the one behind it in the same volume. */
    public static void swap(Stored first, Stored second) throws IOException {
        if (first.end() != second.offset() || !first.volume().equals(second.volume())) {
            throw new IllegalArgumentException("expected two records that lie next to each other");
        }
        byte[] volume = Files.readAllBytes(first.volume());
        byte[] one = Arrays.copyOfRange(volume, Math.toIntExact(first.offset()), Math.toIntExact(first.end()));
        byte[] two = Arrays.copyOfRange(volume, Math.toIntExact(second.offset()), Math.toIntExact(second.end()));
        System.arraycopy(two, 0, volume, Math.toIntExact(first.offset()), two.length);
        System.arraycopy(one, 0, volume, Math.toIntExact(first.offset()) + two.length, one.length);
        Files.write(first.volume(), volume);
    }

    /** The first segments of the store that lie next to each other in one volume, from a place in the middle on. */
    public static List<Stored> neighbours(Path data) throws IOException {
        List<Stored> all = VolumeScan.segments(data);
        for (int i = all.size() / 2; i + 1 < all.size(); i++) {
            if (all.get(i).end() == all.get(i + 1).offset()
                    && all.get(i).volume().equals(all.get(i + 1).volume())) {
                return all.subList(i, i + 2);
            }
        }
        throw new IllegalStateException("no two segments lie next to each other in " + data);
    }
}
