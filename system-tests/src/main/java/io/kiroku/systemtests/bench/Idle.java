package io.kiroku.systemtests.bench;

import io.kiroku.systemtests.bench.RunTable.Column;
import io.kiroku.systemtests.process.Deployment;
import io.kiroku.systemtests.process.ProcStats;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What an agent costs while nothing is written. */
@Command(
        name = "idle",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description =
                "Measures a quiet node: logs of 20 KiB each that have been acknowledged and do not grow, after 10 s"
                        + " in which all settles.")
final class Idle implements Callable<Integer> {
    private static final int SETTLING_SECONDS = 10;
    private static final long BYTES_EACH = 20 << 10;

    @Option(names = "--files", paramLabel = "N", description = "number of log files (default ${DEFAULT-VALUE})")
    private int files = 50;

    @Option(names = "--seconds", paramLabel = "N", description = "how long to measure (default ${DEFAULT-VALUE})")
    private int seconds = 60;

    @Option(names = "--runs", paramLabel = "N", description = "how often to measure (default ${DEFAULT-VALUE})")
    private int runs = 1;

    @Mixin
    private Workbench workbench = new Workbench();

    @Override
    public Integer call() throws Exception {
        return workbench.work(directory -> {
            Corpus corpus = Corpus.generate(directory.resolve("pods"), files, files * BYTES_EACH, workbench.seed());
            Workbench.title(directory, "Idle: %d quiet files for %d s".formatted(files, seconds));
            RunTable table = new RunTable(
                    System.out,
                    List.of(
                            new Column("CPU % of a core, agent", "%.2f"),
                            new Column("CPU % of a core, collector", "%.2f"),
                            new Column("resident MB agent", "%.0f"),
                            new Column("peak MB agent", "%.0f"),
                            new Column("resident MB collector", "%.0f")));
            table.measure("kiroku", runs, number -> run(directory.resolve("run-" + number), corpus));
            return 0;
        });
    }

    private double[] run(Path place, Corpus corpus) throws Exception {
        return Workbench.work(place, directory -> {
            try (Deployment deployment = new Deployment(directory, corpus.podLogs())) {
                CatchUpRun.play(deployment, corpus);
                TimeUnit.SECONDS.sleep(SETTLING_SECONDS);
                CpuWindow agent = new CpuWindow(deployment.agent());
                CpuWindow collector = new CpuWindow(deployment.collector());
                TimeUnit.SECONDS.sleep(seconds);
                double agentPercent = agent.percent();
                double collectorPercent = collector.percent();
                ProcStats stats = deployment.agent().stats();
                return new double[] {
                    agentPercent,
                    collectorPercent,
                    stats.residentBytes() / 1e6,
                    stats.peakBytes() / 1e6,
                    deployment.collector().stats().residentBytes() / 1e6
                };
            }
        });
    }
}
