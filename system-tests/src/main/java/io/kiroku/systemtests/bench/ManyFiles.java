package io.kiroku.systemtests.bench;

import io.kiroku.systemtests.bench.RunTable.Column;
import io.kiroku.systemtests.process.Deployment;
import io.kiroku.systemtests.process.ProcStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What many files cost an agent, whatever is in them. */
@Command(
        name = "files",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description =
                "Measures a node with very many logs of 4 KiB each, ten containers to a pod: from the agent's start"
                        + " until all are acknowledged, and then the CPU while nothing is written.")
final class ManyFiles implements Callable<Integer> {
    private static final int CONTAINERS = 10;
    private static final int SETTLING_SECONDS = 5;
    private static final long BYTES_EACH = 4 << 10;

    @Option(
            names = "--files",
            paramLabel = "N",
            description = "number of log files, rounded down to tens (default ${DEFAULT-VALUE})")
    private int files = 5000;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "how long to measure when all is quiet (default ${DEFAULT-VALUE})")
    private int seconds = 30;

    @Option(names = "--runs", paramLabel = "N", description = "how often to measure (default ${DEFAULT-VALUE})")
    private int runs = 1;

    @Mixin
    private Workbench workbench = new Workbench();

    @Override
    public Integer call() throws Exception {
        return workbench.work(directory -> {
            int pods = Math.max(1, files / CONTAINERS);
            int count = pods * CONTAINERS;
            Workbench.progress("generating %d files".formatted(count));
            Corpus corpus =
                    Corpus.generate(directory.resolve("pods"), pods, CONTAINERS, count * BYTES_EACH, workbench.seed());
            Workbench.title(directory, "Many files: %,d in %d pods, %,d bytes".formatted(count, pods, corpus.bytes()));
            RunTable table = new RunTable(
                    System.out,
                    List.of(
                            new Column("s to the last receipt", "%.2f"),
                            new Column("CPU-s until then, agent", "%.2f"),
                            new Column("peak MB agent", "%.0f"),
                            new Column("resident MB agent, quiet", "%.0f"),
                            new Column("log files open", "%.0f"),
                            new Column("descriptors", "%.0f"),
                            new Column("CPU % of a core, agent, quiet", "%.2f")));
            table.measure("kiroku", runs, number -> run(directory.resolve("run-" + number), corpus));
            return 0;
        });
    }

    private double[] run(Path place, Corpus corpus) throws Exception {
        return Workbench.work(place, directory -> {
            try (Deployment deployment = new Deployment(directory, corpus.podLogs())) {
                CatchUpRun run = CatchUpRun.play(deployment, corpus);
                TimeUnit.SECONDS.sleep(SETTLING_SECONDS);
                CpuWindow window = new CpuWindow(deployment.agent());
                TimeUnit.SECONDS.sleep(seconds);
                double percent = window.percent();
                ProcStats quiet = deployment.agent().stats();
                return new double[] {
                    run.seconds(),
                    run.agent().cpuSeconds(),
                    quiet.peakBytes() / 1e6,
                    quiet.residentBytes() / 1e6,
                    deployment.agentMetrics().getOrDefault("kiroku_agent_open_files", Double.NaN),
                    descriptors(deployment.agent().pid()),
                    percent
                };
            }
        });
    }

    private static long descriptors(long pid) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/%d/fd".formatted(pid)))) {
            return all.count();
        }
    }
}
