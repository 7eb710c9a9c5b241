package io.kiroku.evidence.bundle;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of a bundle's archive that are not its files' (APPNOTE.TXT - .ZIP File Format Specification 6.3.10, sections
 * 4.3 to 4.5). Of all forms that a ZIP archive may have there is one for each list of files: stored as they are, without
 * data descriptors, comments and times; with the 64-bit fields exactly where a number does not fit in 32 (or 16) bits. So
 * a reader makes the same bytes again and compares. Numbers are little-endian.
 */
final class ZipForm {
    static final int LOCAL = 30;
    static final int CENTRAL = 46;
    static final int END = 22;
    static final int END_64 = 56;
    static final int LOCATOR = 20;

    static final int CENTRAL_MAGIC = 0x02014b50;
    static final int END_MAGIC = 0x06054b50;
    static final int END_64_MAGIC = 0x06064b50;
    static final int LOCATOR_MAGIC = 0x07064b50;
    private static final int LOCAL_MAGIC = 0x04034b50;

    /** Stands in a 32-bit field for a number that does not fit; and so does the number itself. */
    static final long IN_64 = 0xFFFF_FFFFL;

    private static final int IN_64_SHORT = 0xFFFF;

    /** Header id of the extra field with 64-bit numbers. */
    private static final short EXTRA_64 = 1;

    private static final short PLAIN = 10;
    private static final short NEEDS_64 = 45;

    /** The files' attributes are those of Unix. */
    private static final int UNIX = 3 << 8;

    private static final int READABLE_FILE = 0100644 << 16;

    /** 1 January 1980, the first day that the format has. */
    private static final short DAY = (1 << 5) | 1;

    private ZipForm() {}

    private static ByteBuffer allocate(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int in32(long number) {
        return (int) Math.min(number, IN_64);
    }

    static int localLength(String name, long length) {
        return LOCAL + name.length() + (length >= IN_64 ? 20 : 0);
    }

    /** What stands before a file's bytes. */
    static ByteBuffer local(BundleFile file) {
        boolean wide = file.length() >= IN_64;
        ByteBuffer out = allocate(localLength(file.name(), file.length()));
        out.putInt(LOCAL_MAGIC).putShort(wide ? NEEDS_64 : PLAIN);
        common(out, file, wide ? 20 : 0);
        out.put(file.name().getBytes(StandardCharsets.US_ASCII));
        if (wide) {
            out.putShort(EXTRA_64).putShort((short) 16);
            out.putLong(file.length()).putLong(file.length());
        }
        return out.flip();
    }

    /** Flags, method, time, day, CRC-32, both lengths, the name's and the extra field's. */
    private static void common(ByteBuffer out, BundleFile file, int extra) {
        out.putShort((short) 0).putShort((short) 0).putShort((short) 0).putShort(DAY);
        out.putInt(file.crc()).putInt(in32(file.length())).putInt(in32(file.length()));
        out.putShort((short) file.name().length()).putShort((short) extra);
    }

    /** What stands for a file in the central directory. */
    static ByteBuffer central(BundleFile file) {
        boolean wideLength = file.length() >= IN_64;
        boolean wideOffset = file.localAt() >= IN_64;
        int wide = (wideLength ? 16 : 0) + (wideOffset ? 8 : 0);
        int extra = wide == 0 ? 0 : 4 + wide;
        short version = wide == 0 ? PLAIN : NEEDS_64;
        ByteBuffer out = allocate(CENTRAL + file.name().length() + extra);
        out.putInt(CENTRAL_MAGIC).putShort((short) (UNIX | version)).putShort(version);
        common(out, file, extra);
        out.putShort((short) 0).putShort((short) 0).putShort((short) 0);
        out.putInt(READABLE_FILE).putInt(in32(file.localAt()));
        out.put(file.name().getBytes(StandardCharsets.US_ASCII));
        if (wide > 0) {
            out.putShort(EXTRA_64).putShort((short) wide);
        }
        if (wideLength) {
            out.putLong(file.length()).putLong(file.length());
        }
        if (wideOffset) {
            out.putLong(file.localAt());
        }
        return out.flip();
    }

    /**
     * What stands behind the central directory.
     *
     * @param files number of files
     * @param at offset of the directory
     * @param length of the directory
     */
    static ByteBuffer end(long files, long at, long length) {
        boolean wide = files >= IN_64_SHORT || at >= IN_64 || length >= IN_64;
        ByteBuffer out = allocate(END + (wide ? END_64 + LOCATOR : 0));
        if (wide) {
            out.putInt(END_64_MAGIC).putLong(END_64 - 12);
            out.putShort((short) (UNIX | NEEDS_64)).putShort(NEEDS_64);
            out.putInt(0)
                    .putInt(0)
                    .putLong(files)
                    .putLong(files)
                    .putLong(length)
                    .putLong(at);
            out.putInt(LOCATOR_MAGIC).putInt(0).putLong(at + length).putInt(1);
        }
        short count = (short) Math.min(files, IN_64_SHORT);
        out.putInt(END_MAGIC)
                .putShort((short) 0)
                .putShort((short) 0)
                .putShort(count)
                .putShort(count);
        out.putInt(in32(length)).putInt(in32(at)).putShort((short) 0);
        return out.flip();
    }
}
