package io.kiroku.collector.log;

import io.kiroku.collector.store.SeedFile;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.log.MlDsaKey;
import io.kiroku.evidence.log.NoteSigner;
import io.kiroku.evidence.log.Policy;
import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.record.MalformedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The keys of a collector's log in its data directory: {@code log.key} and {@code log-mldsa44.key} (the seeds of an Ed25519
 * and an ML-DSA-44 key, readable by their owner alone), and {@code log.vkey}, which is what others need: a line for each
 * (C2SP signed-note), those of now first. All have the log's name, which never changes: another name is another log.
 *
 * <p>When keys are replaced, those of before sign with the new ones until they are retired, so that everybody has time to
 * learn of the new ones: they lie in {@code log-previous.key} and {@code log-mldsa44-previous.key}.
 */
public final class LogKeys {
    private static final String ED25519 = "log.key";
    private static final String ML_DSA_44 = "log-mldsa44.key";
    private static final String PREVIOUS_ED25519 = "log-previous.key";
    private static final String PREVIOUS_ML_DSA_44 = "log-mldsa44-previous.key";
    private static final String PUBLIC = "log.vkey";
    private static final long MOST_PUBLIC = 64 << 10;

    /** Keys that sign at once, as long as none is replaced. */
    private static final int KINDS = 2;

    private LogKeys() {}

    /**
     * Reads the keys, or makes them where there are none.
     *
     * @param name that the log is to have; if empty, the one that it has, or one that is made of its key
     * @throws IOException if what lies there are no such keys, or the log has another name
     */
    public static LogSigners in(Path data, Optional<String> name, SecureRandom random) throws IOException {
        for (String key : List.of(ED25519, ML_DSA_44)) {
            if (Files.exists(data.resolve(PUBLIC)) && !Files.exists(data.resolve(key))) {
                throw new IOException(
                        "expected the private key %s, as %s is there, found none: put it back, or begin another log without %s"
                                .formatted(data.resolve(key), PUBLIC, PUBLIC));
            }
        }
        SigningKey ed25519 = ed25519(data.resolve(ED25519), random);
        MlDsaKey mlDsa = mlDsa44(data.resolve(ML_DSA_44), random);
        List<VerifierKey> published = published(data);
        String known = published.isEmpty() ? "" : published.getFirst().name();
        String chosen = name.orElse(
                known.isEmpty() ? "kiroku.invalid/" + ed25519.publicKey().brief() : known);
        if (!known.isEmpty() && !known.equals(chosen)) {
            throw new IOException("expected the log's name %s, which %s gives it for good, found %s"
                    .formatted(known, data.resolve(PUBLIC), chosen));
        }
        List<NoteSigner> signers =
                new ArrayList<>(List.of(NoteSigner.ed25519(chosen, ed25519), NoteSigner.mlDsa44(chosen, mlDsa)));
        if (Files.exists(data.resolve(PREVIOUS_ED25519))) {
            add(signers, NoteSigner.ed25519(chosen, ed25519(data.resolve(PREVIOUS_ED25519), random)));
        }
        if (Files.exists(data.resolve(PREVIOUS_ML_DSA_44))) {
            add(signers, NoteSigner.mlDsa44(chosen, mlDsa44(data.resolve(PREVIOUS_ML_DSA_44), random)));
        }
        return publish(data, new LogSigners(chosen, signers), published);
    }

    /** A replacement that was broken off leaves one key in two places. */
    private static void add(List<NoteSigner> signers, NoteSigner one) {
        if (signers.stream().noneMatch(signer -> signer.verifierKey().equals(one.verifierKey()))) {
            signers.add(one);
        }
    }

    private static SigningKey ed25519(Path file, SecureRandom random) throws IOException {
        byte[] seed = SeedFile.readOrMake(file, random);
        SigningKey key = SigningKey.of(seed);
        Arrays.fill(seed, (byte) 0);
        return key;
    }

    private static MlDsaKey mlDsa44(Path file, SecureRandom random) throws IOException {
        byte[] seed = SeedFile.readOrMake(file, random);
        MlDsaKey key = MlDsaKey.of(seed);
        Arrays.fill(seed, (byte) 0);
        return key;
    }

