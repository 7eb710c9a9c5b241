package io.kiroku.collector.store;

import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.Receipts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * The key by which a collector signs receipts: {@code collector.key} (the 32 bytes of an Ed25519 seed, readable by their
 * owner alone) and {@code collector.pub} (the public key, 64 hexadecimal digits and a newline; and those of before, a line
 * each). May be used by several threads.
 */
public final class CollectorIdentity {
    private static final String PRIVATE = "collector.key";
    private static final String PUBLIC = "collector.pub";

    private final SigningKey key;
    private final Octets publicKey;

    private CollectorIdentity(SigningKey key) {
        this.key = key;
        this.publicKey = key.publicKey();
    }

    public static CollectorIdentity of(SigningKey key) {
        return new CollectorIdentity(key);
    }

    /**
     * Reads the identity in a data directory, or makes one where there is none.
     *
     * @throws IOException if what lies there is no such key, or its public half is another's
     */
    public static CollectorIdentity in(Path data, SecureRandom random) throws IOException {
        byte[] seed = SeedFile.readOrMake(data.resolve(PRIVATE), random);
        CollectorIdentity identity = of(SigningKey.of(seed));
        Arrays.fill(seed, (byte) 0);
        identity.publish(data.resolve(PUBLIC));
        return identity;
    }

    /**
     * Replaces the key, and destroys the one of before: receipts that it signed stay valid. No collector may be running.
     *
     * @throws IOException if there is none
     */
    public static CollectorIdentity rotate(Path data, SecureRandom random) throws IOException {
        Path file = data.resolve(PUBLIC);
        if (!Files.exists(file) || !Files.exists(data.resolve(PRIVATE))) {
            throw new IOException("expected the key of a collector in %s, found none".formatted(data));
        }
        byte[] seed = SeedFile.make(random);
        CollectorIdentity identity = of(SigningKey.of(seed));
        // Others can know the new key before anything is signed with it.
        String known = identity.publicKey + "\n" + Files.readString(file, StandardCharsets.ISO_8859_1);
        Durable.overwrite(file, known.getBytes(StandardCharsets.ISO_8859_1));
        Durable.overwrite(data.resolve(PRIVATE), seed);
        Arrays.fill(seed, (byte) 0);
        return identity;
    }

    private void publish(Path file) throws IOException {
        if (!Files.exists(file)) {
            Durable.create(file, (publicKey + "\n").getBytes(StandardCharsets.US_ASCII));
        } else if (!Files.readString(file, StandardCharsets.ISO_8859_1)
                .lines()
                .toList()
                .contains(publicKey.toString())) {
            throw new IOException("expected %s to hold the public half of %s, found another key"
                    .formatted(file, file.resolveSibling(PRIVATE)));
        }
    }

    public Octets publicKey() {
        return publicKey;
    }

    /**
     * A signed receipt for the last segment and all before it.
     *
     * @param tree the log as published, with the segment in it
     */
    public synchronized Frame.Receipt receipt(StreamEnd end, TreeHead tree, long wallNanos) {
        return Receipts.sign(key, end.head(), end.index(), tree, wallNanos);
    }
}
