package io.kiroku.collector.trust;

import io.kiroku.collector.log.CheckpointArchive;
import io.kiroku.collector.log.LogKeys;
import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.NoteVerdict;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.trust.KnownTimes;
import io.kiroku.evidence.trust.RevocationCheck;
import io.kiroku.evidence.trust.Revocations;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What speaks against segments in a collector's data, as it was when it was read: the revoked keys, and when the log had what by
 * its own word, in the checkpoints that were kept.
 *
 * @param revoked the list in the data
 * @param past the kept checkpoints that are signed by a key of the log that says when; not read, and empty, if nothing is revoked
 */
public record LogTimes(Revocations revoked, List<Past> past) {
    /**
     * A checkpoint that was kept.
     *
     * @param at when it was signed, as the log's key said
     * @param key that key
     */
    public record Past(Path file, long size, Instant at, Octets key) {}

    public LogTimes {
        past = List.copyOf(past);
    }

    /**
     * Reads them.
     *
     * @throws IOException if the files cannot be read
     */
    public static LogTimes read(Path data) throws IOException {
        Revocations revoked = RevokedFile.read(data);
        return new LogTimes(revoked, revoked.isEmpty() ? List.of() : kept(data));
    }

    /** When the log is known to have had what: by those of its keys that are not revoked. */
    public KnownTimes known() {
        KnownTimes times = new KnownTimes();
        for (Past one : past) {
            if (revoked.of(one.key()).isEmpty()) {
                times.add(new KnownTimes.Seen(one.size(), one.at(), "the log"));
            }
        }
        return times;
    }

    /** A new check, for one verification. */
    public RevocationCheck check() {
        return new RevocationCheck(revoked, known());
    }

    /**
     * The last checkpoint that was kept no later than a time.
     *
     * @param size it has at most so many entries
     */
    public Optional<Past> lastBefore(Instant time, long size) {
        return past.stream()
                .filter(one -> one.size() <= size)
                .filter(one -> !one.at().isAfter(time))
                .max(Comparator.comparingLong(Past::size));
    }

    private static List<Past> kept(Path data) throws IOException {
        List<VerifierKey> keys = LogKeys.published(data);
        List<Past> all = new ArrayList<>();
        for (Path file : CheckpointArchive.all(data.resolve("log"))) {
            try {
                SignedNote note = CheckpointArchive.read(file);
                if (note.verify(keys) instanceof NoteVerdict.Holds holds) {
                    long size = Checkpoint.parse(note.text()).size();
                    for (NoteVerdict.Signed signed : holds.by()) {
                        if (signed.seconds() > 0) {
                            all.add(new Past(
                                    file,
                                    size,
                                    Instant.ofEpochSecond(signed.seconds()),
                                    signed.key().publicKey()));
                        }
                    }
                }
            } catch (MalformedException damaged) {
                // It shows nothing.
            }
        }
        return all;
    }
}
