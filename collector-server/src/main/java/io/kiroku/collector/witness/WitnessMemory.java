package io.kiroku.collector.witness;

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
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a witness keeps: of each log the checkpoint that it cosigned last, as the log signed it ({@code <hash>.checkpoint}),
 * and the requests by which a log contradicted itself ({@code <hash>-<n>.refused}); the hash is SHA-256 of the log's
 * origin, in hexadecimal. Whoever takes this away makes the witness forget, and it cosigns what it should not.
 */
final class WitnessMemory {
    private static final Logger LOG = LoggerFactory.getLogger(WitnessMemory.class);

    /** A log that contradicts itself is told from one that does so a hundred times without keeping more. */
    private static final int MOST_REFUSED = 100;

    private final Path directory;

    WitnessMemory(Path directory) throws IOException {
        this.directory = directory;
        Durable.createDirectories(directory);
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

    /** Keeps a request that shows that a log contradicts itself. */
    void keepRefused(String origin, byte[] request) {
        for (int i = 1; i <= MOST_REFUSED; i++) {
            try {
                Durable.create(directory.resolve("%s-%d.refused".formatted(hash(origin), i)), request);
                return;
            } catch (FileAlreadyExistsException taken) {
                // The next number.
            } catch (IOException failure) {
                LOG.warn("A refused checkpoint of {} could not be kept: {}.", origin, failure.getMessage());
                return;
            }
        }
    }

    private Path file(String origin) {
        return directory.resolve(hash(origin) + ".checkpoint");
    }

    private static String hash(String origin) {
        return Sha256.of(ByteBuffer.wrap(origin.getBytes(StandardCharsets.UTF_8)))
                .toString();
    }
}
