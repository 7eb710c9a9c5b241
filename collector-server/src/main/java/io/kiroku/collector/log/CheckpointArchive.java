package io.kiroku.collector.log;

import io.kiroku.collector.store.StorageDirectory;
import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Checkpoints of the past, in {@code past/} below a log's directory: now and then one, as the log signed it or as witnesses
 * cosigned it. They show later what the log had when, which is what counts once a key is stolen. Of one kind there is one in
 * {@link #EVERY}, some 4 KB each: half a megabyte a day. For one thread.
 */
public final class CheckpointArchive {
    /** Between two that are kept. */
    static final Duration EVERY = Duration.ofMinutes(10);

    private static final String DIRECTORY = "past";

    /** How a checkpoint came here, by which its file's name ends. */
    enum Kind {
        PUBLISHED,
        WITNESSED;

        private String file(long size) {
            return "%d.%s".formatted(size, name().toLowerCase(Locale.ROOT));
        }
    }

    private final StorageDirectory directory;
    private final Kind kind;
    private Instant last = Instant.MIN;

    CheckpointArchive(StorageDirectory log, Kind kind) {
        this.directory = log;
        this.kind = kind;
    }

    /** Keeps a checkpoint, if it is time to. */
    void offer(long size, Octets note, Instant now) throws IOException {
        if (now.isBefore(last) || !now.isBefore(last.plus(EVERY))) {
            directory.overwrite("%s/%s".formatted(DIRECTORY, kind.file(size)), note.toArray());
            last = now;
        }
    }

    /** Keeps the newest ones at once, also of a collector that runs: what the log has now can be shown for good. */
    public static void keepNewest(Path log) throws IOException {
        for (Kind kind : Kind.values()) {
            Path newest = newest(log, kind);
            if (Files.exists(newest)) {
                try {
                    SignedNote note = read(newest);
                    Path past = log.resolve(DIRECTORY);
                    Durable.createDirectories(past);
                    long size = Checkpoint.parse(note.text()).size();
                    Durable.overwrite(past.resolve(kind.file(size)), note.bytes());
                } catch (MalformedException damaged) {
                    throw new IOException("%s is damaged: %s".formatted(newest, damaged.getMessage()));
                }
            }
        }
    }

    private static Path newest(Path log, Kind kind) {
        return switch (kind) {
            case PUBLISHED -> log.resolve(LogFiles.CHECKPOINT);
            case WITNESSED -> LogFiles.witnessed(log);
        };
    }

    /** All that are kept in the directory of a log, and the newest two. */
    public static List<Path> all(Path log) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            Path newest = newest(log, kind);
            if (Files.exists(newest)) {
                files.add(newest);
            }
        }
        Path past = log.resolve(DIRECTORY);
        if (Files.isDirectory(past)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(past, "*.{published,witnessed}")) {
                found.forEach(files::add);
            }
        }
        return files;
    }

    /** Reads one of them. */
    public static SignedNote read(Path file) throws IOException, MalformedException {
        try (InputStream in = Files.newInputStream(file)) {
            return SignedNote.parse(in.readNBytes(SignedNote.MOST_BYTES + 1));
        }
    }
}
