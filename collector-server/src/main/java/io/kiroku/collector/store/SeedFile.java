package io.kiroku.collector.store;

import io.kiroku.evidence.durable.Durable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;

/** A private key on disk: the 32 bytes of its seed, readable by their owner alone. */
public final class SeedFile {
    /** Bytes of a seed, of Ed25519 (RFC 8032) as of ML-DSA (FIPS 204). */
    public static final int LENGTH = 32;

    private SeedFile() {}

    /**
     * Reads a seed, or makes one where there is none. Who gets it overwrites it when it is not needed any more.
     *
     * @throws IOException if what lies there is none
     */
    public static byte[] readOrMake(Path file, SecureRandom random) throws IOException {
        if (!Files.exists(file)) {
            byte[] fresh = new byte[LENGTH];
            random.nextBytes(fresh);
            Durable.create(file, fresh);
            Arrays.fill(fresh, (byte) 0);
        }
        byte[] seed = Files.readAllBytes(file);
        if (seed.length != LENGTH) {
            throw new IOException("expected the %d bytes of a private key in %s, found %d bytes"
                    .formatted(LENGTH, file, seed.length));
        }
        return seed;
    }
}
