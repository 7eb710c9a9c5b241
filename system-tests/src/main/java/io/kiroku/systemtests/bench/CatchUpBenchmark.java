package io.kiroku.systemtests.bench;

import io.kiroku.evidence.wire.FrameCodec;
import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Metrics;
import io.kiroku.systemtests.process.Ports;
import io.kiroku.systemtests.process.ProcStats;
import io.kiroku.systemtests.process.Program;
import io.kiroku.systemtests.process.Running;
import io.kiroku.systemtests.process.Shell;
import io.kiroku.systemtests.store.VolumeScan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How fast an agent that finds logs which nobody has read yet gets them to a receipt, and at what cost. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description = {
            "Measures catch-up: a generated corpus of container logs, from the agent's start until the collector on the"
                    + " same machine has acknowledged all of it.",
            "Generating the corpus is not measured. The files are in the page cache. Agent and collector are processes"
                    + " of their own, started by the launcher with its defaults; the limit is measured in this JVM over"
                    + " the same files.",
            "Prints a Markdown table."
        })
public final class CatchUpBenchmark implements Callable<Integer> {
    private static final double MEBI = 1 << 20;
    private static final double GIBI = 1 << 30;
    private static final Duration BOUND = Duration.ofMinutes(10);

    @Option(names = "--size", paramLabel = "SIZE", description = "bytes of log, such as 512MiB (default) or 2GiB")
    private String size = "512MiB";

    @Option(names = "--files", paramLabel = "N", description = "number of log files (default ${DEFAULT-VALUE})")
    private int files = 50;

    @Option(names = "--runs", paramLabel = "N", description = "how often to measure (default ${DEFAULT-VALUE})")
    private int runs = 1;

