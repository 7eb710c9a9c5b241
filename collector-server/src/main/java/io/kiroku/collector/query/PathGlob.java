package io.kiroku.collector.query;

import io.kiroku.evidence.record.FilePath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * A pattern for the paths of sources, matched on bytes: {@code *}, {@code ?} and {@code [...]} within one name, as
 * glob(7) has them, {@code **} for anything, and {@code **}{@code /} for any number of directories. A pattern that does not
 * begin with a slash may match from any directory on. Matching costs at most the product of the two lengths, whatever the pattern.
 */
public final class PathGlob {
    /** What one byte, or any number of them, must be. */
    private sealed interface Part {
        record Literal(byte value) implements Part {}

        /** Any byte but a slash. */
        record AnyByte() implements Part {}

        record OneOf(BitSet bytes) implements Part {}

        /** Any bytes but slashes. */
        record AnyName() implements Part {}

        /** Any bytes. */
        record Anything() implements Part {}

        /** Nothing, or any bytes up to a slash: this part decides, the next one reads. */
        record Directories() implements Part {}

        record DirectoriesBody() implements Part {}
    }

    private final String text;
    private final List<Part> parts;

    private PathGlob(String text, List<Part> parts) {
        this.text = text;
        this.parts = parts;
    }

    /**
     * Reads a pattern.
     *
     * @throws IllegalArgumentException if it is empty or longer than {@link FilePath#MAX_LENGTH}
     */
    public static PathGlob parse(String text) {
        byte[] pattern = text.getBytes(StandardCharsets.UTF_8);
        if (pattern.length == 0 || pattern.length > FilePath.MAX_LENGTH) {
            throw new IllegalArgumentException("expected a path or pattern of 1 to %d bytes, found %d"
                    .formatted(FilePath.MAX_LENGTH, pattern.length));
        }
        List<Part> parts = new ArrayList<>();
        if (pattern[0] != '/') {
            parts.add(new Part.Directories());
            parts.add(new Part.DirectoriesBody());
        }
        int at = 0;
        while (at < pattern.length) {
            at = part(pattern, at, parts);
        }
        return new PathGlob(text, parts);
    }

    private static int part(byte[] pattern, int at, List<Part> parts) {
        switch (pattern[at]) {
            case '?' -> parts.add(new Part.AnyByte());
            case '*' -> {
                return stars(pattern, at, parts);
            }
            case '[' -> {
                int end = set(pattern, at, parts);
                if (end > 0) {
                    return end;
                }
                parts.add(new Part.Literal((byte) '['));
            }
            default -> parts.add(new Part.Literal(pattern[at]));
        }
        return at + 1;
    }

    private static int stars(byte[] pattern, int at, List<Part> parts) {
        int end = at;
        while (end < pattern.length && pattern[end] == '*') {
            end++;
        }
        boolean nameBegins = at == 0 || pattern[at - 1] == '/';
        if (end - at >= 2 && nameBegins && end < pattern.length && pattern[end] == '/') {
            parts.add(new Part.Directories());
            parts.add(new Part.DirectoriesBody());
            return end + 1;
        }
        parts.add(end - at >= 2 ? new Part.Anything() : new Part.AnyName());
        return end;
    }

    /** Adds the set that begins at the bracket and returns the index behind it; 0 if no bracket closes it. */
    private static int set(byte[] pattern, int at, List<Part> parts) {
        int i = at + 1;
        boolean negated = i < pattern.length && (pattern[i] == '!' || pattern[i] == '^');
        if (negated) {
            i++;
        }
        BitSet bytes = new BitSet(256);
        int first = i;
        for (; i < pattern.length && (pattern[i] != ']' || i == first); i++) {
            int low = Byte.toUnsignedInt(pattern[i]);
            int high = low;
            if (i + 2 < pattern.length && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
                high = Byte.toUnsignedInt(pattern[i + 2]);
                i += 2;
            }
            bytes.set(low, Math.max(low, high + 1));
        }
        if (i >= pattern.length) {
            return 0;
        }
        if (negated) {
            bytes.flip(0, 256);
        }
        bytes.clear('/');
        parts.add(new Part.OneOf(bytes));
        return i + 1;
    }

    /** Whether the pattern matches the whole path, or, if it does not begin with a slash, a whole end of it. */
    public boolean matches(FilePath path) {
        byte[] bytes = path.bytes();
        boolean[] now = new boolean[parts.size() + 1];
        boolean[] next = new boolean[parts.size() + 1];
        reach(now, 0);
        for (byte b : bytes) {
            Arrays.fill(next, false);
            for (int i = 0; i < parts.size(); i++) {
                if (now[i]) {
                    step(next, i, b);
                }
            }
            boolean[] swap = now;
            now = next;
            next = swap;
        }
        return now[parts.size()];
    }

    /** Where the match can stand after this byte, if it stood before that part. */
    private void step(boolean[] next, int part, byte b) {
        switch (parts.get(part)) {
            case Part.Literal literal -> reachIf(literal.value() == b, next, part + 1);
            case Part.AnyByte _ -> reachIf(b != '/', next, part + 1);
            case Part.OneOf set -> reachIf(set.bytes().get(Byte.toUnsignedInt(b)), next, part + 1);
            case Part.AnyName _ -> reachIf(b != '/', next, part);
            case Part.Anything _ -> reach(next, part);
            case Part.Directories _ -> {}
            case Part.DirectoriesBody _ -> {
                next[part] = true;
                reachIf(b == '/', next, part + 1);
            }
        }
    }

    private void reachIf(boolean holds, boolean[] states, int part) {
        if (holds) {
            reach(states, part);
        }
    }

    /** Marks a part as the next one, and those behind it where it may stand for nothing. */
    private void reach(boolean[] states, int part) {
        int at = part;
        while (true) {
            states[at] = true;
            if (at == parts.size()) {
                return;
            }
            switch (parts.get(at)) {
                case Part.AnyName _, Part.Anything _ -> at++;
                case Part.Directories _ -> {
                    states[at + 1] = true;
                    at += 2;
                }
                default -> {
                    return;
                }
            }
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
