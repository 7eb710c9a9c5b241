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
import java.util.List;

/** What a collector's data shows of when its log had what, by the log's own word: in the checkpoints that were kept. */
public final class LogTimes {
    /**
     * A checkpoint that was kept.
     *
     * @param at when it was signed, as the log's key said
     * @param key that key
     */
    public record Past(Path file, long size, Instant at, Octets key) {}

    private LogTimes() {}

    /**
     * What speaks against segments in a collector's data.
     *
     * @throws IOException if the files cannot be read
     */
    public static RevocationCheck of(Path data) throws IOException {
        Revocations revoked = RevokedFile.read(data);
        KnownTimes times = new KnownTimes();
        if (!revoked.isEmpty()) {
            for (Past past : past(data)) {
                if (revoked.of(past.key()).isEmpty()) {
                    times.add(new KnownTimes.Seen(past.size(), past.at(), "the log"));
                }
            }
        }
        return new RevocationCheck(revoked, times);
    }

    /** All that were kept, and that are signed by a key of the log that says when. */
    public static List<Past> past(Path data) throws IOException {
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