    @Option(names = "--seed", paramLabel = "N", description = "of the corpus (default ${DEFAULT-VALUE})")
    private long seed = 1;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "where to work; needs about 2.5 times the size (default: the directory for temporary files)")
    private Path parent = Path.of(System.getProperty("java.io.tmpdir"));

    /**
     * What one run came to.
     *
     * @param seconds from the agent's start to the receipt for everything
     * @param wireBytes that the agent sent
     */
    private record Run(double seconds, long rawBytes, long wireBytes, ProcStats agent, ProcStats collector) {}

    /** Runs with the command line's arguments. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new CatchUpBenchmark()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory(parent, "kiroku-bench-");
        try {
            long bytes = ByteSize.parse(size);
            System.err.printf("generating %d files, %s%n", files, size);
            Corpus corpus = Corpus.generate(directory.resolve("pods"), files, bytes, seed);
            System.err.println("measuring the limit");
            Limit raw = Limit.measure(corpus.files(), Limit.Digest.RAW_BYTES);
            Limit stored = Limit.measure(corpus.files(), Limit.Digest.STORED_BYTES);
            print(Machine.describe(directory), corpus, raw, stored);
            for (int i = 1; i <= runs; i++) {
                System.err.printf("run %d of %d%n", i, runs);
                print(i, run(directory.resolve("run-" + i), corpus), raw);
            }
            return 0;
        } finally {
            Shell.bash("rm -rf -- \"$1\"", directory);
        }
    }

    private static Run run(Path directory, Corpus corpus) throws Exception {
        Files.createDirectories(directory);
        Program program = new Program(directory);
        int port = Ports.free();
        int metricsPort = Ports.free();
        Path data = directory.resolve("data");
        try (Running collector = program.start(
                "collector",
                "collector",
                "--data",
                data.toString(),
                "--listen",
                "127.0.0.1:" + port,
                "--http",
                "127.0.0.1:" + Ports.free())) {
            Await.until(Duration.ofSeconds(30), "the collector to listen", collector::tail, () -> Ports.answers(port));
            Metrics metrics = new Metrics(metricsPort);
            long start = System.nanoTime();
            try (Running agent = program.start(
                    "agent",
                    "agent",
                    "--node",
                    "bench",
                    "--state",
                    directory.resolve("state").toString(),
                    "--collector",
                    "127.0.0.1:" + port,
                    "--pod-logs",
                    corpus.podLogs().toString(),
                    "--metrics",
                    "127.0.0.1:" + metricsPort)) {
                Await.until(
                        BOUND,
                        "a receipt for all %d bytes".formatted(corpus.bytes()),
                        () -> agent.tail() + collector.tail(),
                        () -> isAcknowledged(agent, metrics, corpus.bytes()));
                double seconds = (System.nanoTime() - start) / 1e9;
                ProcStats agentStats = agent.stats();
                ProcStats collectorStats = collector.stats();
                return new Run(seconds, corpus.bytes(), wireBytes(data), agentStats, collectorStats);
            }
        } finally {
            Shell.bash("rm -rf -- \"$1\"", directory);
        }
    }

    /** Every byte is in a segment, and the newest segment has its receipt. */
    private static boolean isAcknowledged(Running agent, Metrics metrics, long bytes) throws InterruptedException {
        if (!agent.isAlive()) {
            throw new AssertionError("the agent ended%n%s".formatted(agent.tail()));
        }
        Map<String, Double> now = metrics.read();
        double sealed = now.getOrDefault("kiroku_agent_sealed_bytes_total", 0.0);
        double newest = now.getOrDefault("kiroku_agent_newest_segment", 0.0);
        double acknowledged = now.getOrDefault("kiroku_agent_acknowledged_segment", -1.0);
        return sealed >= bytes && newest == acknowledged;
    }

    /** What the protocol sends for the segments that are stored now; there were no breaks, so each went out once. */
    private static long wireBytes(Path data) throws IOException {
        long[] bytes = {0};
        for (Path volume : VolumeScan.volumes(data)) {
            VolumeScan.forEach(volume, 0, stored -> bytes[0] += stored.segment().length() + FrameCodec.SEGMENT_PREFIX);
        }
        return bytes[0];
    }

    private static void print(String machine, Corpus corpus, Limit raw, Limit stored) {
        System.out.printf(
                Locale.ROOT,
                """
                Catch-up, agent to receipt: %d files, %.0f MiB. %s.

                | | MB/s | CPU-s/GiB agent | CPU-s/GiB collector | peak MB agent | peak MB collector | wire/raw | of the limit |
                |---|---:|---:|---:|---:|---:|---:|---:|
                | limit: read + LZ4 + SHA-256 of the raw bytes, one core | %.0f | %.2f | | | | %.3f | 100 %% |
                | read + LZ4 + SHA-256 of the stored bytes, one core | %.0f | %.2f | | | | %.3f | %.0f %% |
                """,
                corpus.files().size(),
                corpus.bytes() / MEBI,
                machine,
                raw.bytesPerSecond() / 1e6,
                raw.cpuSecondsPerGibibyte(),
                raw.ratio(),
                stored.bytesPerSecond() / 1e6,
                stored.cpuSecondsPerGibibyte(),
                stored.ratio(),
                100 * stored.bytesPerSecond() / raw.bytesPerSecond());
    }

    private static void print(int number, Run run, Limit limit) {
        double perSecond = run.rawBytes() / run.seconds();
        double gibibytes = run.rawBytes() / GIBI;
        System.out.printf(
                Locale.ROOT,
                "| kiroku, run %d | %.0f | %.2f | %.2f | %.0f | %.0f | %.3f | %.0f %% |%n",
                number,
                perSecond / 1e6,
                run.agent().cpuSeconds() / gibibytes,
                run.collector().cpuSeconds() / gibibytes,
                run.agent().peakBytes() / 1e6,
                run.collector().peakBytes() / 1e6,
                (double) run.wireBytes() / run.rawBytes(),
                100 * perSecond / limit.bytesPerSecond());
    }
}
