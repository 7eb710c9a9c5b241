package io.kiroku.cli;

import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.time.ArchivedData;
import io.kiroku.evidence.time.DigestAlgorithm;
import io.kiroku.evidence.time.EvidenceRecord;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku time record create}. */
@Command(
        name = "create",
        description = {
            "Has an authority stamp files, all of them by one timestamp, and keeps it as an evidence record.",
            "The record holds for each of the files by itself."
        })
final class TimeRecordCreateCommand implements Callable<Integer> {
    @ParentCommand
    private TimeRecordCommand parent;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "what is to be stamped, byte for byte")
    private List<Path> files = new ArrayList<>();

    @Option(names = "--tsa", paramLabel = "URL", required = true, description = "the timestamping authority (RFC 3161)")
    private String tsa;

    @Option(
            names = "--digest",
            paramLabel = "NAME",
            defaultValue = "sha-256",
            description = "sha-256, sha-384, sha-512, sha3-256, sha3-384 or sha3-512 (default: ${DEFAULT-VALUE})")
    private String digest;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE.ers",
            required = true,
            description = "where to; must not be there yet")
    private Path output;

    @Override
    public Integer call() throws IOException, InterruptedException, CommandException, MalformedException {
        if (Files.exists(output)) {
            throw taken();
        }
        DigestAlgorithm algorithm = TimeRecordCommand.digest(digest);
        ArchivedData data = TimeRecordCommand.read(files, EnumSet.of(algorithm));
        EvidenceRecord record = TimeRecordCommand.stamp(EvidenceRecord.begin(algorithm, data), tsa);
        try {
            Durable.create(output, record.der());
        } catch (FileAlreadyExistsException raced) {
            throw taken();
        }
        parent.kiroku()
                .terminal()
                .out()
                .println("%s: an evidence record of %s by %s, stamped at %s"
                        .formatted(output, Sizes.count(files.size(), "file"), algorithm, record.renewed()));
        return 0;
    }

    private CommandException taken() {
        return CommandException.failure(
                "%s is there already, and is not overwritten; renew adds to a record".formatted(output));
    }
}
