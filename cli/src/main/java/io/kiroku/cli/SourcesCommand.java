package io.kiroku.cli;

import io.kiroku.collector.query.PodLogPath;
import io.kiroku.collector.query.Source;
import io.kiroku.collector.query.Sources;
import io.kiroku.collector.query.SourcesJson;
import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.record.NodeClock;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.ShownText;
import io.kiroku.evidence.record.Timestamp;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku sources}. */
@Command(
        name = "sources",
        description = "Lists every source ever seen, with what is held of it.",
        footer = {
            "",
            "States: following; stale (its agent has been silent for a minute); cut off (the node has begun another"
                    + " stream, kiroku gaps says where); ended; lost (its end is in a gap)."
        })
final class SourcesCommand implements Callable<Integer> {
    @ParentCommand
    private Kiroku kiroku;

    @Mixin
    private Origin origin;

    @Option(names = "--json", description = "as JSON, times in UTC")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException, CommandException {
        Terminal terminal = kiroku.terminal();
        List<Source> sources =
                sources(origin.place(terminal.environment()), kiroku.clock().instant());
        if (json) {
            terminal.json(SourcesJson.write(sources));
        } else if (sources.isEmpty()) {
            terminal.err().println("No source has been captured yet.");
        } else {
            table(sources).lines().forEach(terminal.out()::println);
            noteClocks(sources, terminal);
        }
        return 0;
    }

    /** What was ever seen at a place. */
    static List<Source> sources(Origin.Place place, Instant now)
            throws IOException, InterruptedException, CommandException {
        return switch (place) {
            case Origin.Place.Directory directory -> {
                Sources sources = new Sources();
                try (StoreReader store = StoreReader.open(directory.data())) {
                    store.scan(Position.START, sources::add);
                }
                yield sources.list(now);
            }
            case Origin.Place.Remote remote -> {
                try (CollectorClient client = new CollectorClient(remote.base(), remote.introduction())) {
                    yield client.sources();
                }
            }
        };
    }

    /** LAST is a time of the node's clock: if that is off, it is said. */
    private static void noteClocks(List<Source> sources, Terminal terminal) {
        Set<Octets> told = new HashSet<>();
        for (Source source : sources) {
            NodeClock.Stated last = source.clock().last();
            if (last != null && last.clock().isOffBy(ClockText.WORTH_SAYING) && told.add(source.stream())) {
                terminal.err()
                        .println("kiroku: note: the clock of node %s is %s, measured %s"
                                .formatted(
                                        ShownText.of(source.node()),
                                        last.clock().inWords(),
                                        Timestamp.instant(last.clock().wallNanos())));
            }
        }
    }

    static Table table(List<Source> sources) {
        Table table = new Table(
                Table.Align.LEFT,
                Table.Align.LEFT,
                Table.Align.LEFT,
                Table.Align.RIGHT,
                Table.Align.RIGHT,
                Table.Align.LEFT,
                Table.Align.LEFT,
                Table.Align.LEFT,
                Table.Align.LEFT);
        table.row("NODE", "POD", "CONTAINER", "BYTES", "FILES", "GAPS", "LAST", "STATE", "PATH");
        for (Source source : sources) {
            PodLogPath pod = source.pod();
            table.row(
                    source.node().isEmpty() ? "-" : source.node(),
                    pod == null ? "-" : pod.namespace() + "/" + pod.pod(),
                    pod == null ? "-" : pod.container() + "/" + pod.restart(),
                    Sizes.format(source.bytes()),
                    Sizes.count(source.files()),
                    gaps(source.gaps()),
                    source.last().truncatedTo(ChronoUnit.SECONDS).toString(),
                    source.state().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    source.path().toString());
        }
        return table;
    }

    private static String gaps(Source.Gaps gaps) {
        if (gaps.count() == 0) {
            return "0";
        }
        String bytes = gaps.bytes() == 0 ? "" : Sizes.format(gaps.bytes());
        String unknown = gaps.unknown() == 0 ? "" : "unknown";
        String both = bytes.isEmpty() || unknown.isEmpty() ? bytes + unknown : bytes + " + " + unknown;
        return "%s (%s)".formatted(Sizes.count(gaps.count()), both);
    }
}
