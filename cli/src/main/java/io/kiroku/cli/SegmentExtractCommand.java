package io.kiroku.cli;

import io.kiroku.agent.ring.RingReader;
import io.kiroku.collector.store.CatalogueEntry;
import io.kiroku.collector.store.OwnNode;
import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.verify.SegmentCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku segment extract}. */
@Command(
        name = "extract",
        description = "Writes one segment as it is stored: an .lz4 file, of which lz4 -dc prints the log lines.")
final class SegmentExtractCommand implements Callable<Integer> {
    @ParentCommand
    private SegmentCommand parent;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "a collector's data directory (the default, unless --ring is given)")
    private @Nullable Path data;

    @Option(names = "--ring", paramLabel = "STATE", description = "an agent's state directory")
    private @Nullable Path ring;

    @Option(
            names = "--stream",
            paramLabel = "ID",
            description = "the stream's id; its beginning will do, and nothing where there is one stream only")
    private String stream = "";

    @Option(names = "--sequence", paramLabel = "N", required = true, description = "the segment's number in its stream")
    private long sequence;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "where to; - for standard output (default: a name made of stream and number)")
    private @Nullable String output;

    @Override
    public Integer call() throws IOException, CommandException {
        if (data != null && ring != null) {
            throw CommandException.misuse("--data and --ring exclude each other");
        }
        if (!stream.toLowerCase(Locale.ROOT).matches("[0-9a-f]{0,32}")) {
            throw CommandException.misuse("expected a stream's id in hexadecimal, found \"%s\"".formatted(stream));
        }
        Terminal terminal = parent.kiroku().terminal();
        Segment segment = ring != null
                ? fromRing(ring)
                : fromStore(
                        DataDirectory.require(data != null ? data : DataDirectory.byDefault(terminal.environment())));
        byte[] bytes = SegmentFile.bytes(segment);
        String name = output == null ? SegmentFile.nameOf(segment.header()) : output;
        if (name.equals("-")) {
            terminal.bytes().write(bytes);
            terminal.bytes().flush();
        } else {
            Files.write(Path.of(name), bytes);
            terminal.err()
                    .println("segment %d of stream %s is in %s"
                            .formatted(segment.header().sequence(), segment.header().stream(), name));
        }
        if (new SegmentCheck().check(segment) instanceof SegmentCheck.Outcome.Unsound unsound) {
            throw CommandException.failure("the segment is not what was sealed: " + unsound.sentence());
        }
        return 0;
    }

    private boolean isMeant(Octets id) {
        return id.toString().startsWith(stream.toLowerCase(Locale.ROOT));
    }

    private Segment fromRing(Path state) throws IOException, CommandException {
        List<Segment> found = new ArrayList<>();
        try (RingReader reader = RingCommand.open(state)) {
            if (!isMeant(reader.stream())) {
                throw CommandException.failure(
                        "the ring in %s is of stream %s, not %s".formatted(state, reader.stream(), stream));
            }
            new RingWalk().walk(reader, (segment, _, _) -> {
                if (segment.header().sequence() == sequence) {
                    found.add(copy(segment));
                }
            });
        }
        if (found.isEmpty()) {
            throw CommandException.failure(
                    "the ring in %s does not hold a sound segment %d; %s ring --state %s list shows those it holds"
                            .formatted(state, sequence, Kiroku.commandName(), state));
        }
        return found.getFirst();
    }

    private static Segment copy(Segment segment) throws IOException {
        try {
            return Segment.of(java.nio.ByteBuffer.wrap(SegmentFile.bytes(segment)));
        } catch (MalformedException impossible) {
            throw new IOException("a segment changed while it was copied", impossible);
        }
    }

    private Segment fromStore(Path directory) throws IOException, CommandException {
        List<CatalogueEntry> found = new ArrayList<>();
        Set<String> streams = new TreeSet<>();
        try (StoreReader store = StoreReader.open(directory)) {
            store.scan(Position.START, entry -> {
                Octets id = entry.header().stream();
                // Who names no stream means those of nodes.
                if (isMeant(id) && !(stream.isEmpty() && OwnNode.states(entry.entries()))) {
                    streams.add(id.toString());
                    if (entry.header().sequence() == sequence) {
                        found.add(entry);
                    }
                }
            });
            if (streams.size() > 1) {
                throw CommandException.failure("several streams are meant, choose one with --stream: "
                        + streams.stream().limit(10).collect(Collectors.joining(", ")));
            }
            Optional<CatalogueEntry> entry = found.stream().findFirst();
            if (entry.isEmpty()) {
                throw CommandException.failure("%s does not hold segment %d of %s"
                        .formatted(directory, sequence, stream.isEmpty() ? "its stream" : "stream " + stream));
            }
            return store.read(entry.get().place());
        } catch (MalformedException damaged) {
            throw CommandException.failure("segment %d is damaged: %s".formatted(sequence, damaged.getMessage()));
        }
    }
}
