package io.kiroku.agent.os;

import io.kiroku.evidence.record.FilePath;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * {@code struct inotify_event}, the same on all machines: inotify(7).
 *
 * <pre>
 *   0 s32 wd   4 u32 mask   8 u32 cookie   12 u32 len   16 char name[len]
 * </pre>
 *
 * {@code len} counts the NULs that close and pad the name, and is 0 where there is none.
 */
final class InotifyEvents {
    private static final int HEAD = 16;

    private InotifyEvents() {}

    /**
     * Takes one event from a buffer in native byte order.
     *
     * @throws IllegalStateException if the buffer ends within it: the kernel hands out whole events only
     */
    static WatchEvent next(ByteBuffer from) {
        int available = from.remaining();
        if (available < HEAD) {
            throw new IllegalStateException("an inotify event has at least " + HEAD + " bytes, found " + available);
        }
        int watch = from.getInt();
        int mask = from.getInt();
        int cookie = from.getInt();
        int length = from.getInt();
        if (length < 0 || length > from.remaining()) {
            throw new IllegalStateException("an inotify event names " + Integer.toUnsignedString(length)
                    + " bytes of name, found " + from.remaining());
        }
        byte[] padded = new byte[length];
        from.get(padded);
        return new WatchEvent(watch, mask, cookie, name(padded));
    }

    private static @Nullable FilePath name(byte[] padded) {
        int end = 0;
        while (end < padded.length && padded[end] != 0) {
            end++;
        }
        return end == 0 ? null : FilePath.of(Arrays.copyOf(padded, end));
    }
}
