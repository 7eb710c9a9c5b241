package io.kiroku.evidence.log;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A public key by which notes are checked. Its text, the vkey of C2SP signed-note, is
 * {@code <name>+<key id in hexadecimal>+<type and key in base 64>}.
 *
 * @param name who signs: not empty, at most 255 bytes of UTF-8, without spaces, control characters and plus signs
 * @param type what is signed, and how
 * @param publicKey as long as the type says
 */
public record VerifierKey(String name, SignatureType type, Octets publicKey) {
    /** Bytes of a name at most: a cosignature counts them in one byte. */
    public static final int MOST_NAME = 255;

    /** Characters of a verifier key's text at most. */
    public static final int MOST_TEXT = 4096;

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if the name is none, or the key has another length
     */
    public VerifierKey {
        if (!isName(name)) {
            throw new IllegalArgumentException(
                    "a key's name has 1 to %d bytes without spaces and plus signs".formatted(MOST_NAME));
        }
        if (publicKey.length() != type.keyLength()) {
            throw new IllegalArgumentException("a key of type %s has %d bytes, this one has %d"
                    .formatted(type, type.keyLength(), publicKey.length()));
        }
    }

    /** Whether a key, and so a log, can be called that. */
    public static boolean isName(String name) {
        return isWord(name) && name.getBytes(StandardCharsets.UTF_8).length <= MOST_NAME;
    }

    /** Whether a note may name a key so, whatever the length. */
    static boolean isWord(String name) {
        return !name.isEmpty() && name.codePoints().noneMatch(VerifierKey::isBarred);
    }

    /** What no name may contain: Unicode's spaces, ASCII's control characters, the plus sign, and half a character. */
    private static boolean isBarred(int character) {
        return character <= ' '
                || character == '+'
                || character == '\u0085'
                || Character.isSpaceChar(character)
                || Character.getType(character) == Character.SURROGATE;
    }

    /**
     * Whether a log of that origin signs its checkpoints with the key: the name is the origin (C2SP tlog-checkpoint), and the
     * type is 0x01 or 0x06, not a witness's cosignature of type 0x04.
     */
    public boolean isOfLog(String origin) {
        return name.equals(origin) && type != SignatureType.ED25519_COSIGNATURE;
    }

    /** The first four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key), by which notes name the key. */
    public int keyId() {
        Octets digest = new Sha256()
                .update(name.getBytes(StandardCharsets.UTF_8))
                .update((byte) '\n')
                .update(material())
                .finish();
        return (int) Long.parseLong(digest.brief(), 16);
    }

    private byte[] material() {
        byte[] material = new byte[1 + publicKey.length()];
        material[0] = (byte) type.code();
        System.arraycopy(publicKey.toArray(), 0, material, 1, publicKey.length());
        return material;
    }

    /**
     * What the key signs of a note.
     *
     * @param seconds since the Epoch; of no effect where the type has no time
     * @throws MalformedException if the key is a cosigner's, and the text no checkpoint that it can cosign
     */
    byte[] message(String text, long seconds) throws MalformedException {
        if (type == SignatureType.ED25519) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        Checkpoint checkpoint = Checkpoint.parse(text);
        if (type == SignatureType.ED25519_COSIGNATURE) {
            return CosignedMessage.ed25519(seconds, text);
        }
        if (!CosignedMessage.canName(checkpoint.origin())) {
            throw new MalformedException("expected an origin of at most %d bytes in what ML-DSA-44 cosigns, found more"
                    .formatted(MOST_NAME));
        }
        return CosignedMessage.mlDsa(name, seconds, checkpoint);
    }

    /**
     * Reads a verifier key.
     *
     * @throws MalformedException if it has another form, a type that is not known here, or an id that is not its own
     */
    public static VerifierKey parse(String text) throws MalformedException {
        String[] parts = text.length() > MOST_TEXT ? new String[0] : text.split("\\+", 3);
        if (parts.length != 3 || !isName(parts[0])) {
            throw new MalformedException(
                    "expected a verifier key such as example.com/log+530d903a+AekyeR..., found \"%s\""
                            .formatted(Base64Text.brief(text)));
        }
        byte[] material = Base64Text.decode(parts[2], "a verifier key's type and public key")
                .toArray();
        int code = material.length == 0 ? 0 : Byte.toUnsignedInt(material[0]);
        SignatureType type = typeOf(code)
                .orElseThrow(() -> new MalformedException(
                        "expected a verifier key of type 0x01, 0x04 or 0x06, found 0x%02x".formatted(code)));
        if (material.length != 1 + type.keyLength()) {
            throw new MalformedException(
                    "expected a public key of %d bytes, found %d".formatted(type.keyLength(), material.length - 1));
        }
        VerifierKey key = new VerifierKey(parts[0], type, Octets.of(Arrays.copyOfRange(material, 1, material.length)));
        if (!parts[1].equals(key.hexId())) {
            throw new MalformedException("expected the key id %s before this public key, found \"%s\""
                    .formatted(key.hexId(), Base64Text.brief(parts[1])));
        }
        return key;
    }

    /**
     * Reads verifier keys, a text each.
     *
     * @throws MalformedException for the first that is none
     */
    public static List<VerifierKey> parseAll(List<String> texts) throws MalformedException {
        List<VerifierKey> keys = new ArrayList<>();
        for (String text : texts) {
            keys.add(parse(text));
        }
        return keys;
    }

    private static Optional<SignatureType> typeOf(int code) {
        return Arrays.stream(SignatureType.values())
                .filter(type -> type.code() == code)
                .findFirst();
    }

    /** The key id in eight hexadecimal digits. */
    public String hexId() {
        return String.format(Locale.ROOT, "%08x", keyId());
    }

    /** The verifier key's text. */
    @Override
    public String toString() {
        return name + "+" + hexId() + "+" + Base64Text.encode(Octets.of(material()));
    }
}
