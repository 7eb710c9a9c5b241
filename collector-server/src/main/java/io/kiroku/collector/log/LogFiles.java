package io.kiroku.collector.log;

import io.kiroku.collector.store.StorageDirectory;
import io.kiroku.evidence.durable.StorageFile;
import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.TilePath;
import io.kiroku.evidence.log.TileSource;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The files of a log: {@code checkpoint}, and tiles and bundles of entries at their paths (C2SP tlog-tiles). Full ones are
 * on stable storage before a checkpoint counts on them. Those that are not full can be made again from what lies beneath
 * them, so they are written without waiting for the disk, and one is taken away when a wider one is there. Used by one
 * thread to write, by any to read, in this process or another.
 */
public final class LogFiles implements TileSource {
    static final String CHECKPOINT = "checkpoint";

    /** No file of a log is longer; a bundle of 256 headers has some 100 KiB. */
    private static final long MOST_BYTES = 32L << 20;

    private static final int TRIES = 20;

    private final StorageDirectory directory;

    public LogFiles(StorageDirectory directory) {
        this.directory = directory;
    }

    /** Where the last checkpoint lies that witnesses have cosigned, in the directory of a log. */
    public static Path witnessed(Path directory) {
        return directory.resolve("witnessed");
    }

    /** The checkpoint that was published last, as it was signed; null if none was. */
    public @Nullable Octets checkpoint() throws IOException {
        return find(CHECKPOINT);
    }

    /** {@inheritDoc} A partial tile that is not kept any more is cut from a wider one. */
    @Override
    public Octets read(TilePath path) throws IOException {
        @Nullable Octets exact = find(path.toString());
        if (exact != null) {
            return exact;
        }
        if (path.isPartial()) {
            @Nullable Octets full = find(new TilePath(path.level(), path.index(), TilePath.WIDTH).toString());
            @Nullable Octets wider = full != null ? full : widest(path);
            if (wider != null) {
                return wider;
            }
        }
        throw new NoSuchFileException(path.toString());
    }

    /** The tile as wide as it is in the tree that was published last; null if it is not there either. */
    private @Nullable Octets widest(TilePath path) throws IOException {
        @Nullable Octets note = checkpoint();
        for (int i = 0; i < TRIES && note != null; i++) {
            @Nullable Octets content = widest(path, note);
            @Nullable Octets after = checkpoint();
            if (content != null || Objects.equals(note, after)) {
                return content;
            }
            // The collector has published meanwhile, and taken the tile of before away.
            note = after;
        }
        return null;
    }

    private @Nullable Octets widest(TilePath path, Octets note) throws IOException {
        try {
            long size =
                    Checkpoint.parse(SignedNote.parse(note.toArray()).text()).size();
            long hashes = TilePath.hashes(path.level(), size) - path.index() * TilePath.WIDTH;
            return hashes <= path.width()
                    ? null
                    : find(TilePath.in(path.level(), path.index(), size).toString());
        } catch (MalformedException damaged) {
            throw new IOException("the checkpoint in %s is damaged: %s".formatted(directory, damaged.getMessage()));
        }
    }

    private @Nullable Octets find(String name) throws IOException {
        try (StorageFile file = directory.openForReading(name)) {
            long size = file.size();
            if (size > MOST_BYTES) {
                throw new IOException(
                        "expected at most %d bytes in %s of %s, found %d".formatted(MOST_BYTES, name, directory, size));
            }
            ByteBuffer content = ByteBuffer.allocate((int) size);
            file.read(content, 0);
            content.flip();
            return Octets.take(content, content.remaining());
        } catch (NoSuchFileException missing) {
            return null;
        }
    }

    void write(TilePath path, Octets content) throws IOException {
        if (path.isPartial()) {
            directory.write(path.toString(), content.toArray());
        } else {
            directory.overwrite(path.toString(), content.toArray());
        }
    }

    void delete(TilePath path) throws IOException {
        directory.delete(path.toString());
    }

    /** Where some of the checkpoints are kept for good. */
    CheckpointArchive archive(CheckpointArchive.Kind kind) {
        return new CheckpointArchive(directory, kind);
    }

    void publish(Octets note) throws IOException {
        directory.overwrite(CHECKPOINT, note.toArray());
    }

    @Override
    public String toString() {
        return directory.toString();
    }
}
