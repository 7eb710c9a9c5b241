package io.kiroku.evidence.log;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads a policy file, line by line (C2SP tlog-policy). */
final class PolicyReader {
    /** Logs, witnesses and groups at most, of each. */
    static final int MOST = 256;

    private static final String NONE = "none";

    private final List<Policy.Log> logs = new ArrayList<>();
    private final Map<String, Policy.Witness> witnesses = new LinkedHashMap<>();
    private final Map<String, Policy.Group> groups = new LinkedHashMap<>();
    private final Set<Octets> logKeys = new HashSet<>();
    private final Set<Octets> witnessKeys = new HashSet<>();
    private final Set<String> members = new HashSet<>();
    private Optional<String> quorum = Optional.empty();
    private int line;

    Policy read(byte[] bytes) throws MalformedException {
        if (bytes.length > Policy.MOST_BYTES) {
            throw new MalformedException(
                    "expected a policy of at most %d bytes, found %d".formatted(Policy.MOST_BYTES, bytes.length));
        }
        // One character for each octet: names are octets, and the reader needs to know nothing of Unicode. Verifier
        // keys
        // are UTF-8, and are decoded by themselves.
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        if (!text.isEmpty() && !text.endsWith("\n")) {
            throw new MalformedException("expected a newline at the end of a policy, found another end");
        }
        for (String whole : text.split("\n", -1)) {
            line++;
            checkOctets(whole);
            List<String> words = Arrays.stream(whole.split("[ \t]+"))
                    .filter(word -> !word.isEmpty())
                    .toList();
            if (!words.isEmpty() && !words.getFirst().startsWith("#")) {
                take(words);
            }
        }
        if (quorum.isEmpty()) {
            throw new MalformedException("expected a line \"quorum NAME\" in a policy, found none");
        }
        return new Policy(logs, witnesses, groups, quorum.filter(name -> !name.equals(NONE)));
    }

    private void checkOctets(String whole) throws MalformedException {
        for (int at = 0; at < whole.length(); at++) {
            char octet = whole.charAt(at);
            if ((octet < ' ' && octet != '\t') || octet == 0x7f) {
                throw wrong("no control character but tabs", "0x%02X".formatted((int) octet));
            }
        }
    }

    private void take(List<String> words) throws MalformedException {
        switch (words.getFirst()) {
            case "log" -> takeLog(words);
            case "witness" -> takeWitness(words);
            case "group" -> takeGroup(words);
            case "quorum" -> takeQuorum(words);
            default -> throw wrong("log, witness, group or quorum", quoted(words.getFirst()));
        }
    }

    private void takeLog(List<String> words) throws MalformedException {
        checkNumber(words, 2, 3, "\"log VKEY [URL]\"");
        checkRoom(logs.size(), "logs");
        VerifierKey key = key(words.get(1));
        if (key.type() == SignatureType.ED25519_COSIGNATURE) {
            throw wrong("a log's key of type 0x01 or 0x06", "0x04");
        }
        if (!logKeys.add(key.publicKey())) {
            throw wrong("every log's key once", "that of %s again".formatted(key.name()));
        }
        logs.add(new Policy.Log(key, word(words, 2)));
    }

    private void takeWitness(List<String> words) throws MalformedException {
        checkNumber(words, 3, 4, "\"witness NAME VKEY [URL]\"");
        checkRoom(witnesses.size(), "witnesses");
        VerifierKey key = key(words.get(2));
        if (!key.type().isTimestamped()) {
            throw wrong("a witness's key of type 0x04 or 0x06", "0x01");
        }
        if (!witnessKeys.add(key.publicKey())) {
            throw wrong("every witness's key once", "that of %s again".formatted(key.name()));
        }
        String name = newName(words.get(1));
        witnesses.put(name, new Policy.Witness(name, key, word(words, 3)));
    }

    private void takeGroup(List<String> words) throws MalformedException {
        checkNumber(words, 4, Integer.MAX_VALUE, "\"group NAME all|any|NUMBER MEMBER...\"");
        checkRoom(groups.size(), "groups");
        String name = newName(words.get(1));
        List<String> named = words.subList(3, words.size());
        for (String member : named) {
            if (!isDefined(member)) {
                throw wrong("witnesses and groups that were defined before", quoted(member));
            }
            if (!members.add(member)) {
                throw wrong("every witness and group in one group only", quoted(member) + " again");
            }
        }
        groups.put(name, new Policy.Group(threshold(words.get(2), named.size()), named));
    }

    private int threshold(String word, int all) throws MalformedException {
        return switch (word) {
            case "any" -> 1;
            case "all" -> all;
            default -> {
                if (!word.matches("[1-9][0-9]{0,8}") || Integer.parseInt(word) > all) {
                    throw wrong("all, any or a number from 1 to %d".formatted(all), quoted(word));
                }
                yield Integer.parseInt(word);
            }
        };
    }

    private void takeQuorum(List<String> words) throws MalformedException {
        checkNumber(words, 2, 2, "\"quorum NAME\"");
        if (quorum.isPresent()) {
            throw wrong("one quorum", "another");
        }
        String name = words.get(1);
        if (!name.equals(NONE) && !isDefined(name)) {
            throw wrong("a witness or group that was defined before, or none", quoted(name));
        }
        quorum = Optional.of(name);
    }

    private boolean isDefined(String name) {
        return witnesses.containsKey(name) || groups.containsKey(name);
    }

    private String newName(String name) throws MalformedException {
        if (name.equals(NONE) || isDefined(name)) {
            throw wrong("a name that is not taken", quoted(name));
        }
        return name;
    }

    private VerifierKey key(String word) throws MalformedException {
        try {
            return VerifierKey.parse(shown(word));
        } catch (MalformedException malformed) {
            throw new MalformedException("line %d of the policy: %s".formatted(line, malformed.getMessage()));
        }
    }

    private static Optional<String> word(List<String> words, int at) {
        return at < words.size() ? Optional.of(words.get(at)) : Optional.empty();
    }

    private void checkNumber(List<String> words, int least, int most, String form) throws MalformedException {
        if (words.size() < least || words.size() > most) {
            throw wrong(form, "%d words".formatted(words.size()));
        }
    }

    private void checkRoom(int there, String what) throws MalformedException {
        if (there == MOST) {
            throw wrong("at most %d %s".formatted(MOST, what), "more");
        }
    }

    private static String quoted(String word) {
        return "\"" + Base64Text.brief(shown(word)) + "\"";
    }

    /** Octets as people read them, most likely. */
    static String shown(String octets) {
        return new String(octets.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private MalformedException wrong(String expected, String found) {
        return new MalformedException("line %d of the policy: expected %s, found %s".formatted(line, expected, found));
    }
}
