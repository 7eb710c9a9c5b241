package io.kiroku.cli;

import io.kiroku.agent.ring.RingReader;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.ShownText;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.SegmentHeader;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku ring list}. */
@Command(name = "list", description = "Lists the segments that the ring holds.")
final class RingListCommand implements Callable<Integer> {
    private static final int MOST_NAMED = 3;

    @ParentCommand
    private RingCommand parent;

    @Override
    public Integer call() throws IOException, CommandException {
        Terminal terminal = parent.kiroku().terminal();
        OptionalLong acknowledged = LastReceipt.in(parent.state());
        Table table = new Table(
                Table.Align.RIGHT,
                Table.Align.RIGHT,
                Table.Align.LEFT,
                Table.Align.RIGHT,
                Table.Align.RIGHT,
                Table.Align.LEFT,
                Table.Align.LEFT);
        table.row("SEGMENT", "EPOCH", "SEALED", "LOG", "STORED", "RECEIPT", "SOURCES");
        RingWalk walk = new RingWalk();
        String head;
        try (RingReader ring = RingCommand.open(parent.state())) {
            walk.walk(ring, (segment, sound, sources) -> {
                SegmentHeader header = segment.header();
                table.row(
                        String.valueOf(header.sequence()),
                        String.valueOf(header.epoch()),
                        sealed(header),
                        Sizes.format(header.rawLength()),
                        Sizes.format(segment.length()),
                        receipt(header.sequence(), acknowledged),
                        sources(sound.entries(), sources));
            });
            head = "node %s, stream %s, ring of %s, %s"
                    .formatted(
                            ring.node(),
                            ring.stream(),
                            Sizes.format(ring.size()),
                            Sizes.count(walk.segments(), "segment"));
        }
        terminal.out().println(head);
        table.lines().forEach(terminal.out()::println);
        walk.damage().forEach(sentence -> terminal.err().println("kiroku: " + ShownText.of(sentence)));
        return walk.damage().isEmpty() ? 0 : CommandException.FAILURE;
    }

    private static String sealed(SegmentHeader header) {
        long nanos = header.sealed().wallNanos();
        return Timestamp.instant(nanos).truncatedTo(ChronoUnit.MILLIS).toString();
    }

    /** The receipt is kept about once a second: what is behind the last one may have its receipt as well. */
    private static String receipt(long sequence, OptionalLong acknowledged) {
        return acknowledged.isPresent() && sequence <= acknowledged.getAsLong() ? "yes" : "-";
    }

    private static String sources(List<Entry> entries, Map<Integer, FilePath> sources) {
        Set<String> names = new LinkedHashSet<>();
        for (Entry entry : entries) {
            if (entry instanceof Entry.Chunk chunk) {
                FilePath source = sources.get(chunk.file());
                names.add(source == null ? "file " + chunk.file() : source.toString());
            }
        }
        if (names.isEmpty()) {
            return "-";
        }
        String first = names.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
        return names.size() <= MOST_NAMED ? first : "%s and %d more".formatted(first, names.size() - MOST_NAMED);
    }
}
