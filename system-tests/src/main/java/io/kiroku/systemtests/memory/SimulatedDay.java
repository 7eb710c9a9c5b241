package io.kiroku.systemtests.memory;

import io.kiroku.agent.tail.Tail;
import io.kiroku.systemtests.process.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What an agent and a collector hold in memory, hour by hour. */
@Command(
        name = "day",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description = {
            "Lets an agent and a collector live through a day of virtual time, with pods that come, write, are rotated"
                + " and compressed, and go; without faults. After each hour garbage is collected and what is left is"
                + " noted: it holds the simulated log files too, which are small and of the same size all day.",
            "Prints a Markdown table. The exit status is 1 if the mean of the last quarter exceeds that of the second"
                    + " by more than 10 %."
        })
public final class SimulatedDay implements Callable<Integer> {
    private static final double MOST_GROWTH = 0.1;
    private static final double MEGA = 1e6;

    @Option(names = "--hours", paramLabel = "N", description = "how many, at least 4 (default ${DEFAULT-VALUE})")
    private int hours = 24;

    @Option(names = "--pods", paramLabel = "N", description = "at a time (default ${DEFAULT-VALUE})")
    private int pods = 20;

    @Option(
            names = "--life",
            paramLabel = "MINUTES",
            description = "of a pod, in the middle (default ${DEFAULT-VALUE})")
    private int life = 30;

    @Option(names = "--seed", paramLabel = "N", description = "of what the pods do (default ${DEFAULT-VALUE})")
    private long seed = 1;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "where ring and store lie (default: the directory for temporary files)")
    private Path parent = Path.of(System.getProperty("java.io.tmpdir"));

    /** Runs with the command line's arguments. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new SimulatedDay()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory(parent, "kiroku-day-");
        try (Day day = new Day(directory, seed, pods, Duration.ofMinutes(life))) {
            return live(day);
        } finally {
            Shell.bash("rm -rf -- \"$1\"", directory);
        }
    }

    private int live(Day day) throws Exception {
        System.out.println(
                "| hour | pods so far | files so far | log MB | segments | followed | live heap MB | direct MB |");
        System.out.println("|---:|---:|---:|---:|---:|---:|---:|---:|");
        List<Trend.Sample> samples = new ArrayList<>();
        for (int hour = 1; hour <= hours; hour++) {
            day.pass(Duration.ofHours(1));
            Heap heap = Heap.measure();
            samples.add(new Trend.Sample(day.pods().made(), heap));
            print(hour, day, heap);
        }
        Trend trend = new Trend(samples);
        System.out.printf(
                Locale.ROOT,
                "%nFrom the second quarter to the last: heap %+.1f %%, direct %+.1f %%, %.0f bytes for each pod.%n",
                100 * trend.growth(),
                100 * trend.directGrowth(),
                trend.bytesPerPod());
        return trend.growth() > MOST_GROWTH || trend.directGrowth() > MOST_GROWTH ? 1 : 0;
    }

    private static void print(int hour, Day day, Heap heap) {
        Tail.Standing standing = day.agent().standing();
        System.out.printf(
                Locale.ROOT,
                "| %d | %d | %d | %.1f | %d | %d | %.2f | %.2f |%n",
                hour,
                day.pods().made(),
                day.pods().filesMade(),
                day.pods().written() / MEGA,
                day.collector().counts().segments(),
                standing.openFiles(),
                heap.liveBytes() / MEGA,
                heap.directBytes() / MEGA);
    }
}
