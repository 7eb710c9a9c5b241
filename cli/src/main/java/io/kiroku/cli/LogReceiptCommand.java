package io.kiroku.cli;

import io.kiroku.collector.log.LogFiles;
import io.kiroku.collector.store.DiskDirectory;
import io.kiroku.evidence.bundle.BundleReceipt;
import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.NoteVerdict;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.ReceiptCheck;
import io.kiroku.evidence.wire.Receipts;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku log check-receipt}. */
@Command(
        name = "check-receipt",
        description = {
            "Holds a collector to a receipt: its log, or the one that a bundle is proven by, has the segment at the"
                    + " place that the receipt names, and continues the tree that it was given for.",
        },
        exitCodeList = {"0:it does", "1:it does not, or nothing proves that it does", "2:the command was misused"})
final class LogReceiptCommand implements Callable<Integer> {
    @ParentCommand
    private LogCommand parent;

    @Option(
            names = "--receipt",
            paramLabel = "FILE",
            required = true,
            description = "the receipt: the file receipt in an agent's state directory")
    private Path receiptFile;

    @Option(names = "--data", paramLabel = "DIR", description = "the collector's data directory")
    private @Nullable Path data;

    @Option(names = "--bundle", paramLabel = "FILE", description = "a bundle with the segment in it")
    private @Nullable Path bundle;

    @Option(
            names = "--collector-key",
            paramLabel = "HEX",
            description = "the collector's public key (default: collector.pub beside the log or in the bundle)")
    private @Nullable String collectorKey;

    @Option(
            names = "--key",
            paramLabel = "VKEY",
            description =
                    "a key of the log that is trusted; repeat it for more (default: log.vkey beside the log or in the"
                            + " bundle)")
    private List<String> keys = new ArrayList<>();

    @Override
    public Integer call() throws IOException, CommandException, MalformedException {
        Path directory = data;
        Path archive = bundle;
        if ((directory == null) == (archive == null)) {
            throw CommandException.misuse(
                    "name the log: the collector's data with --data DIR, or a bundle with --bundle FILE");
        }
        Frame.Receipt receipt = LastReceipt.read(receiptFile);
        Optional<Octets> collector =
                collectorKey == null ? Optional.empty() : Optional.of(LogCommand.hash("--collector-key", collectorKey));
        Optional<String> against =
                archive != null ? ofBundle(archive, receipt, collector) : ofLog(directory, receipt, collector);
        if (against.isPresent()) {
            throw CommandException.failure(against.get());
        }
        parent.kiroku()
                .terminal()
                .out()
                .println(
                        "segment %d of stream %s is entry %d of the log, which continues the tree of %d entries that the receipt names"
                                .formatted(
                                        receipt.sequence(),
                                        receipt.stream(),
                                        receipt.index(),
                                        receipt.tree().size()));
        ownKeys(archive != null ? "the bundle itself" : "the collector's own directory");
        return 0;
    }

    /** Says which keys are the word of whoever is held to the receipt. */
    private void ownKeys(String from) {
        if (keys.isEmpty()) {
            parent.kiroku()
                    .terminal()
                    .out()
                    .println(
                            "the log's key comes from %s: that it is the log's is to be known from elsewhere, and named with --key"
                                    .formatted(from));
        }
        if (collectorKey == null) {
            parent.kiroku()
                    .terminal()
                    .out()
                    .println(
                            "the collector's key comes from %s: that it is the collector's is to be known from elsewhere, and named with --collector-key"
                                    .formatted(from));
        }
    }

    private Optional<String> ofLog(@Nullable Path directory, Frame.Receipt receipt, Optional<Octets> collector)
            throws IOException, CommandException, MalformedException {
        Path place = DataDirectory.require(directory == null ? Path.of("") : directory);
        LogFiles files = new LogFiles(new DiskDirectory(place.resolve("log")));
        Octets published = files.checkpoint();
        if (published == null) {
            return Optional.of("%s has no transparency log".formatted(place));
        }
        SignedNote note = SignedNote.parse(published.toArray());
        String origin = Checkpoint.parse(note.text()).origin();
        List<VerifierKey> known =
                VerifierKey.parseAll(keys.isEmpty() ? Files.readAllLines(place.resolve("log.vkey")) : keys).stream()
                        .filter(key -> key.isOfLog(origin))
                        .toList();
        if (note.verify(known) instanceof NoteVerdict.Fails fails) {
            return Optional.of("the log's checkpoint is not to be trusted: " + fails.sentence());
        }
        List<Octets> collectors = collector.isPresent()
                ? List.of(collector.get())
                : Receipts.keys(Files.readString(place.resolve("collector.pub"), StandardCharsets.ISO_8859_1));
        return ReceiptCheck.against(receipt, collectors, Checkpoint.parse(note.text()), files);
    }

    private Optional<String> ofBundle(Path archive, Frame.Receipt receipt, Optional<Octets> collector)
            throws IOException, MalformedException {
        try (FileChannel channel = FileChannel.open(archive)) {
            return BundleReceipt.against(receipt, collector, VerifierKey.parseAll(keys), channel);
        }
    }
}
