package io.kiroku.evidence.log;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a text that consists of lines with hashes, an empty line, and a checkpoint as it is: a proof or what a witness is
 * asked.
 */
final class TextLines {
    private final String text;
    private int at;

    TextLines(byte[] bytes) throws MalformedException {
        text = SignedNote.decode(bytes);
    }

    /** The next line, without its newline. */
    String next(String what) throws MalformedException {
        int end = text.indexOf('\n', at);
        if (end < 0) {
            throw new MalformedException("expected %s and a newline, found the end".formatted(what));
        }
        String line = text.substring(at, end);
        at = end + 1;
        return line;
    }

    /** What follows the word and a space in the next line. */
    String next(String word, String what) throws MalformedException {
        String line = next(what);
        if (!line.startsWith(word + " ")) {
            throw new MalformedException(
                    "expected %s behind the word %s, found \"%s\"".formatted(what, word, Base64Text.brief(line)));
        }
        return line.substring(word.length() + 1);
    }

    boolean isNext(String word) {
        return text.startsWith(word + " ", at);
    }

    /** Hashes up to and including an empty line. */
    List<Octets> hashes() throws MalformedException {
        List<Octets> hashes = new ArrayList<>();
        for (String line = next("a hash or an empty line"); !line.isEmpty(); line = next("a hash or an empty line")) {
            if (hashes.size() == MerkleTree.MOST_PROOF) {
                throw new MalformedException(
                        "expected at most %d hashes in a proof, found more".formatted(MerkleTree.MOST_PROOF));
            }
            hashes.add(Base64Text.decodeHash(line, "a proof's hash"));
        }
        return hashes;
    }

    /** The rest. */
    SignedNote note() throws MalformedException {
        return SignedNote.parse(text.substring(at).getBytes(StandardCharsets.UTF_8));
    }

    /** Nothing more. */
    void end() throws MalformedException {
        if (at < text.length()) {
            throw new MalformedException("expected nothing more, found %d characters".formatted(text.length() - at));
        }
    }

    static void write(List<Octets> hashes, StringBuilder out) {
        for (Octets hash : hashes) {
            out.append(Base64Text.encode(hash)).append('\n');
        }
        out.append('\n');
    }
}
