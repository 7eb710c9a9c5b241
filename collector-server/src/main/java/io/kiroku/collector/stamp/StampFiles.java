package io.kiroku.collector.stamp;

import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * What was stamped and what the authorities answered, each file whole or absent after a crash: {@code SIZE.checkpoint}, a
 * note byte for byte, and {@code SIZE-N.tsr}, the response of the authority with that number.
 */
final class StampFiles {
    private final Path directory;

    private StampFiles(Path directory) {
        this.directory = directory;
    }

    /** The files in a directory, which is made if it is missing. */
    static StampFiles in(Path directory) throws IOException {
        Durable.createDirectories(directory);
        return new StampFiles(directory);
    }

    /** The size of the log that a checkpoint's note states. */
    static long size(Octets note) throws MalformedException {
        return Checkpoint.parse(SignedNote.parse(note.toArray()).text()).size();
    }

    /**
     * What is to be stamped: the note, unless another one of the same size was stamped before and is kept, which may have
     * other signatures.
     */
    Octets toStamp(long size, Octets note) throws IOException {
        try (InputStream in = Files.newInputStream(checkpoint(size))) {
            return Octets.of(in.readNBytes(SignedNote.MOST_BYTES));
        } catch (NoSuchFileException first) {
            return note;
        }
    }

    /** Whether the authority, counted from 1, has stamped the checkpoint of that size. */
    boolean isStamped(long size, int number) {
        return Files.exists(response(size, number));
    }

    /** Keeps a note, and what an authority answered that was asked to stamp it. */
    void keep(long size, Octets note, int number, Octets response) throws IOException {
        Durable.createIdempotent(checkpoint(size), note.toArray());
        Durable.createIdempotent(response(size, number), response.toArray());
    }

    private Path checkpoint(long size) {
        return directory.resolve(size + ".checkpoint");
    }

    private Path response(long size, int number) {
        return directory.resolve("%d-%d.tsr".formatted(size, number));
    }
}
