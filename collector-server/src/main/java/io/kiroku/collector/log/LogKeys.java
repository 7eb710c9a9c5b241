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
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The keys of a collector's log in its data directory: {@code log.key} and {@code log-mldsa44.key} (the seeds of an Ed25519
 * and an ML-DSA-44 key, readable by their owner alone), and {@code log.vkey}, which is what others need: a line for each
 * (C2SP signed-note). All have the log's name, which never changes: another name is another log.
 */
public final class LogKeys {
    private static final String ED25519 = "log.key";
    private static final String ML_DSA_44 = "log-mldsa44.key";
    private static final String PUBLIC = "log.vkey";
    private static final long MOST_PUBLIC = 64 << 10;

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
        byte[] ed25519Seed = SeedFile.readOrMake(data.resolve(ED25519), random);
        byte[] mlDsaSeed = SeedFile.readOrMake(data.resolve(ML_DSA_44), random);
        SigningKey ed25519 = SigningKey.of(ed25519Seed);
        MlDsaKey mlDsa = MlDsaKey.of(mlDsaSeed);
        Arrays.fill(ed25519Seed, (byte) 0);
        Arrays.fill(mlDsaSeed, (byte) 0);

        Path file = data.resolve(PUBLIC);
        String known = Files.exists(file) ? nameIn(file) : "";
        String chosen = name.orElse(
                known.isEmpty() ? "kiroku.invalid/" + ed25519.publicKey().brief() : known);
        if (!known.isEmpty() && !known.equals(chosen)) {
            throw new IOException(
                    "expected the log's name %s, which %s gives it for good, found %s".formatted(known, file, chosen));
        }
        LogSigners signers =
                new LogSigners(chosen, List.of(NoteSigner.ed25519(chosen, ed25519), NoteSigner.mlDsa44(chosen, mlDsa)));
        publish(file, signers);
        return signers;
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
            if (policy.logs().stream().noneMatch(accepted -> log.verifierKeys().contains(accepted.key()))) {
                throw new MalformedException("expected a line \"log %s\", found none with a key of this log"
                        .formatted(log.verifierKeys().getFirst()));
            }
            return policy;
        } catch (MalformedException malformed) {
            throw new IOException("%s is no policy for this log: %s".formatted(file, malformed.getMessage()));
        }
    }

    private static String nameIn(Path file) throws IOException {
        if (Files.size(file) > MOST_PUBLIC) {
            throw new IOException("expected verifier keys in %s, found %d bytes".formatted(file, Files.size(file)));
        }
        try {
            String first = Files.readString(file, StandardCharsets.UTF_8)
                    .lines()
                    .findFirst()
                    .orElse("");
            return VerifierKey.parse(first).name();
        } catch (MalformedException damaged) {
            throw new IOException("%s is damaged: %s".formatted(file, damaged.getMessage()));
        }
    }

    private static void publish(Path file, LogSigners signers) throws IOException {
        StringBuilder keys = new StringBuilder();
        signers.verifierKeys().forEach(key -> keys.append(key).append('\n'));
        if (!Files.exists(file)) {
            Durable.create(file, keys.toString().getBytes(StandardCharsets.UTF_8));
        } else if (!Files.readString(file, StandardCharsets.UTF_8).contentEquals(keys)) {
            throw new IOException("expected %s to hold the public halves of %s and %s, found other keys"
                    .formatted(file, ED25519, ML_DSA_44));
        }
    }
}
