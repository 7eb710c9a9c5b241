package io.kiroku.collector.own;

import io.kiroku.collector.ingest.Intake;
import io.kiroku.collector.store.SeedFile;
import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.chain.RatchetFile;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of a stream of the collector's own, in the directory {@code own/NAME} of its data, which its owner alone can read:
 * {@code identity.key}, the 32 bytes of an Ed25519 seed, and {@code STREAM.ratchet} (see {@link RatchetFile}). They lie on a
 * disk, because a collector has no other place that outlives it: what is overwritten there can, on some, be found again.
 */
record OwnKeys(Identity identity, RatchetFile ratchet) implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OwnKeys.class);
    private static final String IDENTITY = "identity.key";

    /** Reads the keys, or makes them: where there are none, and in place of those of an identity that was revoked. */
    static OwnKeys open(Path directory, Intake intake, InstantSource clock, SecureRandom random) throws IOException {
        Durable.createDirectories(directory);
        Path file = directory.resolve(IDENTITY);
        Identity identity = read(file, random);
        Octets key = identity.publicKey();
        boolean isRevoked = intake.revokedSince(key)
                .filter(since -> !since.isAfter(clock.instant()))
                .isPresent();
        if (isRevoked) {
            LOG.warn("The identity {} in {} is revoked: another takes its place.", key.brief(), directory);
            identity.key().destroy();
            SeedFile.destroy(file);
            identity = read(file, random);
        }
        return new OwnKeys(identity, RatchetFile.open(directory, identity.stream()));
    }

    private static Identity read(Path file, SecureRandom random) throws IOException {
        byte[] seed = SeedFile.readOrMake(file, random);
        Identity identity = Identity.of(SigningKey.of(seed));
        Arrays.fill(seed, (byte) 0);
        return identity;
    }

    /** The key that signs the segment behind that end, if it is here. */
    Optional<SigningKey> next(long sequence, Octets publicKey) throws IOException {
        return ratchet.find(sequence + 1, publicKey);
    }

    @Override
    public void close() throws IOException {
        ratchet.close();
    }
}