    /**
     * Replaces the keys by new ones. Those of before go on signing until {@link #retire}. No collector may be running.
     *
     * @throws IOException if there are none, or the last replacement is not finished
     */
    public static LogSigners rotate(Path data, SecureRandom random) throws IOException {
        if (published(data).isEmpty()) {
            throw new IOException("expected the keys of a log in %s, found none".formatted(data));
        }
        if (isRotating(data)) {
            throw new IOException(
                    "the keys before those of now sign still: they have to be retired before the next are made");
        }
        LogSigners before = in(data, Optional.empty(), random);
        byte[] ed25519 = SeedFile.make(random);
        byte[] mlDsa = SeedFile.make(random);
        LogSigners after = new LogSigners(
                before.origin(),
                List.of(
                        NoteSigner.ed25519(before.origin(), SigningKey.of(ed25519)),
                        NoteSigner.mlDsa44(before.origin(), MlDsaKey.of(mlDsa))),
                before.verifierKeys());
        // Others can know the new keys before anything is signed with them; a crash from here on leaves keys that sign.
        Durable.overwrite(data.resolve(PUBLIC), text(after.verifierKeys()));
        SeedFile.move(data.resolve(ED25519), data.resolve(PREVIOUS_ED25519), ed25519);
        SeedFile.move(data.resolve(ML_DSA_44), data.resolve(PREVIOUS_ML_DSA_44), mlDsa);
        return in(data, Optional.empty(), random);
    }

    /** Whether keys of before sign still. */
    public static boolean isRotating(Path data) {
        return Files.exists(data.resolve(PREVIOUS_ED25519)) || Files.exists(data.resolve(PREVIOUS_ML_DSA_44));
    }

    /**
     * Destroys the keys of before, if there are any. What they signed stays valid. No collector may be running.
     *
     * @return false if there were none
     */
    public static boolean retire(Path data) throws IOException {
        boolean were = isRotating(data);
        SeedFile.destroy(data.resolve(PREVIOUS_ED25519));
        SeedFile.destroy(data.resolve(PREVIOUS_ML_DSA_44));
        return were;
    }

    /**
     * Reads the policy by which a log is witnessed.
     *
     * @param log whose it is; a policy that does not accept it is one for another
     * @throws IOException if the file is no policy, or none for this log
     */
    public static Policy policy(Path file, LogSigners log) throws IOException {
        try {
            Policy policy = PolicyFile.read(file).policy();
            if (policy.logs().stream().noneMatch(accepted -> log.signing().contains(accepted.key()))) {
                throw new MalformedException("expected a line \"log %s\", found none with a key of this log"
                        .formatted(log.signing().getFirst()));
            }
            return policy;
        } catch (MalformedException malformed) {
            throw new IOException("%s is no policy for this log: %s".formatted(file, malformed.getMessage()));
        }
    }

    /** The verifier keys in {@code log.vkey}, those of now first; none if there is no such file. */
    public static List<VerifierKey> published(Path data) throws IOException {
        Path file = data.resolve(PUBLIC);
        if (!Files.exists(file)) {
            return List.of();
        }
        if (Files.size(file) > MOST_PUBLIC) {
            throw new IOException("expected verifier keys in %s, found %d bytes".formatted(file, Files.size(file)));
        }
        try {
            List<VerifierKey> keys = VerifierKey.parseAll(
                    Files.readString(file, StandardCharsets.UTF_8).lines().toList());
            if (keys.isEmpty()) {
                throw new MalformedException("it holds no key");
            }
            return keys;
        } catch (MalformedException damaged) {
            throw new IOException("%s is damaged: %s".formatted(file, damaged.getMessage()));
        }
    }

    /**
     * Those of the published keys that sign checkpoints now. Goes by the order of {@code log.vkey} and by which files are
     * there, so that it can be asked by whoever may not read the private keys.
     */
    public static Set<VerifierKey> signing(Path data) throws IOException {
        List<VerifierKey> published = published(data);
        int kinds = isRotating(data) ? 2 * KINDS : KINDS;
        return Set.copyOf(published.subList(0, Math.min(kinds, published.size())));
    }

    private static byte[] text(List<VerifierKey> keys) {
        StringBuilder text = new StringBuilder();
        keys.forEach(key -> text.append(key).append('\n'));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static LogSigners publish(Path data, LogSigners signers, List<VerifierKey> published) throws IOException {
        Path file = data.resolve(PUBLIC);
        if (published.isEmpty()) {
            Durable.create(file, text(signers.signing()));
            return signers;
        }
        if (!published.containsAll(signers.signing())) {
            throw new IOException("expected %s to hold the public halves of %s and %s, found other keys"
                    .formatted(file, ED25519, ML_DSA_44));
        }
        List<VerifierKey> former = new ArrayList<>(published);
        former.removeAll(signers.signing());
        return new LogSigners(signers.origin(), signers.signers(), former);
    }
}
