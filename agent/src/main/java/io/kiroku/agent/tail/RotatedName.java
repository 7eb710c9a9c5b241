package io.kiroku.agent.tail;

import io.kiroku.evidence.record.FilePath;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The names that the kubelet gives to rotated logs (pkg/kubelet/logs/container_log_manager.go): the live name, a dot and
 * {@code 20060102-150405} in the node's zone, and {@code .gz} behind it once the file is compressed.
 */
final class RotatedName {
    private static final int STAMP_LENGTH = ".20060102-150405".length();
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

    private static @Nullable FilePath liveNameOf(FilePath name, int length) {
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
