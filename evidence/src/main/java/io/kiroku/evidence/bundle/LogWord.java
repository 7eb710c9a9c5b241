package io.kiroku.evidence.bundle;

import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.NoteVerdict;
import io.kiroku.evidence.log.Policy;
import io.kiroku.evidence.log.ProofCheck;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.log.WitnessRequest;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.trust.RevocationCheck;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the transparency log says of a bundle: who signed its checkpoint, and that it continues every checkpoint that was seen
 * before. For use by one thread, once.
 */
final class LogWord {
    /** Bytes of a proof at most: a checkpoint's, and 63 hashes in base 64. */
    static final int MOST_PROOF = SignedNote.MOST_BYTES;

    private static final int MOST_KEYS = 64 << 10;

    /** Earlier checkpoints that are told; all are checked. */
    private static final int MOST_TOLD = 10;

    private final ZipReader zip;
    private final BundleManifest manifest;
    private final Trust trust;
    private final BundleFindings findings;
    private final List<String> statements = new ArrayList<>();
    private @Nullable SignedNote note;
    private @Nullable Checkpoint checkpoint;
    private final TimeWord time;
    private final RevokedWord revoked;
    private List<VerifierKey> keys = List.of();
    private long included;
    private long lowest = Long.MAX_VALUE;
    private long highest = -1;

    LogWord(ZipReader zip, BundleManifest manifest, Trust trust, BundleFindings findings) throws IOException {
        this.zip = zip;
        this.manifest = manifest;
        this.trust = trust;
        this.findings = findings;
        this.time = new TimeWord(zip, trust.authorities(), findings);
        this.revoked = RevokedWord.of(zip, trust, findings);
    }

    List<String> statements() {
        return statements;
    }

    private void damaged(String name, String sentence) {
        findings.damaged(name, sentence);
    }

    void say(String statement) {
        statements.add(statement);
    }

    boolean isCheckpoint(SignedNote other) {
        return other.equals(note);
    }

    /** An entry of the log is one of the bundle's. */
    void included(long index) {
        included++;
        lowest = Math.min(lowest, index);
        highest = Math.max(highest, index);
    }

    /** Checks the checkpoint, its signatures and what came before it. */
    void check() throws IOException {
        SignedNote signed;
        Checkpoint stated;
        try {
            signed = SignedNote.parse(zip.bytes(BundleNames.CHECKPOINT, SignedNote.MOST_BYTES));
            stated = Checkpoint.parse(signed.text());
        } catch (MalformedException malformed) {
            damaged(BundleNames.CHECKPOINT, String.valueOf(malformed.getMessage()));
            return;
        }
        note = signed;
        checkpoint = stated;
        if (!stated.origin().equals(manifest.origin())
                || !new TreeHead(stated.size(), stated.root()).equals(manifest.tree())) {
            damaged(BundleNames.CHECKPOINT, "it is another than the one that the manifest states");
        }
        signatures(signed, stated);
    }

    /** What is known of revoked keys; to be asked once the checkpoint is checked. */
    RevocationCheck revoked() {
        return revoked.segments();
    }

