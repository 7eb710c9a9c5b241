package io.kiroku.systemtests.bench;

import io.kiroku.evidence.segment.Segment;
import io.kiroku.systemtests.bench.RunTable.Column;
import io.kiroku.systemtests.process.Deployment;
import io.kiroku.systemtests.process.Program;
import io.kiroku.systemtests.process.Running;
import io.kiroku.systemtests.process.Shell;
import io.kiroku.systemtests.store.VolumeScan;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How fast a collector's data is verified offline, and at what cost. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description = {
            "Measures kiroku verify, launcher and JVM included, on a store that a catch-up filled, the page cache warm;"
                    + " then the same on one core, if there is the command taskset.",
            "The limit is one core that digests and decompresses the same segments, measured in this JVM."
        })
final class Verify implements Callable<Integer> {
    private static final double GIBI = 1 << 30;
    private static final Duration BOUND = Duration.ofMinutes(10);

    /** Bash's keyword prints what the kernel accounts to the process when it has ended: seconds, all threads. */
    private static final List<String> TIMED = List.of("bash", "-c", "TIMEFORMAT='cpu %U %S'; time \"$@\"", "verify");

    private static final Pattern CPU = Pattern.compile("(?m)^cpu ([0-9.]+) ([0-9.]+)$");

    @Option(names = "--size", paramLabel = "SIZE", description = "bytes of log in the store (default 2GiB)")
    private ByteSize size = new ByteSize(2L << 30);

    @Option(names = "--files", paramLabel = "N", description = "number of log files (default ${DEFAULT-VALUE})")
    private int files = 50;

    @Option(names = "--runs", paramLabel = "N", description = "how often to measure (default ${DEFAULT-VALUE})")
    private int runs = 3;

    @Mixin
    private Workbench workbench = new Workbench();

    @Override
    public Integer call() throws Exception {
        return workbench.work(directory -> {
            Workbench.progress("generating and capturing %s".formatted(size));
            Corpus corpus = Corpus.generate(directory.resolve("pods"), files, size.bytes(), workbench.seed());
            try (Deployment deployment = new Deployment(directory, corpus.podLogs())) {
                CatchUpRun.play(deployment, corpus);
                deployment.endAgent();
                deployment.collector().terminate(BOUND);
                measure(deployment, directory, corpus);
            }
            return 0;
        });
    }

    private void measure(Deployment deployment, Path directory, Corpus corpus) throws Exception {
        Workbench.title(directory, "Verify: %s of log".formatted(size));
        RunTable table = new RunTable(
                System.out,
                List.of(
                        new Column("raw MB/s", "%.0f"),
                        new Column("CPU-s/GiB", "%.2f"),
                        new Column("raw MB per CPU-s", "%.0f"),
                        new Column("s", "%.2f")));
        StoredLimit limit = StoredLimit.measure(sample(deployment.data()));
        table.row(
                "limit: SHA-256 of the stored bytes + LZ4, one core",
                limit.rawBytesPerSecond() / 1e6,
                limit.cpuSecondsPerGibibyte(),
                limit.rawBytesPerSecond() / 1e6,
                Double.NaN);
        table.measure("kiroku verify", runs, _ -> run(deployment, TIMED, corpus.bytes()));
        if (Shell.has("taskset")) {
            List<String> pinned = new ArrayList<>(List.of("taskset", "-c", "0"));
            pinned.addAll(TIMED);
            table.measure("kiroku verify, on one core", runs, _ -> run(deployment, pinned, corpus.bytes()));
        }
    }

    private static double[] run(Deployment deployment, List<String> prefix, long raw) throws Exception {
        Program program = deployment.program();
        long start = System.nanoTime();
        try (Running verify =
                program.start("verify", prefix, "verify", deployment.data().toString())) {
            int exit = verify.await(BOUND);
            double seconds = (System.nanoTime() - start) / 1e9;
            Matcher cpu = CPU.matcher(verify.output());
            if (exit != 0 || !cpu.find()) {
                throw new AssertionError("the store does not verify%n%s".formatted(verify.tail()));
            }
            double cpuSeconds = Double.parseDouble(cpu.group(1)) + Double.parseDouble(cpu.group(2));
            return new double[] {raw / 1e6 / seconds, cpuSeconds / (raw / GIBI), raw / 1e6 / cpuSeconds, seconds};
        }
    }

    /** Segments of the first volume. */
    private static List<Segment> sample(Path data) throws IOException {
        List<Segment> segments = new ArrayList<>();
        long[] bytes = {0};
        VolumeScan.forEach(VolumeScan.volumes(data).getFirst(), 0, stored -> {
            if (bytes[0] < StoredLimit.SAMPLE && stored.segment().header().rawLength() > 0) {
                segments.add(stored.segment());
                bytes[0] += stored.segment().length();
            }
        });
        return segments;
    }
}
