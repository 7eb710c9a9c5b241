package io.kiroku.collector.witness;

import io.kiroku.collector.store.DirectoryLock;
import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.NoteVerdict;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.log.WitnessState;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.segment.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a witness keeps: of each log the checkpoint that it cosigned last, as the log signed it ({@code <hash>.checkpoint});
 * requests with a checkpoint by which the log contradicts itself, whatever else is in them ({@code <hash>-<checkpoint>.fork});
 * and the last requests whose proof does not hold, which may be the log's fault or the sender's ({@code <hash>-<n>.refused}).
 * The hash is SHA-256 of the log's origin, in hexadecimal. Whoever takes this away makes the witness forget, and it cosigns
 * what it should not.
 */
final class WitnessMemory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WitnessMemory.class);

    /** Of each kind and log; more of the first kind would say nothing more. */
    private static final int MOST_KEPT = 100;

    private final Path directory;
    private final DirectoryLock lock;
    private int refused;

    WitnessMemory(Path directory) throws IOException {
        this.directory = directory;
        Durable.createDirectories(directory);
        this.lock = DirectoryLock.take(directory);
    }

    /**
     * What is known of a log.
     *
     * @throws IOException if what is kept is not what the log signed
     */
    WitnessState of(String origin, List<VerifierKey> keys) throws IOException {
        Path file = file(origin);
        if (!Files.exists(file)) {
            return new WitnessState(origin, keys);
        }
        try {
            if (Files.size(file) > SignedNote.MOST_BYTES) {
                throw new MalformedException("expected a note, found %d bytes".formatted(Files.size(file)));
            }
            SignedNote note = SignedNote.parse(Files.readAllBytes(file));
            if (note.verify(keys) instanceof NoteVerdict.Fails(String sentence)) {
                throw new MalformedException(sentence);
            }
            Checkpoint last = Checkpoint.parse(note.text());
            return new WitnessState(origin, keys, last.size(), last.root());
        } catch (MalformedException damaged) {
            throw new IOException("expected the checkpoint of %s that was cosigned last in %s: %s"
                    .formatted(origin, file, damaged.getMessage()));
        }
    }

    /** Remembers; durable when this returns. */
    void keep(String origin, SignedNote cosigned) throws IOException {
        Durable.overwrite(file(origin), cosigned.bytes());
    }

    /** Keeps a request with a checkpoint that the log signed and that cannot be true beside the one before. */
    void keepFork(String origin, String checkpoint, byte[] request) {
        String name = "%s-%s.fork".formatted(hash(origin), hash(checkpoint).substring(0, 16));
        try (Stream<Path> kept = Files.list(directory)) {
            if (kept.filter(file -> file.toString().endsWith(".fork")).count() < MOST_KEPT) {
                Durable.overwrite(directory.resolve(name), request);
            }
        } catch (IOException failure) {
            LOG.warn("What contradicts the log {} could not be kept: {}.", origin, failure.getMessage());
        }
    }

    /** Keeps a request whose proof does not hold, in place of the oldest of them if there are many. */
    void keepRefused(String origin, byte[] request) {
        refused = refused % MOST_KEPT + 1;
        try {
            Durable.overwrite(directory.resolve("%s-%d.refused".formatted(hash(origin), refused)), request);
        } catch (IOException failure) {
            LOG.warn("A refused checkpoint of {} could not be kept: {}.", origin, failure.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }

    private Path file(String origin) {
        return directory.resolve(hash(origin) + ".checkpoint");
    }

    private static String hash(String text) {
        return Sha256.of(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))).toString();
    }
}
