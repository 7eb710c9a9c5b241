package io.kiroku.evidence.log;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * Text with signatures (C2SP signed-note). A note says nothing before {@link #verify} has found a signature of a key that
 * is known.
 *
 * @param text lines, the newline of the last one included
 * @param signatures one or more, each a line of the form {@code — <name> <base 64>}
 */
public record SignedNote(String text, List<Signature> signatures) {
    /** Bytes of a note at most. */
    public static final int MOST_BYTES = 1 << 20;

    /** Signatures of a note at most. */
    public static final int MOST_SIGNATURES = 100;

    private static final String DASH = "\u2014 ";

    /**
     * A signature, not looked at yet.
     *
     * @param name of the key
     * @param keyId of the key
     * @param bytes what stands behind the key id, a cosignature's time included; not empty
     */
    public record Signature(String name, int keyId, Octets bytes) {
        public Signature {
            if (!VerifierKey.isWord(name) || bytes.length() == 0) {
                throw new IllegalArgumentException("a signature has a key name without spaces, and at least one byte");
            }
        }

        /** The line in a note, without its newline. */
        public String line() {
            ByteBuffer out = ByteBuffer.allocate(Integer.BYTES + bytes.length()).putInt(keyId);
            bytes.writeTo(out);
            return DASH + name + " " + Base64Text.encode(Octets.of(out.array()));
        }

        static Signature parse(String line) throws MalformedException {
            int space = line.indexOf(' ', DASH.length());
            String name = space < 0 || !line.startsWith(DASH) ? "" : line.substring(DASH.length(), space);
            if (!VerifierKey.isWord(name)) {
                throw new MalformedException(
                        "expected a signature line of dash, key name and base 64 in a note, found \"%s\""
                                .formatted(Base64Text.brief(line)));
            }
            ByteBuffer in = ByteBuffer.wrap(
                    Base64Text.decode(line.substring(space + 1), "a signature").toArray());
            if (in.remaining() <= Integer.BYTES) {
                throw new MalformedException(
                        "expected a key id of 4 bytes and a signature in a note, found %d bytes in all"
                                .formatted(in.remaining()));
            }
            return new Signature(name, in.getInt(), Octets.take(in, in.remaining()));
        }
    }

    public SignedNote {
        signatures = List.copyOf(signatures);
        if (signatures.isEmpty() || signatures.size() > MOST_SIGNATURES) {
            throw new IllegalArgumentException(
                    "a note has 1 to %d signatures, not %d".formatted(MOST_SIGNATURES, signatures.size()));
        }
    }

    /** Signs a text for the first time. */
    public static SignedNote sign(String text, long seconds, NoteSigner... signers) throws MalformedException {
        checkText(text);
        List<Signature> signatures = new ArrayList<>();
        for (NoteSigner signer : signers) {
            signatures.add(signer.sign(text, seconds));
        }
        return new SignedNote(text, signatures);
    }

    /** The note with further signatures behind its own. */
    public SignedNote with(Collection<Signature> further) {
        List<Signature> all = new ArrayList<>(signatures);
        all.addAll(further);
        return new SignedNote(text, all);
    }

    /**
     * Reads a note.
     *
     * @throws MalformedException if it has another form, or more bytes or signatures than the bounds here
     */
    public static SignedNote parse(byte[] bytes) throws MalformedException {
        String note = decode(bytes);
        int blank = note.lastIndexOf("\n\n");
        if (blank < 0 || blank + 2 == note.length()) {
            throw new MalformedException("expected a text, an empty line and lines of signatures in a note, found no "
                    + (blank < 0 ? "empty line" : "line behind the last empty one"));
        }
        String text = note.substring(0, blank + 1);
        checkText(text);
        return new SignedNote(text, parseSignatures(note.substring(blank + 2)));
    }

    /**
     * Reads lines of signatures, as a witness answers with them.
     *
     * @throws MalformedException if a line has another form, or there are more than 100
     */
    static List<Signature> parseSignatures(String text) throws MalformedException {
        if (!text.endsWith("\n")) {
            throw new MalformedException("expected whole lines of signatures, found another end");
        }
        List<Signature> signatures = new ArrayList<>();
        for (String line : text.substring(0, text.length() - 1).split("\n", -1)) {
            if (signatures.size() == MOST_SIGNATURES) {
                throw new MalformedException(
                        "expected at most %d signatures in a note, found more".formatted(MOST_SIGNATURES));
            }
            signatures.add(Signature.parse(line));
        }
        return signatures;
    }

    static String decode(byte[] bytes) throws MalformedException {
        if (bytes.length > MOST_BYTES) {
            throw new MalformedException(
                    "expected a note of at most %d bytes, found %d".formatted(MOST_BYTES, bytes.length));
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            throw new MalformedException("expected UTF-8 in a note, found other bytes");
        }
    }

    private static void checkText(String text) throws MalformedException {
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character < ' ' && character != '\n') {
                throw new MalformedException("expected no control character but newlines in a note, found U+%04X"
                        .formatted((int) character));
            }
        }
        if (!text.endsWith("\n")) {
            throw new MalformedException("expected a note's text to end with a newline, found another end");
        }
    }

    /** What lies in a file or goes over the wire. */
    public byte[] bytes() {
        StringBuilder out = new StringBuilder(text).append('\n');
        for (Signature signature : signatures) {
            out.append(signature.line()).append('\n');
        }
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Checks the signatures of the keys that are known and passes over all others. One that does not hold speaks against
     * the whole note, whatever the others are.
     */
    public NoteVerdict verify(Collection<VerifierKey> known) {
        List<NoteVerdict.Signed> signed = new ArrayList<>();
        for (Signature signature : signatures) {
            for (VerifierKey key : known) {
                if (key.keyId() == signature.keyId() && key.name().equals(signature.name())) {
                    long seconds = check(key, signature);
                    if (seconds < 0) {
                        return new NoteVerdict.Fails(
                                "the signature of %s with key id %s does not hold".formatted(key.name(), key.hexId()));
                    }
                    signed.add(new NoteVerdict.Signed(key, seconds));
                }
            }
        }
        if (signed.isEmpty()) {
            return new NoteVerdict.Fails(
                    "none of its %d signatures is by a key that is known: %s".formatted(signatures.size(), signers()));
        }
        return new NoteVerdict.Holds(signed);
    }

    /** The time of the signature, 0 where its type has none; -1 if it does not hold. */
    private long check(VerifierKey key, Signature signature) {
        SignatureType type = key.type();
        int before = type.isTimestamped() ? Long.BYTES : 0;
        if (signature.bytes().length() != before + type.signatureLength()) {
            return -1;
        }
        ByteBuffer in = ByteBuffer.wrap(signature.bytes().toArray());
        long seconds = type.isTimestamped() ? in.getLong() : 0;
        try {
            byte[] message = key.message(text, Math.max(0, seconds));
            return type.verify(key.publicKey(), message, Octets.take(in, type.signatureLength())) ? seconds : -1;
        } catch (MalformedException noCheckpoint) {
            return -1;
        }
    }

    private String signers() {
        List<String> names = new ArrayList<>();
        for (Signature signature : signatures.subList(0, Math.min(4, signatures.size()))) {
            names.add("%s (%s)"
                    .formatted(
                            Base64Text.brief(signature.name()), String.format(Locale.ROOT, "%08x", signature.keyId())));
        }
        return String.join(", ", names) + (signatures.size() > 4 ? " and others" : "");
    }
}
