package io.kiroku.evidence.trust;

import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Revoked keys, as a text of UTF-8 with a line for each: {@code revoked <key> <time> <reason>}. The key is the 64 hexadecimal
 * digits of an Ed25519 public key, or a verifier key (C2SP signed-note); the time is that of RFC 3339 in UTC, such as
 * {@code 2026-11-28T00:00:00Z}. Empty lines, and lines that begin with {@code #}, say nothing. Of a key that is there several
 * times, the earliest time counts.
 */
public final class Revocations {
    /** None. */
    public static final Revocations NONE = new Revocations(Map.of());

    /** Bytes of a text at most. */
    public static final int MOST_BYTES = 1 << 20;

    private static final String WORD = "revoked";
    private static final int MOST_REASON = 256;
    private static final int PUBLIC_KEY = 32;

    private final Map<Octets, Revocation> byKey;

    private Revocations(Map<Octets, Revocation> byKey) {
        this.byKey = byKey;
    }

    /** These, of each key the earliest. */
    public static Revocations of(Collection<Revocation> all) {
        Map<Octets, Revocation> byKey = new LinkedHashMap<>();
        for (Revocation one : all) {
            byKey.merge(one.key(), one, (before, now) -> now.since().isBefore(before.since()) ? now : before);
        }
        return new Revocations(byKey);
    }

    /**
     * Reads a text.
     *
     * @throws MalformedException with the number of the first line that is none
     */
    public static Revocations parse(byte[] text) throws MalformedException {
        if (text.length > MOST_BYTES) {
            throw new MalformedException(
                    "expected at most %d bytes of revoked keys, found %d".formatted(MOST_BYTES, text.length));
        }
        List<Revocation> all = new ArrayList<>();
        int number = 0;
        for (String line : decode(text).split("\n", -1)) {
            number++;
            if (!line.isBlank() && !line.startsWith("#")) {
                all.add(line(line, number));
            }
        }
        return of(all);
    }

    private static String decode(byte[] text) throws MalformedException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(text))
                    .toString();
        } catch (CharacterCodingException other) {
            throw new MalformedException("expected a list of revoked keys in UTF-8, found other bytes");
        }
    }

    private static Revocation line(String line, int number) throws MalformedException {
        String[] words = line.split(" ", 4);
        if (words.length < 4 || !words[0].equals(WORD)) {
            throw wrong(number, "\"revoked KEY TIME REASON\"", "another line");
        }
        return of(words[1], words[2], words[3], number);
    }

    private static Revocation of(String key, String time, String reason, int number) throws MalformedException {
        Instant since;
        try {
            since = Instant.parse(time);
        } catch (DateTimeException other) {
            throw wrong(number, "a time such as 2026-11-28T00:00:00Z", "\"%s\"".formatted(brief(time)));
        }
        if (!isReason(reason)) {
            throw wrong(
                    number,
                    "a reason of 1 to %d characters without control characters".formatted(MOST_REASON),
                    "another");
        }
        try {
            return new Revocation(key(key), since, reason);
        } catch (MalformedException | IllegalArgumentException other) {
            throw wrong(number, "64 hexadecimal digits or a verifier key", "\"%s\"".formatted(brief(key)));
        }
    }

    /** Whether it can be said why a key was revoked in this way. */
    public static boolean isReason(String reason) {
        return !reason.isBlank()
                && reason.length() <= MOST_REASON
                && reason.codePoints()
                        .noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT);
    }

    /**
     * The public key that a text names.
     *
     * @throws MalformedException or an IllegalArgumentException if it is neither 64 hexadecimal digits nor a verifier key
     */
    public static Octets key(String text) throws MalformedException {
        if (text.contains("+")) {
            return VerifierKey.parse(text).publicKey();
        }
        Octets key = Octets.parse(text);
        if (key.length() != PUBLIC_KEY) {
            throw new MalformedException(
                    "expected a public key of %d bytes, found %d".formatted(PUBLIC_KEY, key.length()));
        }
        return key;
    }

    /** A line of the text, without its newline. */
    public static String line(String key, Instant since, String reason) {
        return "%s %s %s %s".formatted(WORD, key, since, reason);
    }

    private static MalformedException wrong(int line, String expected, String found) {
        return new MalformedException("revoked keys, line %d: expected %s, found %s".formatted(line, expected, found));
    }

    private static String brief(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "...";
    }

    public boolean isEmpty() {
        return byKey.isEmpty();
    }

    /** All, each key once. */
    public List<Revocation> all() {
        return List.copyOf(byKey.values());
    }

    /** Whether and since when a public key is revoked. */
    public Optional<Revocation> of(Octets publicKey) {
        return Optional.ofNullable(byKey.get(publicKey));
    }

    /** Those of both. */
    public Revocations and(Revocations others) {
        List<Revocation> all = new ArrayList<>(byKey.values());
        all.addAll(others.byKey.values());
        return of(all);
    }
}
