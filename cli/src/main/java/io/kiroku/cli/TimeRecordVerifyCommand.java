package io.kiroku.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku time record verify}. */
@Command(
        name = "verify",
        description = {
            "Verifies an evidence record over files, offline: its first timestamp is of them, each further one of what"
                    + " was before it, each authority was trusted until the next timestamp, the last one is now.",
            "It does not ask whether a certificate was revoked."
        },
        exitCodeList = {
            "0:the record holds for all files named",
            "1:it does not",
            "2:a file is missing, there is no certificate to trust, or the command was misused"
        })
final class TimeRecordVerifyCommand implements Callable<Integer> {
    @ParentCommand
    private TimeRecordCommand parent;

    @Parameters(paramLabel = "FILE.ers", description = "the record")
    private Path file;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            arity = "1..*",
            required = true,
            description = "what the record is over, or some of it, byte for byte")
    private List<Path> data = new ArrayList<>();

    @Option(
            names = "--ca",
            paramLabel = "PEM",
            arity = "1..*",
            required = true,
            description = "certificates to trust: of the authorities, or of who issued their own")
    private List<Path> authorities = new ArrayList<>();

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() throws IOException, CommandException {
        RecordCheck check = RecordCheck.of(
                file,
                data,
                TimeVerifyCommand.anchors(authorities),
                parent.kiroku().clock().instant());
        Terminal terminal = parent.kiroku().terminal();
        if (json) {
            terminal.json(check.json());
        } else {
            String of = data.size() == 1 ? data.getFirst().toString() : Sizes.count(data.size(), "file");
            terminal.out().println("%s: an evidence record of %s".formatted(terminal.bold(file.toString()), of));
            check.lines(terminal, "time     ").forEach(terminal.out()::println);
        }
        return check.holds() ? 0 : CommandException.FAILURE;
    }
}
