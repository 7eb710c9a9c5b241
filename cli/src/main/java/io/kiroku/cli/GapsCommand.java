package io.kiroku.cli;

import io.kiroku.collector.query.GapRequest;
import io.kiroku.collector.query.Gaps;
import io.kiroku.collector.query.GapsJson;
import io.kiroku.collector.query.LostBytes;
import io.kiroku.collector.query.PathGlob;
import io.kiroku.collector.query.PodLogPath;
import io.kiroku.collector.query.PointInTime;
import io.kiroku.collector.query.Source;
import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import java.io.IOException;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku gaps}. */
@Command(
        name = "gaps",
        description = {
            "Lists every declared loss: when it was noticed, on which node, which bytes of which source, and why.",
            "What is missing without a declaration is for kiroku verify to find."
        })
final class GapsCommand implements Callable<Integer> {
    @ParentCommand
    private Kiroku kiroku;

    @Mixin
    private Origin origin;

    @Parameters(arity = "0..1", paramLabel = "POD", description = "only of the pod of that name, or pod/NAME")
    private @Nullable String pod;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NS",
            description = "only of that namespace (default with a POD: the context's, or default)")
    private @Nullable String namespace;

    @Option(
            names = "--path",
            paramLabel = "GLOB",
            description = "only of sources by their path; without a leading slash it matches the path's end")
    private @Nullable String path;

    @Option(
            names = "--since",
            paramLabel = "T",
            description = "only what was noticed from then on: 2026-01-31T09:30:00Z, or 10m, 2h, 1h30m ago")
    private @Nullable String since;

    @Option(names = "--json", description = "as JSON, times in UTC")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException, CommandException {
        GapRequest request = request();
        Terminal terminal = kiroku.terminal();
        List<LostBytes> losses = switch (origin.place(terminal.environment())) {
            case Origin.Place.Directory directory -> read(directory.data(), request);
            case Origin.Place.Remote remote -> {
                try (CollectorClient client = new CollectorClient(remote.base(), remote.introduction())) {
                    yield client.gaps(request);
                }
            }
        };
        if (json) {
            terminal.json(GapsJson.write(losses));
        } else if (losses.isEmpty()) {
            terminal.err().println("No loss is declared.");
        } else {
            table(losses).lines().forEach(terminal.out()::println);
            terminal.out().println();
            terminal.out().println(total(losses));
        }
        return 0;
    }

    private GapRequest request() throws CommandException {
        String ownNamespace = origin.namespace(kiroku.terminal().environment());
        try {
            return new GapRequest(
                    Optional.ofNullable(since)
                            .map(text -> PointInTime.parse(text, kiroku.clock().instant())),
                    Optional.ofNullable(path).map(PathGlob::parse),
                    Optional.ofNullable(namespace)
                            .or(() -> Optional.ofNullable(pod).map(_ -> ownNamespace)),
                    Optional.ofNullable(pod).map(name -> name.replaceFirst("^pods?/", "")));
        } catch (IllegalArgumentException misuse) {
            throw CommandException.misuse(String.valueOf(misuse.getMessage()));
        }
    }

    private static List<LostBytes> read(Path data, GapRequest request) throws IOException {
        Gaps gaps = new Gaps();
        try (StoreReader store = StoreReader.open(data)) {
            store.scan(Position.START, gaps::add);
        }
        return gaps.list(request);
    }

    private static Table table(List<LostBytes> losses) {
        Table table = new Table(
                Table.Align.LEFT,
                Table.Align.LEFT,
                Table.Align.LEFT,
                Table.Align.RIGHT,
                Table.Align.LEFT,
                Table.Align.LEFT,
                Table.Align.LEFT);
        table.row("NOTICED", "NODE", "SOURCE", "LOST", "BYTES", "CAUSE", "WHY");
        for (LostBytes loss : losses) {
            table.row(
                    loss.noticed().truncatedTo(ChronoUnit.SECONDS).toString(),
                    loss.node().isEmpty() ? "-" : loss.node(),
                    source(loss.path()),
                    loss.length() == Entry.UNKNOWN ? "unknown" : Sizes.format(loss.length()),
                    loss.path() == null ? "-" : range(loss),
                    loss.cause(),
                    loss.why().isEmpty() ? "-" : loss.why());
        }
        return table;
    }

    private static String source(@Nullable FilePath path) {
        if (path == null) {
            return "not known";
        }
        return PodLogPath.parse(path)
                .map(pod -> "%s/%s %s/%d".formatted(pod.namespace(), pod.pod(), pod.container(), pod.restart()))
                .orElse(path.toString());
    }

    private static String range(LostBytes loss) {
        return loss.to() == Entry.UNKNOWN ? loss.from() + "-" : "%d-%d".formatted(loss.from(), loss.to() - 1);
    }

    private static String total(List<LostBytes> losses) {
        Source.Gaps total = GapsJson.total(losses);
        return "%s: %s, and %s of unknown length"
                .formatted(
                        Sizes.count(total.count(), "gap"), Sizes.format(total.bytes()), Sizes.count(total.unknown()));
    }
}
