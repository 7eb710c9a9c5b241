package io.kiroku.evidence.log;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.util.Base64;

/**
 * Base 64 as the log's texts have it (RFC 4648, section 4): with padding, without line breaks, and with zeros in the bits
 * that stand for nothing, so that every value has one form.
 */
final class Base64Text {
    private Base64Text() {}

    static String encode(Octets bytes) {
        return Base64.getEncoder().encodeToString(bytes.toArray());
    }

    /**
     * Reads a value.
     *
     * @param what names it in the sentence of a failure
     */
    static Octets decode(String text, String what) throws MalformedException {
        try {
            Octets bytes = Octets.of(Base64.getDecoder().decode(text));
            if (encode(bytes).equals(text)) {
                return bytes;
            }
        } catch (IllegalArgumentException notBase64) {
            // The sentence below says it.
        }
        throw new MalformedException("expected %s in base 64, found \"%s\"".formatted(what, brief(text)));
    }

    /** Reads a hash of 32 bytes. */
    static Octets decodeHash(String text, String what) throws MalformedException {
        Octets hash = decode(text, what);
        if (hash.length() != MerkleTree.HASH) {
            throw new MalformedException(
                    "expected %s of %d bytes in base 64, found %d".formatted(what, MerkleTree.HASH, hash.length()));
        }
        return hash;
    }

    /** The beginning, for a sentence. */
    static String brief(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "...";
    }
}
