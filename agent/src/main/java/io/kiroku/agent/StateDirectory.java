package io.kiroku.agent;

import io.kiroku.agent.os.Preallocation;
import io.kiroku.agent.ring.Ring;
import io.kiroku.agent.ring.RingReader;
import io.kiroku.agent.seal.Identity;
import io.kiroku.evidence.chain.EpochSeal;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.durable.ChannelFile;
import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.record.MalformedException;
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
 * @param ring opened, and locked against other agents
 */
record StateDirectory(Ring ring, SigningKey identity) {
    private static final Logger LOG = LoggerFactory.getLogger(StateDirectory.class);
    private static final String UNFINISHED = "ring.new";

    static StateDirectory open(Path directory, String node, long ringBytes, SecureRandom random) throws IOException {
        Path ring = directory.resolve(RingReader.FILE);
        return Files.exists(ring)
                ? existing(directory, ring, node, ringBytes)
                : create(directory, ring, node, ringBytes, random);
    }

    /** A ring gets its name only when it is whole, so a crash meanwhile leaves nothing that looks like one. */
    private static StateDirectory create(Path directory, Path ring, String node, long ringBytes, SecureRandom random)
            throws IOException {
        if (Identity.exists(directory)) {
            LOG.warn("the ring is gone from {}: a new stream begins", directory);
        }
        Path unfinished = directory.resolve(UNFINISHED);
        Files.deleteIfExists(unfinished);
        Preallocation.reserve(unfinished, Ring.fileLength(ringBytes));
        SigningKey identity = Identity.create(directory, random);
        ChannelFile file = lock(unfinished, directory);
        Ring created = Ring.create(file, EpochSeal.streamOf(identity.publicKey()), node, ringBytes, random);
        Files.move(unfinished, ring, StandardCopyOption.ATOMIC_MOVE);
        Durable.syncDirectory(directory);
        return new StateDirectory(created, identity);
    }

    private static StateDirectory existing(Path directory, Path path, String node, long ringBytes) throws IOException {
        SigningKey identity = Identity.load(directory);
        ChannelFile file = lock(path, directory);
        try {
            Ring ring = Ring.open(file);
            if (!ring.stream().equals(EpochSeal.streamOf(identity.publicKey()))) {
                throw new IOException("expected the ring of stream %s in %s, found that of stream %s"
                        .formatted(EpochSeal.streamOf(identity.publicKey()), directory, ring.stream()));
            }
            if (!ring.node().equals(node)) {
                throw new IOException("expected the ring of node %s in %s, found that of node %s"
                        .formatted(node, directory, ring.node()));
            }
            if (file.size() != Ring.fileLength(ringBytes)) {
                LOG.warn("the ring in {} keeps its size of {} bytes; a ring is not resized", directory, file.size());
            }
            ring.damage().forEach(sentence -> LOG.error("ring in {}: {}", directory, sentence));
            return new StateDirectory(ring, identity);
        } catch (MalformedException noRing) {
            file.close();
            throw new IOException(path + ": " + noRing.getMessage(), noRing);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static ChannelFile lock(Path ring, Path directory) throws IOException {
        ChannelFile file = ChannelFile.open(ring);
        if (!file.lock()) {
            file.close();
            throw new IOException("another agent is running in " + directory);
        }
        return file;
    }
}
