package io.kiroku.systemtests.bench;

import io.kiroku.systemtests.bench.RunTable.Column;
import io.kiroku.systemtests.process.Deployment;
import io.kiroku.systemtests.process.ProcStats;
import io.kiroku.systemtests.process.Program;
import io.kiroku.systemtests.process.Shell;
import io.kiroku.systemtests.store.Captured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Whether an agent catches up where a container's limits leave it little. */
@Command(
        name = "small",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description = {
            "Measures catch-up of an agent in a control group of its own with little memory, no swap and a part of a"
                + " core. The page cache of what it reads and writes counts as its memory; so neither the logs nor its"
                + " JDK, a copy, are in the page cache beforehand. The collector is outside of the group.",
            "Needs root and control groups of version 1 (memory, cpu) or 2 in /sys/fs/cgroup. Exit status 1 if the"
                    + " agent was killed, or anything is missing."
        })
final class Small implements Callable<Integer> {
    private static final double GIBI = 1 << 30;
    /** What the agent's classes come from. */
    private static final Path CACHE = Path.of(System.getProperty("kiroku.root", "."), "cli/target/kiroku/agent.aot");

    private static final Duration VERIFY = Duration.ofMinutes(5);

    @Option(names = "--size", paramLabel = "SIZE", description = "bytes of log (default 2GiB)")
    private ByteSize size = new ByteSize(2L << 30);

    @Option(names = "--files", paramLabel = "N", description = "number of log files (default ${DEFAULT-VALUE})")
    private int files = 50;

    @Option(names = "--memory", paramLabel = "SIZE", description = "of the control group (default 128MiB)")
    private ByteSize memory = new ByteSize(128 << 20);

    @Option(names = "--cpu", paramLabel = "CORES", description = "of the control group (default ${DEFAULT-VALUE})")
    private double cores = 0.5;

    @Option(names = "--runs", paramLabel = "N", description = "how often to measure (default ${DEFAULT-VALUE})")
    private int runs = 1;

    @Mixin
    private Workbench workbench = new Workbench();

    private boolean isWhole = true;

    @Override
    public Integer call() throws Exception {
        return workbench.work(directory -> {
            try (ControlGroup probe = new ControlGroup(memory.bytes(), cores)) {
                Workbench.progress("control groups can be made: " + probe.prefix());
            } catch (IOException impossible) {
                System.err.printf("bench: %s (%s).%n", impossible.getMessage(), impossible.getCause());
                return 2;
            }
            Workbench.progress("generating %d files, %s".formatted(files, size));
            Corpus corpus = Corpus.generate(directory.resolve("pods"), files, size.bytes(), workbench.seed());
            Workbench.title(
                    directory,
                    "Catch-up in a control group: %d files, %s, %s of memory, %s of a core"
                            .formatted(files, size, memory, cores));
            RunTable table = new RunTable(
                    System.out,
                    List.of(
                            new Column("MB/s", "%.0f"),
                            new Column("s", "%.1f"),
                            new Column("CPU-s/GiB agent", "%.2f"),
                            new Column("kills", "%.0f"),
                            new Column("peak MB of the group", "%.1f"),
                            new Column("peak MB resident", "%.0f"),
                            new Column("% of periods throttled", "%.0f"),
                            new Column("bytes missing", "%.0f"),
                            new Column("exit of verify", "%.0f")));
            Path jdk = jdk(directory);
            table.measure("kiroku", runs, number -> run(directory.resolve("run-" + number), corpus, jdk));
            return isWhole ? 0 : 1;
        });
    }

    /**
     * A JDK of the agent's own: memory counts where it is first touched, so that of the machine's JDK, which is in use,
     * nothing would count as the agent's. The times of its files stay, or the cache that the agent starts from would not
     * belong to it.
     */
    private static Path jdk(Path directory) throws IOException, InterruptedException {
        Path jdk = directory.resolve("jdk");
        Shell.bash(
                "cp -rL --preserve=timestamps -- \"$1\" \"$2\"; sync -f \"$2\"", System.getProperty("java.home"), jdk);
        return jdk;
    }

    private double[] run(Path place, Corpus corpus, Path jdk) throws Exception {
        forgetPages(corpus.podLogs());
        forgetPages(jdk);
        forgetPages(CACHE);
        return Workbench.work(place, directory -> {
            try (ControlGroup group = new ControlGroup(memory.bytes(), cores);
                    Deployment deployment = new Deployment(directory, corpus.podLogs())) {
                List<String> prefix = new ArrayList<>(group.prefix());
                prefix.addAll(List.of("env", "KIROKU_JAVA_HOME=" + jdk));
                deployment.agentPrefix(prefix);
                CatchUpRun run;
                try {
                    run = CatchUpRun.play(deployment, corpus);
                } catch (AssertionError ended) {
                    Workbench.progress(ended.toString());
                    ProcStats collector = deployment.collector().stats();
                    run = new CatchUpRun(Double.NaN, collector, collector);
                }
                double peak = group.peakBytes();
                long kills = group.kills();
                double throttled = group.throttledPercent();
                boolean done = !Double.isNaN(run.seconds());
                deployment.agent().terminate(VERIFY);
                deployment.collector().terminate(VERIFY);
                long missing = missing(deployment.data(), corpus);
                Program.Outcome verified = deployment
                        .program()
                        .run(VERIFY, "verify", deployment.data().toString());
                isWhole &= done && kills == 0 && missing == 0 && verified.exit() == 0;
                return new double[] {
                    corpus.bytes() / 1e6 / run.seconds(),
                    run.seconds(),
                    done ? run.agent().cpuSeconds() / (corpus.bytes() / GIBI) : Double.NaN,
                    kills,
                    peak / 1e6,
                    done ? run.agent().peakBytes() / 1e6 : Double.NaN,
                    throttled,
                    missing,
                    verified.exit()
                };
            }
        });
    }

    /** Pages that are in memory already would not count as the agent's. */
    private static void forgetPages(Path place) throws IOException, InterruptedException {
        if (!Files.exists(place)) {
            return;
        }
        Shell.bash("find \"$1\" -type f -exec dd status=none iflag=nocache count=0 if={} of=/dev/null \\;", place);
    }

    /** Bytes of the corpus that the store has not, or has twice. */
    private static long missing(Path data, Corpus corpus) throws IOException {
        Captured captured = new Captured(data).look();
        long wrong = 0;
        for (Path file : corpus.files()) {
            wrong += Math.abs(Files.size(file) - captured.bytesOf(file)) + captured.repeatedBytesOf(file);
        }
        return wrong;
    }
}
