package io.kiroku.agent.journal;

import io.kiroku.evidence.record.MalformedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What the header of a journal file says of the entries in it (systemd.io/JOURNAL_FILE_FORMAT, {@code struct Header}). It is
 * looked at only where entries are missing, to say why.
 *
 * @param sequence the id of the sequence that its entries are numbered in, 32 hexadecimal digits
 * @param first the lowest number in it; 0 if it has no entry
 * @param last the highest number in it
 * @param lastMicros when the last of them was received, in microseconds since the Unix epoch
 * @param damage why it is no journal file, or that it was not looked at; empty if it is one
 */
public record JournalFile(Path path, String sequence, long first, long last, long lastMicros, String damage) {
    /** Files looked at in a directory; what is beyond is not. */
    private static final int MOST_FILES = 10_000;

    /** The header as it was first defined; later ones only added to it. */
    static final int HEADER = 208;

    private static final byte[] SIGNATURE = {'L', 'P', 'K', 'S', 'H', 'H', 'R', 'H'};
    private static final int SEQUENCE_AT = 72;
    private static final int LAST_AT = 160;
    private static final int FIRST_AT = 168;
    private static final int LAST_MICROS_AT = 192;

    /** A file is taken for damaged only once it was left alone for so long: it may be about to be made. */
    private static final long SETTLED = 10_000_000_000L;

    /** The journal files in a directory and in those directly below it, as libsystemd looks for them. */
    static List<JournalFile> in(Path directory) {
        List<JournalFile> files = new ArrayList<>();
        list(directory, true, files);
        return files;
    }

    private static void list(Path directory, boolean alsoBelow, List<JournalFile> into) {
        try (DirectoryStream<Path> names = Files.newDirectoryStream(directory)) {
            for (Path path : names) {
                String name = path.getFileName().toString();
                if (into.size() >= MOST_FILES) {
                    return;
                }
                if (name.endsWith(".journal") || name.endsWith(".journal~")) {
                    into.add(of(path));
                } else if (alsoBelow && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                    list(path, false, into);
                }
            }
        } catch (IOException gone) {
            // It says nothing of any entry then.
        }
    }

    /** Whether nothing was written to it for some seconds. */
    public boolean isSettled(long wallNanos) {
        return wallNanos - changedNanos() > SETTLED;
    }

    /** When it was last written to, in nanoseconds since the Unix epoch; the far future if it is gone. */
    public long changedNanos() {
        try {
            return Files.getLastModifiedTime(path).to(TimeUnit.NANOSECONDS);
        } catch (IOException gone) {
            return Long.MAX_VALUE;
        }
    }

    private static JournalFile of(Path path) {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        try (FileChannel file = FileChannel.open(path)) {
            while (header.hasRemaining() && file.read(header) >= 0) {
                // A file gives fewer bytes than there are only at its end.
            }
            return parse(path, header.flip());
        } catch (IOException | MalformedException damaged) {
            return new JournalFile(path, "", 0, 0, 0, String.valueOf(damaged.getMessage()));
        }
    }

    /**
     * Reads a header.
     *
     * @throws MalformedException if it is none
     */
    static JournalFile parse(Path path, ByteBuffer header) throws MalformedException {
        if (header.remaining() < HEADER) {
            throw new MalformedException("expected a journal file's header of at least %d bytes, found %d"
                    .formatted(HEADER, header.remaining()));
        }
        byte[] signature = new byte[SIGNATURE.length];
        header.get(header.position(), signature);
        if (!Arrays.equals(signature, SIGNATURE)) {
            throw new MalformedException("expected LPKSHHRH at the beginning of a journal file, found other bytes");
        }
        byte[] sequence = new byte[16];
        header.get(header.position() + SEQUENCE_AT, sequence);
        ByteBuffer numbers = header.slice().order(ByteOrder.LITTLE_ENDIAN);
        long last = numbers.getLong(LAST_AT);
        long first = numbers.getLong(FIRST_AT);
        if (first < 0 || last < first) {
            throw new MalformedException("expected entries numbered upwards in a journal file, found %s to %s"
                    .formatted(Long.toUnsignedString(first), Long.toUnsignedString(last)));
        }
        return new JournalFile(
                path, HexFormat.of().formatHex(sequence), first, last, numbers.getLong(LAST_MICROS_AT), "");
    }
}
