package io.kiroku.collector.witness;

import io.kiroku.collector.store.SeedFile;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.log.MlDsaKey;
import io.kiroku.evidence.log.NoteSigner;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;

/**
 * A witness's keys in its directory: {@code witness.key} and {@code witness-mldsa44.key}, the seeds of an Ed25519 and an
 * ML-DSA-44 key, made where they are missing, readable by their owner alone. They cosign and do nothing else.
 */
public final class WitnessKeys {
    private WitnessKeys() {}

    /** The cosigners under that name. */
    public static List<NoteSigner> in(Path directory, String name, SecureRandom random) throws IOException {
        byte[] ed25519 = SeedFile.readOrMake(directory.resolve("witness.key"), random);
        byte[] mlDsa = SeedFile.readOrMake(directory.resolve("witness-mldsa44.key"), random);
        List<NoteSigner> signers = List.of(
                NoteSigner.ed25519Cosigner(name, SigningKey.of(ed25519)), NoteSigner.mlDsa44(name, MlDsaKey.of(mlDsa)));
        Arrays.fill(ed25519, (byte) 0);
        Arrays.fill(mlDsa, (byte) 0);
        return signers;
    }
}
