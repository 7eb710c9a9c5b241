package io.kiroku.cli;

import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.time.ArchivedData;
import io.kiroku.evidence.time.DigestAlgorithm;
import io.kiroku.evidence.time.EvidenceRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku time record renew}. */
@Command(
        name = "renew",
        description = {
            "Puts a new timestamp over an evidence record, and replaces the file by what it has become.",
            "Without --digest the timestamp is renewed, which needs the record alone; with it the hash tree, which"
                    + " needs all of the data again."
        })
final class TimeRecordRenewCommand implements Callable<Integer> {
    @ParentCommand
    private TimeRecordCommand parent;

    @Parameters(paramLabel = "FILE.ers", description = "the record")
    private Path file;

    @Option(names = "--tsa", paramLabel = "URL", required = true, description = "the timestamping authority (RFC 3161)")
    private String tsa;

    @Option(
            names = "--digest",
            paramLabel = "NAME",
            description = "a stronger digest: sha-384, sha-512, sha3-256, sha3-384 or sha3-512")
    private @Nullable String digest;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            arity = "1..*",
            description = "all that the record is over, byte for byte; it is refused if it is not")
    private List<Path> files = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException, CommandException, MalformedException {
        EvidenceRecord before = EvidenceRecord.parse(TimeCommand.read(file, EvidenceRecord.MOST_BYTES));
        EvidenceRecord after = TimeRecordCommand.stamp(renewal(before), tsa);
        if (after.renewed().isBefore(before.renewed())) {
            throw CommandException.failure("expected a time from %s on, found that the authority states %s"
                    .formatted(before.renewed(), after.renewed()));
        }
        Durable.overwrite(file, after.der());
        parent.kiroku()
                .terminal()
                .out()
                .println("%s: renewed at %s by %s; it has %s now"
                        .formatted(
                                file,
                                after.renewed(),
                                after.stamps().getLast().digest(),
                                Sizes.count(after.stamps().size(), "timestamp")));
        return 0;
    }

    private EvidenceRecord.Renewal renewal(EvidenceRecord record) throws IOException, CommandException {
        DigestAlgorithm stronger = digest == null ? null : TimeRecordCommand.digest(digest);
        ArchivedData data = files.isEmpty() ? null : data(record, stronger);
        if (stronger == null) {
            return record.timestampRenewal();
        }
        if (stronger == record.stamps().getLast().digest()) {
            throw CommandException.misuse(
                    "the record is by %s already: name another --digest, or none".formatted(stronger));
        }
        if (data == null) {
            throw CommandException.misuse("a renewal by another digest needs the data: name them with --data");
        }
        if (data.count() != record.width()) {
            throw CommandException.misuse(
                    "expected all %d files that the record is over with --data, found %d: what is left out would not be"
                                    .formatted(record.width(), data.count())
                            + " carried over");
        }
        return record.hashRenewal(stronger, data);
    }

    private ArchivedData data(EvidenceRecord record, @Nullable DigestAlgorithm stronger)
            throws IOException, CommandException {
        Set<DigestAlgorithm> algorithms = EnumSet.copyOf(record.digests());
        if (stronger != null) {
            algorithms.add(stronger);
        }
        ArchivedData data = TimeRecordCommand.read(files, algorithms);
        String mismatch = record.mismatch(data);
        if (mismatch != null) {
            throw CommandException.failure("the record is not of these data: " + mismatch);
        }
        return data;
    }
}
