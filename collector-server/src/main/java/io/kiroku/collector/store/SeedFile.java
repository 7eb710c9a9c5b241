package io.kiroku.collector.store;

import io.kiroku.evidence.durable.ChannelFile;
import io.kiroku.evidence.durable.Durable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;

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
            byte[] fresh = make(random);
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

    /** A new seed, on no disk yet. */
    public static byte[] make(SecureRandom random) {
        byte[] seed = new byte[LENGTH];
        random.nextBytes(seed);
        return seed;
    }

    /** Keeps a seed under another name, and puts a new one in its place, which is wiped here. A crash leaves both or the old one. */
    public static void move(Path file, Path former, byte[] fresh) throws IOException {
        byte[] before = Files.readAllBytes(file);
        Durable.overwrite(former, before);
        Arrays.fill(before, (byte) 0);
        Durable.overwrite(file, fresh);
        Arrays.fill(fresh, (byte) 0);
    }

    /** Overwrites a seed, as far as the disk lets one, and takes the file away. */
    public static void destroy(Path file) throws IOException {
        if (Files.exists(file)) {
            try (ChannelFile zeros = ChannelFile.open(file)) {
                zeros.write(ByteBuffer.allocate(LENGTH), 0);
                zeros.sync();
            }
            Files.delete(file);
            Durable.syncDirectory(Objects.requireNonNull(file.toAbsolutePath().getParent()));
        }
    }
}
