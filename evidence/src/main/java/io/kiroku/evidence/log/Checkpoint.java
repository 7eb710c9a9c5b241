package io.kiroku.evidence.log;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.util.Arrays;
import java.util.List;

/**
 * What a log says of itself, as the text of a note (C2SP tlog-checkpoint).
 *
 * @param origin names the log; not empty, one line
 * @param size entries in its tree
 * @param root the tree's root hash
 * @param extensions further lines, none of them empty; nobody signs them with ML-DSA-44, so there should be none
 */
public record Checkpoint(String origin, long size, Octets root, List<String> extensions) {
    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if a line is empty or is none, the size is negative, or the root is no hash
     */
    public Checkpoint {
        extensions = List.copyOf(extensions);
        if (size < 0 || root.length() != MerkleTree.HASH) {
            throw new IllegalArgumentException(
                    "a checkpoint has a size from 0, found %d, and a root of %d bytes, found %d"
                            .formatted(size, MerkleTree.HASH, root.length()));
        }
        if (!isLine(origin) || !extensions.stream().allMatch(Checkpoint::isLine)) {
            throw new IllegalArgumentException("a checkpoint's lines are not empty and have no control characters");
        }
    }

    /** A checkpoint without extensions. */
    public Checkpoint(String origin, long size, Octets root) {
        this(origin, size, root, List.of());
    }

    private static boolean isLine(String text) {
        return !text.isEmpty() && text.chars().allMatch(character -> character >= ' ');
    }

    /**
     * Reads the text of a note.
     *
     * @throws MalformedException if it is no checkpoint
     */
    public static Checkpoint parse(String text) throws MalformedException {
        String[] lines = text.split("\n", -1);
        if (lines.length < 4 || !lines[lines.length - 1].isEmpty()) {
            throw new MalformedException("expected a checkpoint's origin, size and root, each a line, found %d lines"
                    .formatted(lines.length - 1));
        }
        for (int i = 0; i < lines.length - 1; i++) {
            if (!isLine(lines[i])) {
                throw new MalformedException("expected no empty line in a checkpoint, found line %d".formatted(i + 1));
            }
        }
        return new Checkpoint(
                lines[0],
                Decimal.parse(lines[1], "a checkpoint's size"),
                Base64Text.decodeHash(lines[2], "a checkpoint's root"),
                Arrays.asList(lines).subList(3, lines.length - 1));
    }

    /** The text of the note, with the newline at its end. */
    public String text() {
        StringBuilder out = new StringBuilder();
        out.append(origin).append('\n').append(size).append('\n');
        out.append(Base64Text.encode(root)).append('\n');
        for (String extension : extensions) {
            out.append(extension).append('\n');
        }
        return out.toString();
    }
}
