package io.kiroku.collector.export;

import io.kiroku.collector.log.LogFiles;
import io.kiroku.collector.log.PolicyFile;
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
    SignedNote choose(Optional<PolicyFile> given) throws IOException, MalformedException {
        Octets published = files.checkpoint();
        if (published == null) {
            throw new MalformedException(
                    "%s has no transparency log yet; the collector makes one when it is started".formatted(data));
        }
        SignedNote newest = SignedNote.parse(published.toArray());
        if (given.isEmpty()) {
            return newest;
        }
        Policy wanted = given.get().policy();
        if (wanted.check(newest).holds()) {
            return newest;
        }
        Path file = LogFiles.witnessed(data.resolve("log"));
        if (!Files.exists(file)) {
            throw new MalformedException(
                    "no checkpoint was cosigned as %s wants it: the collector has to be started with --witnesses"
                            .formatted(given.get().file()));
        }
        SignedNote witnessed = SignedNote.parse(Files.readAllBytes(file));
        if (wanted.check(witnessed) instanceof NoteVerdict.Fails(String sentence)) {
            throw new MalformedException("no checkpoint was cosigned as %s wants it: %s"
                    .formatted(given.get().file(), sentence));
        }
        return witnessed;
    }
}
