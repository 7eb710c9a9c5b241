package io.kiroku.agent.tail;

import io.kiroku.evidence.record.FilePath;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The names of rotated logs, with {@code .gz} behind them once the file is compressed. The kubelet's
 * (pkg/kubelet/logs/container_log_manager.go) are the live name, a dot and {@code 20060102-150405} in the node's zone. Those of
 * lumberjack, by which an API server rotates its audit log ({@code --audit-log-path}), have a dash and
 * {@code 2006-01-02T15-04-05.000} before the live name's extension: {@code audit-2026-03-01T10-00-00.000.log}.
 */
final class RotatedName {
    private static final int STAMP_LENGTH = ".20060102-150405".length();

    /** What a stamp of lumberjack looks like: 0 stands for any digit. */
    private static final String INNER_STAMP = "-0000-00-00T00-00-00.000";

    private static final String COMPRESSED = ".gz";

    private RotatedName() {}

    /** The live name of a rotated file that is not compressed; null if it is none. */
    static @Nullable FilePath liveNameOf(FilePath name) {
        return liveNameOf(name, name.length());
    }

    /** The live name of a rotated file that is compressed; null if it is none. */
    static @Nullable FilePath liveNameOfCompressed(FilePath name) {
        return endsCompressed(name) ? liveNameOf(name, name.length() - COMPRESSED.length()) : null;
    }

    /** The live path of a compressed file; null if the path is none of one. */
    static @Nullable FilePath livePathOfCompressed(FilePath path) {
        FilePath live = liveNameOfCompressed(path.name());
        return live == null ? null : path.parent().resolve(live);
    }

    /** Whether the second path is where the file of the first one is once it is compressed. */
    static boolean isCompressionOf(FilePath plain, FilePath path) {
        return endsCompressed(path) && withoutSuffix(path).equals(plain);
    }

    /** The name, or path, that a compressed file had before. */
    static FilePath withoutSuffix(FilePath compressed) {
        return FilePath.of(Arrays.copyOf(compressed.bytes(), compressed.length() - COMPRESSED.length()));
    }

    /** Whether the second name is that of a compressed file rotated from the first. */
    static boolean isCompressed(FilePath live, FilePath name) {
        return Objects.equals(live, liveNameOfCompressed(name));
    }

    private static boolean endsCompressed(FilePath name) {
        int from = name.length() - COMPRESSED.length();
        for (int i = 0; i < COMPRESSED.length(); i++) {
            if (from < 1 || name.byteAt(from + i) != COMPRESSED.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether what compresses the file writes under its last name from the first byte on, and removes the plain file once it
     * is whole. The kubelet writes under another name.
     */
    static boolean isCompressedInPlace(FilePath compressed) {
        return endsCompressed(compressed)
                && innerLiveNameOf(compressed, compressed.length() - COMPRESSED.length()) != null;
    }

    private static @Nullable FilePath liveNameOf(FilePath name, int length) {
        FilePath live = outerLiveNameOf(name, length);
        return live == null ? innerLiveNameOf(name, length) : live;
    }

    private static @Nullable FilePath innerLiveNameOf(FilePath name, int length) {
        // An extension is what begins with the last dot (Go's filepath.Ext); a name without one ends with the stamp.
        int dot = length - 1;
        while (dot > 0 && name.byteAt(dot) != '.') {
            dot--;
        }
        int end = hasInnerStamp(name, dot) ? dot : length;
        int stamp = end - INNER_STAMP.length();
        if (end == length && !hasInnerStamp(name, end)) {
            return null;
        }
        byte[] live = Arrays.copyOf(name.bytes(), stamp + length - end);
        System.arraycopy(name.bytes(), end, live, stamp, length - end);
        return FilePath.of(live);
    }

    /** Whether a stamp ends there, and something stands before it. */
    private static boolean hasInnerStamp(FilePath name, int end) {
        int stamp = end - INNER_STAMP.length();
        if (stamp < 1) {
            return false;
        }
        for (int i = 0; i < INNER_STAMP.length(); i++) {
            char expected = INNER_STAMP.charAt(i);
            byte found = name.byteAt(stamp + i);
            if (expected == '0' ? found < '0' || found > '9' : found != expected) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable FilePath outerLiveNameOf(FilePath name, int length) {
        int stamp = length - STAMP_LENGTH;
        if (stamp < 1 || name.byteAt(stamp) != '.' || name.byteAt(stamp + 9) != '-') {
            return null;
        }
        for (int i = stamp + 1; i < length; i++) {
            if (i != stamp + 9 && (name.byteAt(i) < '0' || name.byteAt(i) > '9')) {
                return null;
            }
        }
        return FilePath.of(Arrays.copyOf(name.bytes(), stamp));
    }
}
