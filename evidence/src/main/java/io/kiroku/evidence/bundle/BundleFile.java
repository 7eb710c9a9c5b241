package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.MalformedException;
import java.util.stream.Collectors;

/**
 * A file in a bundle's archive, stored as it is.
 *
 * @param name in ASCII, with slashes between directories; see {@link #checkName}
 * @param length in bytes
 * @param localAt offset in the archive of its local header
 * @param crc CRC-32 of its bytes, as the archive states it
 */
record BundleFile(String name, long length, long localAt, int crc) {
    /** Characters of a name at most. */
    static final int MOST_NAME = 512;

    /** Offset in the archive of its first byte. */
    long dataAt() {
        return localAt + ZipForm.localLength(name, length);
    }

    /** Offset in the archive behind its last byte. */
    long end() {
        return dataAt() + length;
    }

    /**
     * A name is made of letters, digits and {@code . _ - % +}, in parts between slashes, none of which is empty,
     * {@code .} or {@code ..}: so it means the same everywhere, and never a place outside of where it is unpacked.
     *
     * @throws MalformedException if it is anything else
     */
    static void checkName(String name) throws MalformedException {
        if (name.isEmpty() || name.length() > MOST_NAME) {
            throw new MalformedException(
                    "archive: expected a name of 1 to %d characters, found %d".formatted(MOST_NAME, name.length()));
        }
        for (String part : name.split("/", -1)) {
            if (part.isEmpty()
                    || part.equals(".")
                    || part.equals("..")
                    || !part.chars().allMatch(BundleFile::isPlain)) {
                throw new MalformedException(
                        "archive: expected a name of letters, digits and . _ - %% + between slashes, found \"%s\""
                                .formatted(shown(name)));
            }
        }
    }

    private static boolean isPlain(int character) {
        return (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z')
                || (character >= '0' && character <= '9')
                || "._-%+".indexOf(character) >= 0;
    }

    /** Characters that do nothing on a terminal. */
    private static String shown(String name) {
        return name.chars()
                .limit(100)
                .mapToObj(character -> character >= ' ' && character < 127 ? Character.toString(character) : "?")
                .collect(Collectors.joining());
    }
}
