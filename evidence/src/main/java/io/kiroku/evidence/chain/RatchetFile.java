package io.kiroku.evidence.chain;

import io.kiroku.evidence.durable.ChannelFile;
import io.kiroku.evidence.durable.StorageFile;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;

/**
 * The ratchet's private keys between two steps, on memory-backed storage: they outlive the agent, not the node's boot.
 *
 * <p>Two slots of 32 bytes, chosen by the parity of the segment that a key signs. The key of segment n + 1 is stored
 * before segment n is kept, the key of n wiped after: whichever of the two a crash leaves as the ring's last segment, the
 * key that continues it is here. Nothing is synced: tmpfs has nothing to sync to, and a power cut must take the keys.
 */
public final class RatchetFile implements AutoCloseable {
    private final StorageFile file;

    /** @param file empty, or what an earlier run of the agent left */
    public RatchetFile(StorageFile file) {
        this.file = file;
    }

    /** Opens the file of a stream in that directory, made for its owner alone where it is missing. */
    public static RatchetFile open(Path directory, Octets stream) throws IOException {
        if (!Files.isDirectory(directory)) {
            Path parent = directory.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        Path file = directory.resolve(stream + ".ratchet");
        if (!Files.exists(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        return new RatchetFile(ChannelFile.open(file));
    }

    /** The key that signs that segment, if it is here and its public half is the expected one. */
    public Optional<SigningKey> find(long sequence, Octets publicKey) throws IOException {
        byte[] seed = new byte[SigningKey.LENGTH];
        ByteBuffer into = ByteBuffer.wrap(seed);
        if (file.read(into, at(sequence)) < seed.length) {
            return Optional.empty();
        }
        SigningKey key = SigningKey.of(seed);
        Arrays.fill(seed, (byte) 0);
        if (key.publicKey().equals(publicKey)) {
            return Optional.of(key);
        }
        key.destroy();
        return Optional.empty();
    }

    /** Stores the key that signs that segment, over the key of the segment two before it. */
    public void store(long sequence, SigningKey key) throws IOException {
        byte[] seed = key.seed();
        file.write(ByteBuffer.wrap(seed), at(sequence));
        Arrays.fill(seed, (byte) 0);
    }

    /** Wipes the key of a segment that is kept. */
    public void wipe(long sequence) throws IOException {
        file.write(ByteBuffer.allocate(SigningKey.LENGTH), at(sequence));
    }

    private static long at(long sequence) {
        return (sequence & 1) * SigningKey.LENGTH;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
