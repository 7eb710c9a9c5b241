package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.MalformedException;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * Reads a bundle's archive, which has the one form that {@link ZipForm} gives it: every byte that belongs to no file is
 * compared with what it has to be. Four bytes of memory for each file: what the directory says of it is read again whenever it
 * is asked for. For use by one thread.
 */
final class ZipReader {
    /** Files of a bundle at most. */
    static final int MOST_FILES = 1_000_000;

    private static final int MOST_EXTRA = 28;

    /** Bytes of an entry of the directory at most. */
    private static final int MOST_ENTRY = ZipForm.CENTRAL + BundleFile.MOST_NAME + MOST_EXTRA;

    private static final int BLOCK = 4096;

    private record End(long files, long at, long length) {}

    private final FileChannel channel;
    private final End end;

    /** Where each file's entry begins, from the beginning of the directory. */
    private final int[] entries;

    /** Some of the directory, and where that is. */
    private final ByteBuffer block =
            ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN).limit(0);

    private long blockAt;

    private final List<BundleFile> files = new Directory();

    private ZipReader(FileChannel channel, End end, int[] entries) {
        this.channel = channel;
        this.end = end;
        this.entries = entries;
    }

    /** What the directory says; an {@link UncheckedIOException} if it cannot be read any more. */
    private final class Directory extends AbstractList<BundleFile> implements RandomAccess {
        @Override
        public BundleFile get(int index) {
            try {
                return entry(entries[index]);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        @Override
        public int size() {
            return entries.length;
        }
    }

    /**
     * Reads the archive's directory, and compares all that is not a file's.
     *
     * @throws MalformedException if a byte is not what it has to be
     */
    static ZipReader open(FileChannel channel) throws IOException, MalformedException {
        long size = channel.size();
        End end = readEnd(channel, size);
        int[] entries = new int[(int) end.files()];
        Window directory = new Window(channel, end.at(), end.at() + end.length());
        long next = 0;
        String before = "";
        for (int i = 0; i < entries.length; i++) {
            BundleFile file;
            entries[i] = (int) (end.length() - directory.remaining());
            try {
                file = readCentral(directory, next, end.at());
            } catch (EOFException cut) {
                throw malformed("%d files in its directory".formatted(end.files()), String.valueOf(i));
            }
            if (file.name().compareTo(before) <= 0) {
                throw malformed(
                        "names in ascending order, each once",
                        "%s behind %s".formatted(file.name(), before.isEmpty() ? "nothing" : before));
            }
            compare(channel, file.localAt(), ZipForm.local(file), "the local header of " + file.name());
            before = file.name();
            next = file.end();
        }
        if (next != end.at() || directory.remaining() > 0) {
            throw malformed("its directory right behind the last file, and nothing in between", "other bytes");
        }
        return new ZipReader(channel, end, entries);
    }

    private static End readEnd(FileChannel channel, long size) throws IOException, MalformedException {
        if (size < ZipForm.END) {
            throw malformed("a ZIP archive of at least %d bytes".formatted(ZipForm.END), size + " bytes");
        }
        ByteBuffer last = bytes(channel, size - ZipForm.END, ZipForm.END);
        if (last.getInt(0) != ZipForm.END_MAGIC) {
            throw malformed(
                    "the end of a ZIP archive's directory in the last %d bytes".formatted(ZipForm.END), "others");
        }
        End end = new End(
                Short.toUnsignedInt(last.getShort(10)),
                Integer.toUnsignedLong(last.getInt(16)),
                Integer.toUnsignedLong(last.getInt(12)));
        long wide = size - ZipForm.END - ZipForm.LOCATOR - ZipForm.END_64;
        if (wide >= 0 && bytes(channel, wide, 4).getInt(0) == ZipForm.END_64_MAGIC) {
            ByteBuffer record = bytes(channel, wide, ZipForm.END_64);
            end = new End(record.getLong(32), record.getLong(48), record.getLong(40));
        }
        if (end.files() < 0 || end.files() > MOST_FILES) {
            throw malformed("at most %d files".formatted(MOST_FILES), Long.toUnsignedString(end.files()));
        }
        if (end.length() > (long) MOST_FILES * MOST_ENTRY) {
            throw malformed("a directory of at most %d bytes".formatted((long) MOST_FILES * MOST_ENTRY), "more");
        }
        if (end.at() < 0 || end.length() < 0 || end.at() > size || end.length() > size - end.at()) {
            throw malformed("its directory within its %d bytes".formatted(size), "it elsewhere");
        }
        ByteBuffer expected = ZipForm.end(end.files(), end.at(), end.length());
        if (end.at() + end.length() + expected.remaining() != size) {
            throw malformed("the directory's end right behind the directory", "it elsewhere");
        }
        compare(channel, end.at() + end.length(), expected, "the directory's end");
        return end;
    }

    /** @param next where the file's local header has to be */
    private static BundleFile readCentral(Window directory, long next, long end)
            throws IOException, MalformedException {
        ByteBuffer in = directory.need(ZipForm.CENTRAL);
        int at = in.position();
        if (in.getInt(at) != ZipForm.CENTRAL_MAGIC) {
            throw malformed("an entry of its directory", "other bytes");
        }
        int nameLength = Short.toUnsignedInt(in.getShort(at + 28));
        int extraLength = Short.toUnsignedInt(in.getShort(at + 30));
        if (nameLength > BundleFile.MOST_NAME || extraLength > MOST_EXTRA) {
            throw malformed(
                    "a name of at most %d bytes, and no extra field but for 64-bit numbers"
                            .formatted(BundleFile.MOST_NAME),
                    "%d and %d bytes".formatted(nameLength, extraLength));
        }
        in = directory.need(ZipForm.CENTRAL + nameLength + extraLength);
        ByteBuffer entry = in.slice(in.position(), ZipForm.CENTRAL + nameLength + extraLength)
                .order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + entry.remaining());
        String name = name(entry, 0, nameLength);
        BundleFile.checkName(name);
        if (entry.getShort(10) != 0) {
            throw malformed("%s to be stored as it is".formatted(name), "it compressed");
        }
        long length = length(entry, 0, nameLength, extraLength);
        if (length < 0 || length > end - next) {
            throw malformed("%s within the archive".formatted(name), "a length of " + Long.toUnsignedString(length));
        }
        BundleFile file = new BundleFile(name, length, next, entry.getInt(16));
        if (entry.getInt(42) != (int) Math.min(next, ZipForm.IN_64)) {
            throw malformed(
                    "%s at byte %d, behind the file before it".formatted(name, next),
                    "it elsewhere, where it overlaps or leaves a hole");
        }
        if (file.end() > end) {
            throw malformed("%s before the directory".formatted(name), "it reaching into it");
        }
        if (!entry.equals(ZipForm.central(file))) {
            throw malformed(
                    "the entry of %s to have no time, flags, attributes or extra fields of its own".formatted(name),
                    "other bytes");
        }
        return file;
    }

    private static String name(ByteBuffer in, int at, int nameLength) {
        byte[] name = new byte[nameLength];
        in.get(at + ZipForm.CENTRAL, name);
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    private static long length(ByteBuffer in, int at, int nameLength, int extraLength) {
        long length = Integer.toUnsignedLong(in.getInt(at + 24));
        return length == ZipForm.IN_64 && extraLength >= 20
                ? in.getLong(at + ZipForm.CENTRAL + nameLength + 4)
                : length;
    }

    /** Reads an entry that has been checked. */
    private BundleFile entry(int from) throws IOException {
        long position = end.at() + from;
        if (position < blockAt || position + MOST_ENTRY > blockAt + block.limit()) {
            long behind = end.at() + end.length();
            blockAt = Long.MAX_VALUE;
            Window.read(channel, position, block.clear().limit((int) Math.min(BLOCK, behind - position)));
            blockAt = position;
        }
        int at = (int) (position - blockAt);
        int nameLength = Short.toUnsignedInt(block.getShort(at + 28));
        int extraLength = Short.toUnsignedInt(block.getShort(at + 30));
        long offset = Integer.toUnsignedLong(block.getInt(at + 42));
        if (offset == ZipForm.IN_64) {
            offset = block.getLong(at + ZipForm.CENTRAL + nameLength + extraLength - Long.BYTES);
        }
        return new BundleFile(
                name(block, at, nameLength), length(block, at, nameLength, extraLength), offset, block.getInt(at + 16));
    }

    private static void compare(FileChannel channel, long at, ByteBuffer expected, String what)
            throws IOException, MalformedException {
        if (!bytes(channel, at, expected.remaining()).equals(expected)) {
            throw malformed(what + " to follow from its directory", "other bytes at byte " + at);
        }
    }

    private static ByteBuffer bytes(FileChannel channel, long at, int length) throws IOException, MalformedException {
        ByteBuffer out = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        try {
            Window.read(channel, at, out);
        } catch (EOFException cut) {
            throw malformed("%d bytes at byte %d".formatted(length, at), "the end of the file");
        }
        return out;
    }

    private static MalformedException malformed(String expected, String found) {
        return new MalformedException("archive: expected %s, found %s".formatted(expected, found));
    }

    /** All files, in the order of their names, which is that in the archive. */
    List<BundleFile> files() {
        return files;
    }

    /** The file of that name; null if there is none. */
    @Nullable
    BundleFile find(String name) {
        int at = Collections.binarySearch(files, new BundleFile(name, 0, 0, 0), Comparator.comparing(BundleFile::name));
        return at < 0 ? null : files.get(at);
    }

    /** Reads bytes of a file until the buffer is full, and flips it. */
    void read(BundleFile file, long from, ByteBuffer into) throws IOException {
        if (from < 0 || into.remaining() > file.length() - from) {
            throw new EOFException(
                    "expected %d bytes at byte %d of %s, found fewer".formatted(into.remaining(), from, file.name()));
        }
        Window.read(channel, file.dataAt() + from, into);
    }

    /** The file's bytes from that one on, one slice after the other. */
    Window window(BundleFile file, long from) {
        return new Window(channel, file.dataAt() + from, file.end());
    }

    /**
     * All bytes of a file.
     *
     * @throws MalformedException if there is no such file, or it has more bytes than that
     */
    byte[] bytes(String name, int most) throws IOException, MalformedException {
        BundleFile file = find(name);
        if (file == null) {
            throw malformed("the file " + name, "none");
        }
        if (file.length() > most) {
            throw malformed("at most %d bytes in %s".formatted(most, name), String.valueOf(file.length()));
        }
        ByteBuffer out = ByteBuffer.allocate((int) file.length());
        read(file, 0, out);
        return out.array();
    }
}
