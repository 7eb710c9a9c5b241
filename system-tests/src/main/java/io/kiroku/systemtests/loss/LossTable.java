package io.kiroku.systemtests.loss;

import io.kiroku.cli.demo.Rotation;
import io.kiroku.systemtests.bench.Machine;
import io.kiroku.systemtests.process.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Plays every load under which other agents lose lines, and prints what was lost. */
@Command(
        name = "loss",
        mixinStandardHelpOptions = true,
        description = {
            "Plays the loads under which agents lose log lines on a pretend node, captures it with an agent and a"
                    + " collector, and prints a Markdown table of what was lost, twice or declared lost.",
            "Exit status 0 only if nothing was lost without a word, nothing was there twice and everything verified."
        })
public final class LossTable implements Callable<Integer> {
    private static final long MEBI = 1 << 20;
    private static final long MEGA = 1_000_000;

    /** The rate at which one container is hardest to follow. */
    private static final long FAST = 60 * MEGA;

    /** Of what went wrong, and of what was declared, so many examples are shown. */
    private static final int MOST_EXAMPLES = 10;

    private static final Duration LONG = Duration.ofSeconds(30);

    @Option(names = "--rows", paramLabel = "WORD", description = "only the rows with that word in their name")
    private String rows = "";

    @Option(names = "--seed", paramLabel = "N", description = "of what is written (default ${DEFAULT-VALUE})")
    private long seed = 1;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "where to work; needs about 4 GiB (default: the directory for temporary files)")
    private Path parent = Path.of(System.getProperty("java.io.tmpdir"));

    private record Row(String name, Load load) {}

    /** Runs with the command line's arguments. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new LossTable()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory(parent, "kiroku-loss-");
        boolean asPromised = true;
        try {
            printHead(Machine.describe(directory));
            int number = 0;
            for (Row row : rows()) {
                number++;
                if (!row.name().contains(rows)) {
                    continue;
                }
                Path place = Files.createDirectory(directory.resolve("row-" + number));
                Outcome outcome = Stage.play(place, seed + number, row.load());
                print(row.name(), outcome);
                asPromised &= outcome.isAsPromised();
                Shell.bash("rm -rf -- \"$1\"", place);
            }
            return asPromised ? 0 : 1;
        } finally {
            Shell.bash("rm -rf -- \"$1\"", directory);
        }
    }

    private static List<Row> rows() {
        return List.of(
                new Row("60 MB/s, reopened after 0 ms", fast(0, Blow.NONE)),
                new Row("60 MB/s, reopened after 2 ms", fast(2, Blow.NONE)),
                new Row("60 MB/s, reopened after 50 ms", fast(50, Blow.NONE)),
                new Row("60 MB/s, agent stopped for 5 s", fast(2, Blow.freeze(Duration.ofSeconds(5)))),
                new Row("60 MB/s, agent killed, started at once", fast(2, Blow.kill(Duration.ZERO))),
                new Row("60 MB/s, agent killed, started after 5 s", fast(2, Blow.kill(Duration.ofSeconds(5)))),
                new Row("60 MB/s, collector down for 20 s", fast(2, Blow.outage(Duration.ofSeconds(20)))),
                new Row(
                        "50 pods removed 0 ms after the last write",
                        Loads.removedAtOnce(50, 20 * MEGA, Duration.ofMillis(200))),
                new Row("500 pods that live 50 ms, 4 at a time", Loads.shortLived(500, Duration.ofMillis(50), 4)),
                new Row("2,000 containers and a torrent of 20 MB/s", Loads.crowd(100, 20, 4000, 20 * MEGA, LONG)),
                new Row("3 MB/s, the kubelet's own check of 10 s", kubelet(3 * MEGA, Duration.ofMinutes(2), Blow.NONE)),
                new Row(
                        "10 MB/s, the kubelet's own check of 10 s",
                        kubelet(10 * MEGA, Duration.ofMinutes(2), Blow.NONE)),
                new Row(
                        "60 MB/s, the kubelet's own check, agent stopped for 5 s",
                        kubelet(FAST, LONG, Blow.freeze(Duration.ofSeconds(5)))),
                new Row(
                        "60 MB/s, the kubelet's own check, agent killed, started after 5 s",
                        kubelet(FAST, LONG, Blow.kill(Duration.ofSeconds(5)))),
                new Row(
                        "agent away for 20 rotations",
                        Loads.absence(
                                new Rotation(MEBI, 5, Duration.ofMillis(1200), Duration.ofMillis(2)),
                                MEGA,
                                Duration.ofSeconds(4),
                                Duration.ofSeconds(30),
                                Duration.ofSeconds(4))),
                new Row(
                        "1 MB/s, the kubelet's own check, agent away for ten minutes",
                        Loads.absence(
                                Rotation.KUBELET,
                                MEGA,
                                Duration.ofSeconds(30),
                                Duration.ofMinutes(10),
                                Duration.ofSeconds(30))));
    }

    private static Load fast(int reopenMillis, Blow blow) {
        return Loads.torrent(Rotation.atOnce(10 * MEBI, Duration.ofMillis(reopenMillis)), FAST, LONG, blow);
    }

    private static Load kubelet(long bytesPerSecond, Duration time, Blow blow) {
        return Loads.torrent(Rotation.KUBELET, bytesPerSecond, time, blow);
    }

    private static void printHead(String machine) {
        System.out.printf(Locale.ROOT, """
            Lines are numbered; "silently" is what is neither given back nor covered by a gap. %s.

            | load | MB written | lines | rotations | lost silently, lines / bytes | twice, lines / bytes | out of order, lines | not as written | missing, bytes | declared gaps / bytes / of unknown length | verdicts hold | agent, CPU-s | s |
            |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|---:|---:|
            """, machine);
    }

    private static void print(String name, Outcome outcome) {
        System.out.printf(
                Locale.ROOT,
                "| %s | %.0f | %,d | %d | %,d / %,d | %,d / %,d | %,d | %d | %,d | %d / %,d / %d | %s | %.1f | %.0f"
                        + " |%n",
                name,
                outcome.bytesWritten() / 1e6,
                outcome.linesWritten(),
                outcome.rotations(),
                outcome.linesLostSilently(),
                outcome.bytesLostSilently(),
                outcome.linesTwice(),
                outcome.bytesTwice(),
                outcome.linesOutOfOrder(),
                outcome.wrong().size(),
                outcome.bytesMissing(),
                outcome.gaps().size(),
                outcome.bytesDeclared(),
                outcome.gapsOfUnknownLength(),
                outcome.verified() ? "yes" : "NO",
                outcome.agentCpuSeconds(),
                outcome.seconds());
        if (!outcome.isAsPromised()) {
            System.err.println(name + ": " + outcome.verdicts());
            outcome.wrong().stream().limit(MOST_EXAMPLES).forEach(log -> System.err.println("  wrong: " + log));
        }
        outcome.gaps().stream().limit(MOST_EXAMPLES).forEach(gap -> System.err.println("  declared: " + gap));
    }
}