    private void signatures(SignedNote signed, Checkpoint stated) throws IOException {
        String origin = stated.origin();
        List<Policy> policies = new ArrayList<>(trust.policy().stream().toList());
        List<VerifierKey> named = new ArrayList<>(trust.keys());
        if (!trust.isGiven()) {
            statements.add(
                    "The keys come from the bundle itself: that they are the log's is to be known from elsewhere,"
                            + " and named with --key or --policy.");
            ownPolicy().ifPresent(policies::add);
            named.addAll(ownKeys());
        }
        boolean areOthers = !named.isEmpty() && named.stream().noneMatch(key -> key.isOfLog(origin));
        if (areOthers) {
            damaged(BundleNames.CHECKPOINT, noKeyOf(origin, named.getFirst()));
        }
        named.removeIf(key -> !key.isOfLog(origin));
        if (trust.isGiven() && trust.policy().isEmpty() && zip.find(BundleNames.POLICY) != null) {
            statements.add("The policy in the bundle was not checked: name one that you trust with --policy.");
        }
        List<VerifierKey> known = new ArrayList<>(named);
        for (Policy policy : policies) {
            policy.logs().forEach(one -> known.add(one.key()));
            policy.witnesses().forEach(one -> known.add(one.key()));
        }
        keys = known.stream().distinct().toList();
        if (keys.isEmpty() && !areOthers) {
            damaged(BundleNames.LOG_KEYS, "it holds no key, and none was named");
        } else if (signed.verify(keys) instanceof NoteVerdict.Holds holds) {
            statements.add("The checkpoint of %d entries is signed by %s."
                    .formatted(manifest.tree().size(), signers(holds)));
            revoked.seen(stated.size(), holds);
        }
        earlier(stated);
        time.check();
        time.dated().forEach(revoked::seen);
        revoked.statement().ifPresent(statements::add);
        Optional<SignedNote> counted = revoked.counted(signed, stated.size(), keys);
        counted.ifPresentOrElse(
                note -> counts(note, named, policies),
                () -> damaged(
                        BundleNames.CHECKPOINT,
                        "only revoked keys signed it, and nothing shows that they did before they were"));
    }

    private void counts(SignedNote signed, List<VerifierKey> named, List<Policy> policies) {
        for (Policy policy : policies) {
            if (policy.check(signed) instanceof NoteVerdict.Fails fails) {
                damaged(BundleNames.CHECKPOINT, fails.sentence());
            }
        }
        if (!named.isEmpty() && signed.verify(named) instanceof NoteVerdict.Fails fails) {
            damaged(BundleNames.CHECKPOINT, fails.sentence());
        }
    }

    /** Why keys are of no use for a log's checkpoint. */
    static String noKeyOf(String origin, VerifierKey found) {
        return "expected a key of the log %s, of type 0x01 or 0x06, found %s of type 0x%02x"
                .formatted(origin, found.name(), found.type().code());
    }

    private static String signers(NoteVerdict.Holds holds) {
        return holds.by().stream().map(LogWord::signer).collect(Collectors.joining(", "));
    }

    private static String signer(NoteVerdict.Signed signed) {
        String who = "%s (%s, %s)"
                .formatted(
                        signed.key().name(),
                        signed.key().hexId(),
                        signed.key().type().toString().toLowerCase(Locale.ROOT).replace('_', ' '));
        boolean timed = signed.seconds() > 0 && signed.seconds() <= Instant.MAX.getEpochSecond();
        return timed ? who + " at " + Instant.ofEpochSecond(signed.seconds()) : who;
    }

