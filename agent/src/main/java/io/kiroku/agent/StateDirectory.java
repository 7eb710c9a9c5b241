package io.kiroku.agent;

import io.kiroku.agent.os.EvictableFile;
import io.kiroku.agent.os.Preallocation;
import io.kiroku.agent.ring.Ring;
import io.kiroku.agent.ring.RingLayout;
import io.kiroku.agent.ring.RingReader;
import io.kiroku.agent.seal.IdentityFile;
import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.durable.ChannelFile;
import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory that an agent keeps between its runs: the ring, and the identity whose stream is in it.
 *
 * @param lock keeps other agents out
 */
record StateDirectory(Ring ring, Identity identity, ChannelFile lock) implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateDirectory.class);
    private static final String LOCK = "lock";
    private static final String UNFINISHED = "ring.new";

    static StateDirectory open(Path directory, String node, long ringBytes, SecureRandom random) throws IOException {
        ChannelFile lock = lock(directory);
        try {
            Path ring = directory.resolve(RingReader.FILE);
            return Files.exists(ring)
                    ? existing(directory, ring, node, ringBytes, lock)
                    : create(directory, ring, node, ringBytes, lock, random);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /**
     * The lock lies on a file that nobody else opens: the kernel gives a process's lock up as soon as any of its
     * descriptors of the file is closed (fcntl(2)), and the ring is read by others, too.
     */
    static ChannelFile lock(Path directory) throws IOException {
        Path file = directory.resolve(LOCK);
        if (!Files.exists(file)) {
            Durable.createIdempotent(file, new byte[0]);
        }
        ChannelFile lock = ChannelFile.open(file);
        if (!lock.lock()) {
            lock.close();
            throw new IOException("another agent is running in " + directory);
        }
        return lock;
    }

    /** A ring gets its name only when it is whole, so a crash meanwhile leaves nothing that looks like one. */
    private static StateDirectory create(
            Path directory, Path ring, String node, long ringBytes, ChannelFile lock, SecureRandom random)
            throws IOException {
        boolean isLost = IdentityFile.exists(directory);
        if (isLost) {
            LOG.warn("the ring is gone from {}: its stream goes on behind what the collector has of it", directory);
        }
        Path unfinished = directory.resolve(UNFINISHED);
        Files.deleteIfExists(unfinished);
        Preallocation.reserve(unfinished, RingLayout.fileLength(ringBytes));
        Identity identity = isLost ? IdentityFile.load(directory) : IdentityFile.begin(directory, random);
        Octets stream = identity.stream();
        EvictableFile file = EvictableFile.open(unfinished);
        RingLayout layout = RingLayout.of(stream, node, ringBytes, random.nextInt());
        Ring created = Ring.create(file, isLost ? layout.continuing() : layout);
        Files.move(unfinished, ring, StandardCopyOption.ATOMIC_MOVE);
        Durable.syncDirectory(directory);
        return new StateDirectory(created, identity, lock);
    }

    private static StateDirectory existing(Path directory, Path path, String node, long ringBytes, ChannelFile lock)
            throws IOException {
        Identity identity = IdentityFile.load(directory);
        EvictableFile file = EvictableFile.open(path);
        try {
            Ring ring = Ring.open(file);
            if (!ring.stream().equals(identity.stream())) {
                throw new IOException("expected the ring of stream %s in %s, found that of stream %s"
                        .formatted(identity.stream(), directory, ring.stream()));
            }
            if (!ring.node().equals(node)) {
                throw new IOException("expected the ring of node %s in %s, found that of node %s"
                        .formatted(node, directory, ring.node()));
            }
            if (file.size() != RingLayout.fileLength(ringBytes)) {
                LOG.warn("the ring in {} keeps its size of {} bytes; a ring is not resized", directory, file.size());
            }
            ring.damage().forEach(sentence -> LOG.error("ring in {}: {}", directory, sentence));
            return new StateDirectory(ring, identity, lock);
        } catch (MalformedException noRing) {
            file.close();
            throw new IOException(path + ": " + noRing.getMessage(), noRing);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            ring.close();
        } finally {
            lock.close();
        }
    }
}
