package io.kiroku.agent.seal;

import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The agent's long-lived key, by which its stream is known, in the file {@code identity.key} of its state directory, which
 * its owner alone can read: the 32 bytes of an Ed25519 seed, and for each time that the stream was handed over to another
 * key, from the first on, 96 bytes: the public key that had it before and that one's signature.
 */
public final class IdentityFile {
    private static final String FILE = "identity.key";

    /** An identity that no agent has used yet; with the first ring it becomes {@link #FILE}. */
    private static final String PREPARED = "identity.new";

    private static final int MOST = SigningKey.LENGTH + Entry.Epoch.MOST_HANDOVERS * Entry.Handover.LENGTH;

    private IdentityFile() {}

    public static boolean exists(Path state) {
        return Files.exists(state.resolve(FILE));
    }

    /** Whether one was prepared that no agent has used yet. */
    public static boolean isPrepared(Path state) {
        return Files.exists(state.resolve(PREPARED));
    }

    /** Reads the identity of a state directory. */
    public static Identity load(Path state) throws IOException {
        return read(state.resolve(exists(state) || !isPrepared(state) ? FILE : PREPARED));
    }

    private static Identity read(Path file) throws IOException {
        long length = Files.size(file);
        if (length < SigningKey.LENGTH || length > MOST || (length - SigningKey.LENGTH) % Entry.Handover.LENGTH != 0) {
            throw new IOException(
                    "expected a key of %d bytes in %s, and %d for each time that it was replaced, found %d"
                            .formatted(SigningKey.LENGTH, file, Entry.Handover.LENGTH, length));
        }
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        byte[] seed = new byte[SigningKey.LENGTH];
        in.get(seed);
        List<Entry.Handover> handovers = new ArrayList<>();
        while (in.hasRemaining()) {
            handovers.add(new Entry.Handover(Octets.take(in, 32), Octets.take(in, 64)));
        }
        Identity identity = new Identity(SigningKey.of(seed), handovers);
        Arrays.fill(seed, (byte) 0);
        Arrays.fill(bytes, (byte) 0);
        return identity;
    }

    /** Makes an identity, which the agent's first start will take. */
    public static Identity prepare(Path state, SecureRandom random) throws IOException {
        Identity identity = Identity.of(SigningKey.generate(random));
        write(state.resolve(PREPARED), identity);
        return identity;
    }

    /** Takes the identity that was prepared, or makes one; with it a new stream begins. */
    public static Identity begin(Path state, SecureRandom random) throws IOException {
        if (!isPrepared(state)) {
            prepare(state, random);
        }
        Files.move(state.resolve(PREPARED), state.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
        Durable.syncDirectory(state);
        return load(state);
    }

    /**
     * Hands the stream over to a new key, and destroys the old one. No agent may be running.
     *
     * @throws IOException if there is no identity that an agent has used, or it was handed over as often as it can be
     */
    public static Identity rotate(Path state, SecureRandom random) throws IOException {
        Identity before = read(state.resolve(FILE));
        if (!before.canHandOver()) {
            throw new IOException("the identity in %s was replaced %d times, which is as often as it can be"
                    .formatted(state, before.handovers().size()));
        }
        Identity after = before.handOver(SigningKey.generate(random));
        write(state.resolve(FILE), after);
        before.key().destroy();
        return after;
    }

    private static void write(Path file, Identity identity) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(
                SigningKey.LENGTH + Entry.Handover.LENGTH * identity.handovers().size());
        byte[] seed = identity.key().seed();
        out.put(seed);
        for (Entry.Handover handover : identity.handovers()) {
            handover.identity().writeTo(out);
            handover.signature().writeTo(out);
        }
        Durable.overwrite(file, out.array());
        Arrays.fill(seed, (byte) 0);
        Arrays.fill(out.array(), (byte) 0);
    }
}
