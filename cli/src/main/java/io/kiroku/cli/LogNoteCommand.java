package io.kiroku.cli;

import io.kiroku.evidence.log.NoteVerdict;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.ShownText;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku log check-note}. */
@Command(
        name = "check-note",
        description = "Checks the signatures of a note, such as a log's checkpoint (C2SP signed-note).",
        exitCodeList = {
            "0:at least one of the keys signed it, and no signature of theirs is wrong",
            "1:none did, or one is wrong, or there is no note",
            "2:the command was misused"
        })
final class LogNoteCommand implements Callable<Integer> {
    @ParentCommand
    private LogCommand parent;

    @Option(
            names = "--key",
            paramLabel = "VKEY",
            required = true,
            description = "a key that is trusted, as NAME+ID+KEY; repeat it for more")
    private List<String> keys = new ArrayList<>();

    @Parameters(paramLabel = "FILE", description = "the note")
    private Path file;

    @Override
    public Integer call() throws IOException, MalformedException, CommandException {
        List<VerifierKey> known = VerifierKey.parseAll(keys);
        SignedNote note = SignedNote.parse(read());
        return switch (note.verify(known)) {
            case NoteVerdict.Holds holds -> {
                PrintStream out = parent.kiroku().terminal().out();
                for (NoteVerdict.Signed signed : holds.by()) {
                    out.println("signed by %s (%s)%s"
                            .formatted(
                                    ShownText.of(signed.key().name()),
                                    signed.key().hexId(),
                                    when(signed.seconds())));
                }
                yield 0;
            }
            case NoteVerdict.Fails fails ->
                throw CommandException.failure("the note is not to be trusted: " + fails.sentence());
        };
    }

    /** One byte more than a note may have shows that it has too many. */
    private byte[] read() throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(SignedNote.MOST_BYTES + 1);
        }
    }

    private static String when(long seconds) {
        if (seconds == 0) {
            return "";
        }
        return seconds > Instant.MAX.getEpochSecond()
                ? " at second " + seconds
                : " at " + Instant.ofEpochSecond(seconds);
    }
}
