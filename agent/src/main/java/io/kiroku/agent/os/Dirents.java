package io.kiroku.agent.os;

import io.kiroku.evidence.record.FilePath;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * {@code struct linux_dirent64}, the same on all machines: getdents64(2).
 *
 * <pre>
 *   0 u64 d_ino   8 s64 d_off   16 u16 d_reclen   18 u8 d_type   19 char d_name[], closed by NUL
 * </pre>
 */
final class Dirents {
    private static final int NAME = 19;

    private Dirents() {}

    /**
     * Takes one entry from a buffer in native byte order.
     *
     * @return null for {@code .} and {@code ..}
     * @throws IllegalStateException if the bytes are no entry: the kernel hands out whole entries only
     */
    static @Nullable DirectoryEntry next(ByteBuffer from) {
        int start = from.position();
        int available = from.remaining();
        int length = available <= NAME ? 0 : Short.toUnsignedInt(from.getShort(start + 16));
        if (length <= NAME || length > available) {
            throw new IllegalStateException(
                    "a directory entry of " + length + " bytes does not fit the " + available + " bytes found");
        }
        int end = start + NAME;
        while (end < start + length && from.get(end) != 0) {
            end++;
        }
        byte[] name = new byte[end - start - NAME];
        from.get(start + NAME, name);
        from.position(start + length);
        return isSelfOrParent(name)
                ? null
                : new DirectoryEntry(FilePath.of(name), from.getLong(start), kind(from.get(start + 18)));
    }

    private static boolean isSelfOrParent(byte[] name) {
        return (name.length == 1 && name[0] == '.') || (name.length == 2 && name[0] == '.' && name[1] == '.');
    }

    /** {@code DT_*} of {@code dirent.h}. */
    private static DirectoryEntry.Kind kind(byte type) {
        return switch (type) {
            case 0 -> DirectoryEntry.Kind.UNKNOWN;
            case 4 -> DirectoryEntry.Kind.DIRECTORY;
            case 8 -> DirectoryEntry.Kind.REGULAR;
            case 10 -> DirectoryEntry.Kind.SYMLINK;
            default -> DirectoryEntry.Kind.OTHER;
        };
    }
}
