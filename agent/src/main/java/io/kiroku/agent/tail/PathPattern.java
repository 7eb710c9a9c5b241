package io.kiroku.agent.tail;

import io.kiroku.evidence.record.FilePath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An absolute path with wildcards, as glob(7) has them: {@code *}, {@code ?} and {@code [...]} within one name, matched on
 * bytes; {@code **} as a name stands for any number of directories, as the last name for any file in and below them. A
 * leading dot must be matched by a dot.
 */
public final class PathPattern {
    /** Names in a pattern, at most. */
    public static final int MOST_NAMES = 64;

    /** The directories that {@code **} stands for are searched so deep below the root. */
    static final int MOST_DEPTH = 32;

    private static final byte[] ANY_DEPTH = {'*', '*'};

    private final String text;
    private final List<byte[]> names;

    private final boolean entersLinks;

    private PathPattern(String text, List<byte[]> names, boolean entersLinks) {
        this.text = text;
        this.names = names;
        this.entersLinks = entersLinks;
    }

    /**
     * Reads a pattern.
     *
     * @throws IllegalArgumentException if it is not absolute, names nothing, or is too long
     */
    public static PathPattern parse(String text) {
        List<byte[]> names = new ArrayList<>();
        for (String name : text.split("/", -1)) {
            if (!name.isEmpty() && !name.equals(".")) {
                names.add(name.getBytes(StandardCharsets.UTF_8));
            }
        }
        if (!text.startsWith("/") || text.endsWith("/") || names.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected an absolute path of files, such as /var/log/*.log, found \"" + text + "\"");
        }
        if (Arrays.equals(names.getLast(), ANY_DEPTH)) {
            names.add(new byte[] {'*'});
        }
        if (names.size() > MOST_NAMES || text.getBytes(StandardCharsets.UTF_8).length > FilePath.MAX_LENGTH) {
            throw new IllegalArgumentException("expected a path of at most %d names and %d bytes, found \"%s\""
                    .formatted(MOST_NAMES, FilePath.MAX_LENGTH, text));
        }
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("expected a path without a NUL character, found one");
        }
        if (names.stream().anyMatch(name -> Arrays.equals(name, new byte[] {'.', '.'}))) {
            throw new IllegalArgumentException("expected a path without .., found \"" + text + "\"");
        }
        return new PathPattern(text, List.copyOf(names), true);
    }

    /**
     * A pattern below a directory whose name is taken as it is, wildcards included. Its own wildcards stand for real
     * directories only: who may write there could otherwise point the agent at any directory of the node.
     */
    public static PathPattern below(String directory, String rest) {
        StringBuilder quoted = new StringBuilder();
        for (int i = 0; i < directory.length(); i++) {
            char c = directory.charAt(i);
            quoted.append(c == '*' || c == '?' || c == '[' ? "[" + c + "]" : String.valueOf(c));
        }
        PathPattern pattern = parse(quoted + (directory.endsWith("/") ? "" : "/") + rest);
        return new PathPattern(pattern.text, pattern.names, false);
    }

    /** The pattern as seen from the root directory. */
    Rest start() {
        return new Rest(this, 0);
    }

    @Override
    public String toString() {
        return text;
    }

    /** What is left of a pattern below some directory. */
    record Rest(PathPattern pattern, int from) {
        /** What is left below that entry of the directory, if the entry is a directory. */
        List<Rest> below(FilePath name) {
            List<Rest> rests = new ArrayList<>();
            if (from >= pattern.names.size()) {
                return rests;
            }
            if (isAnyDepth()) {
                if (name.byteAt(0) != '.') {
                    rests.add(this);
                }
                rests.addAll(new Rest(pattern, from + 1).below(name));
            } else if (from + 1 < pattern.names.size() && matchesName(name)) {
                rests.add(new Rest(pattern, from + 1));
            }
            return rests;
        }

        /** Whether the pattern names that entry of the directory, if the entry is a file. */
        boolean matches(FilePath name) {
            if (from >= pattern.names.size()) {
                return false;
            }
            if (isAnyDepth()) {
                return new Rest(pattern, from + 1).matches(name);
            }
            return from + 1 == pattern.names.size() && matchesName(name);
        }

        private boolean matchesName(FilePath name) {
            return glob(pattern.names.get(from), name.bytes());
        }

        /** The one name of a directory that the pattern goes on with here; null if there may be several, or files. */
        @Nullable
        FilePath literalDirectory() {
            byte[] name = pattern.names.get(from);
            for (byte b : name) {
                if (b == '*' || b == '?' || b == '[') {
                    return null;
                }
            }
            return from + 1 < pattern.names.size() ? FilePath.of(name) : null;
        }

        /**
         * Whether a directory that is matched here may be a symlink. Not where {@code **} matches it, which could lead
         * in circles.
         */
        boolean entersLinks() {
            return literalDirectory() != null || (pattern.entersLinks && !isAnyDepth());
        }

        private boolean isAnyDepth() {
            return Arrays.equals(pattern.names.get(from), ANY_DEPTH);
        }
    }

    /** Iterative matching with one point to return to: linear in the product of the lengths, whatever the pattern. */
    private static boolean glob(byte[] pattern, byte[] name) {
        if (name[0] == '.' && pattern[0] != '.') {
            return false;
        }
        int p = 0;
        int n = 0;
        int star = -1;
        int starName = -1;
        while (n < name.length) {
            int next = p < pattern.length ? matchOne(pattern, p, name[n]) : -1;
            if (p < pattern.length && pattern[p] == '*') {
                star = p++;
                starName = n;
            } else if (next >= 0) {
                p = next;
                n++;
            } else if (star >= 0) {
                p = star + 1;
                n = ++starName;
            } else {
                return false;
            }
        }
        while (p < pattern.length && pattern[p] == '*') {
            p++;
        }
        return p == pattern.length;
    }

    /** The index behind the part of the pattern that matches the byte, or -1. */
    private static int matchOne(byte[] pattern, int at, byte b) {
        return switch (pattern[at]) {
            case '?' -> at + 1;
            case '[' -> matchSet(pattern, at, b);
            default -> pattern[at] == b ? at + 1 : -1;
        };
    }

    private static int matchSet(byte[] pattern, int at, byte b) {
        int i = at + 1;
        boolean negated = i < pattern.length && (pattern[i] == '!' || pattern[i] == '^');
        if (negated) {
            i++;
        }
        boolean matched = false;
        for (int first = i; i < pattern.length && (pattern[i] != ']' || i == first); i++) {
            int low = Byte.toUnsignedInt(pattern[i]);
            int high = low;
            if (i + 2 < pattern.length && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
                high = Byte.toUnsignedInt(pattern[i + 2]);
                i += 2;
            }
            int value = Byte.toUnsignedInt(b);
            matched |= low <= value && value <= high;
        }
        if (i >= pattern.length) {
            // No closing bracket: the bracket stands for itself.
            return pattern[at] == b ? at + 1 : -1;
        }
        return matched != negated ? i + 1 : -1;
    }
}
