package io.kiroku.evidence.log;

import io.kiroku.evidence.record.MalformedException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whose word is enough for a checkpoint (C2SP tlog-policy): the logs that are accepted, and which witnesses must have
 * cosigned.
 */
public final class Policy {
    /** Bytes of a policy file at most. */
    public static final int MOST_BYTES = 1 << 20;

    /**
     * A log that is accepted.
     *
     * @param key its name is the log's origin
     */
    public record Log(VerifierKey key, Optional<String> url) {}

    /**
     * A witness.
     *
     * @param name in the policy, one character for each octet; the key has another
     * @param url where it is asked
     */
    public record Witness(String name, VerifierKey key, Optional<String> url) {}

    /** Counts as a witness if at least so many of its members do. */
    record Group(int least, List<String> members) {}

    private final List<Log> logs;
    private final Map<String, Witness> witnesses;
    private final Map<String, Group> groups;
    private final Optional<String> quorum;

    /** The reader has seen to it that every name is there, and that groups name only what stands before them. */
    Policy(List<Log> logs, Map<String, Witness> witnesses, Map<String, Group> groups, Optional<String> quorum) {
        this.logs = List.copyOf(logs);
        this.witnesses = new LinkedHashMap<>(witnesses);
        this.groups = Map.copyOf(groups);
        this.quorum = quorum;
    }

    /**
     * Reads a policy file.
     *
     * @throws MalformedException if it has another form; the sentence names the line
     */
    public static Policy parse(byte[] bytes) throws MalformedException {
        return new PolicyReader().read(bytes);
    }

    public List<Log> logs() {
        return logs;
    }

    public List<Witness> witnesses() {
        return List.copyOf(witnesses.values());
    }

    /**
     * Whether an accepted log signed the checkpoint, and witnesses enough cosigned it. A wrong signature of a key that the
     * policy names speaks against the checkpoint.
     */
    public NoteVerdict check(SignedNote note) {
        String origin;
        try {
            origin = Checkpoint.parse(note.text()).origin();
        } catch (MalformedException noCheckpoint) {
            return new NoteVerdict.Fails(String.valueOf(noCheckpoint.getMessage()));
        }
        List<VerifierKey> logKeys = logs.stream()
                .map(Log::key)
                .filter(key -> key.name().equals(origin))
                .toList();
        if (logKeys.isEmpty()) {
            return new NoteVerdict.Fails("the policy does not accept the log %s".formatted(Base64Text.brief(origin)));
        }
        if (note.verify(logKeys) instanceof NoteVerdict.Fails fails) {
            return fails;
        }
        List<VerifierKey> keys = new ArrayList<>(logKeys);
        witnesses.values().forEach(witness -> keys.add(witness.key()));
        NoteVerdict verdict = note.verify(keys);
        return verdict instanceof NoteVerdict.Holds holds && !isQuorum(holds) ? missing(holds) : verdict;
    }

    private boolean isQuorum(NoteVerdict.Holds holds) {
        return quorum.isEmpty() || counts(quorum.get(), cosigners(holds));
    }

    private Set<String> cosigners(NoteVerdict.Holds holds) {
        Set<String> names = new LinkedHashSet<>();
        for (Witness witness : witnesses.values()) {
            if (holds.by().stream().anyMatch(signed -> signed.key().equals(witness.key()))) {
                names.add(witness.name());
            }
        }
        return names;
    }

    /** Groups name only what stands before them, so this ends. */
    private boolean counts(String name, Set<String> cosigners) {
        Group group = groups.get(name);
        if (group == null) {
            return cosigners.contains(name);
        }
        return group.members().stream()
                        .filter(member -> counts(member, cosigners))
                        .count()
                >= group.least();
    }

    private NoteVerdict missing(NoteVerdict.Holds holds) {
        Set<String> cosigners = cosigners(holds);
        String by = cosigners.isEmpty() ? "nobody" : String.join(", ", cosigners);
        return new NoteVerdict.Fails(PolicyReader.shown(
                "the quorum %s is not reached: cosigned by %s".formatted(quorum.orElse("none"), by)));
    }
}