    private Optional<Policy> ownPolicy() throws IOException {
        if (zip.find(BundleNames.POLICY) == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Policy.parse(zip.bytes(BundleNames.POLICY, Policy.MOST_BYTES)));
        } catch (MalformedException malformed) {
            damaged(BundleNames.POLICY, String.valueOf(malformed.getMessage()));
            return Optional.empty();
        }
    }

    private List<VerifierKey> ownKeys() throws IOException {
        try {
            return keys(zip);
        } catch (MalformedException malformed) {
            damaged(BundleNames.LOG_KEYS, String.valueOf(malformed.getMessage()));
            return List.of();
        }
    }

    /** The keys of the log that lie in the bundle. */
    static List<VerifierKey> keys(ZipReader zip) throws IOException, MalformedException {
        String text = new String(zip.bytes(BundleNames.LOG_KEYS, MOST_KEYS), StandardCharsets.UTF_8);
        return VerifierKey.parseAll(text.lines().toList());
    }

    /** Every earlier checkpoint, of the bundle and of the recipient: the bundle's continues it. */
    private void earlier(Checkpoint now) throws IOException {
        int told = 0;
        for (BundleFile file : zip.files()) {
            String name = file.name();
            boolean isOne = name.startsWith(BundleNames.TIMESTAMPS) || name.startsWith(BundleNames.CONSISTENCY);
            if (!isOne || !name.endsWith(".checkpoint")) {
                continue;
            }
            try {
                SignedNote before = SignedNote.parse(zip.bytes(name, SignedNote.MOST_BYTES));
                named(name, Checkpoint.parse(before.text()));
                Optional<String> said = continues(name, before, now);
                if (said.isPresent() && told++ < MOST_TOLD) {
                    statements.add(said.get());
                }
            } catch (MalformedException malformed) {
                damaged(name, String.valueOf(malformed.getMessage()));
            }
        }
        for (SignedNote before : trust.earlier()) {
            continues(BundleNames.CHECKPOINT, before, now).ifPresent(statements::add);
        }
    }

    private static void named(String name, Checkpoint one) throws MalformedException {
        String expected = one.size() + ".checkpoint";
        if (!name.substring(name.indexOf('/') + 1).equals(expected)) {
            throw new MalformedException(
                    "the checkpoint of %d entries is to be called %s".formatted(one.size(), expected));
        }
    }

    /** What is to be said of an earlier checkpoint that the log continues; else empty, and it is a finding. */
    private Optional<String> continues(String name, SignedNote signed, Checkpoint now) throws IOException {
        Checkpoint before;
        try {
            before = Checkpoint.parse(signed.text());
        } catch (MalformedException malformed) {
            damaged(name, String.valueOf(malformed.getMessage()));
            return Optional.empty();
        }
        if (!(signed.verify(keys) instanceof NoteVerdict.Holds holds)) {
            damaged(name, "the checkpoint of %d entries is signed by no key of the log".formatted(before.size()));
            return Optional.empty();
        }
        if (!before.origin().equals(now.origin())) {
            damaged(
                    name,
                    "the checkpoint of %d entries is another log's, %s".formatted(before.size(), before.origin()));
            return Optional.empty();
        }
        if (before.size() > now.size()) {
            damaged(
                    name,
                    "the log had %d entries already, and has %d in the bundle's checkpoint"
                            .formatted(before.size(), now.size()));
            return Optional.empty();
        }
        if (!isConsistent(before, now)) {
            damaged(
                    name,
                    "the log was rewritten, or nothing proves that it was not: its tree of %d entries does not continue the"
                                    .formatted(now.size())
                            + " one of %d that %s signed".formatted(before.size(), signers(holds)));
            return Optional.empty();
        }
        revoked.seen(before.size(), holds);
        return Optional.of(
                "It continues the tree of %d entries that was signed by %s.".formatted(before.size(), signers(holds)));
    }

    private boolean isConsistent(Checkpoint before, Checkpoint now) throws IOException {
        if (before.size() == 0 || before.size() == now.size()) {
            return before.size() == 0 || before.root().equals(now.root());
        }
        String name = BundleNames.consistency(before.size());
        if (zip.find(name) == null) {
            return false;
        }
        try {
            WitnessRequest proof = WitnessRequest.parse(zip.bytes(name, MOST_PROOF));
            return proof.oldSize() == before.size()
                    && isCheckpoint(proof.checkpoint())
                    && ProofCheck.consistency(before.size(), now.size(), before.root(), now.root(), proof.proof());
        } catch (MalformedException malformed) {
            damaged(name, String.valueOf(malformed.getMessage()));
            return false;
        }
    }

    /** Says what the log has of the bundle, and since when. */
    void end() throws IOException {
        statements.addAll(time.statements(lowest, highest));
        Checkpoint stated = checkpoint;
        if (stated != null && included > 0) {
            statements.addFirst(
                    "The log %s has the headers of all %d segments that are proven, as entries %d to %d of %d."
                            .formatted(stated.origin(), included, lowest, highest, stated.size()));
        }
    }
}
