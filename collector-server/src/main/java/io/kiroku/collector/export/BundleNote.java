package io.kiroku.collector.export;

import io.kiroku.collector.log.LogFiles;
import io.kiroku.evidence.log.NoteVerdict;
import io.kiroku.evidence.log.Policy;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which checkpoint a bundle rests on: the newest; with a policy, the newest that fulfils it, which is the witnessed one where
 * witnesses are asked for and so a few seconds older.
 */
record BundleNote(Path data, LogFiles files) {
    private static final long MOST_POLICY = 1 << 20;

    SignedNote choose(Optional<Path> policy) throws IOException, MalformedException {
        Octets published = files.checkpoint();
        if (published == null) {
            throw new MalformedException(
                    "%s has no transparency log yet; the collector makes one when it is started".formatted(data));
        }
        SignedNote newest = SignedNote.parse(published.toArray());
        if (policy.isEmpty()) {
            return newest;
        }
        Policy wanted = read(policy.get());
        if (wanted.check(newest).holds()) {
            return newest;
        }
        Path file = LogFiles.witnessed(data.resolve("log"));
        if (!Files.exists(file)) {
            throw new MalformedException(
                    "no checkpoint was cosigned as %s wants it: the collector has to be started with --witnesses"
                            .formatted(policy.get()));
        }
        SignedNote witnessed = SignedNote.parse(Files.readAllBytes(file));
        if (wanted.check(witnessed) instanceof NoteVerdict.Fails(String sentence)) {
            throw new MalformedException(
                    "no checkpoint was cosigned as %s wants it: %s".formatted(policy.get(), sentence));
        }
        return witnessed;
    }

    private static Policy read(Path file) throws IOException, MalformedException {
        if (Files.size(file) > MOST_POLICY) {
            throw new MalformedException("expected a policy of at most %d bytes in %s, found %d"
                    .formatted(MOST_POLICY, file, Files.size(file)));
        }
        return Policy.parse(Files.readAllBytes(file));
    }
}
