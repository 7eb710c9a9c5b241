package io.kiroku.systemtests.bench;

import io.kiroku.evidence.record.FilePath;
import io.kiroku.systemtests.bench.RunTable.Column;
import io.kiroku.systemtests.faults.FaultProxy;
import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Deployment;
import io.kiroku.systemtests.process.ProcStats;
import io.kiroku.systemtests.process.Running;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How long an agent takes from its start to its first receipt. */
@Command(
        name = "start",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description =
                "Measures an agent's start, launcher and JVM included, with an empty state directory, on a node with"
                        + " logs of 20 KiB each. One start before the first run warms the page cache.")
final class Start implements Callable<Integer> {
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final long BYTES_EACH = 20 << 10;

    @Option(names = "--files", paramLabel = "N", description = "number of log files (default ${DEFAULT-VALUE})")
    private int files = 50;

    @Option(names = "--runs", paramLabel = "N", description = "how often to measure (default ${DEFAULT-VALUE})")
    private int runs = 10;

    @Mixin
    private Workbench workbench = new Workbench();

    @Override
    public Integer call() throws Exception {
        return workbench.work(directory -> {
            Corpus corpus = Corpus.generate(directory.resolve("pods"), files, files * BYTES_EACH, workbench.seed());
            run(directory.resolve("run-0"), corpus);
            Workbench.title(directory, "Start of the agent: %d files, the page cache warm".formatted(files));
            RunTable table = new RunTable(
                    System.out,
                    List.of(
                            new Column("s to the first receipt", "%.3f"),
                            new Column("CPU-s until then", "%.2f"),
                            new Column("resident MB then", "%.0f"),
                            new Column("s to the receipt for all", "%.3f")));
            table.measure("kiroku", runs, number -> run(directory.resolve("run-" + number), corpus));
            return 0;
        });
    }

    private static double[] run(Path place, Corpus corpus) throws Exception {
        return Workbench.work(place, directory -> {
            try (Deployment deployment = new Deployment(directory, corpus.podLogs())) {
                deployment.startCollector();
                try (FaultProxy tap = new FaultProxy(deployment.port())) {
                    deployment.agentPort(tap.port());
                    long start = System.nanoTime();
                    Running agent = deployment.launchAgent(deployment.state());
                    Await.until(
                            BOUND,
                            "a first receipt",
                            deployment::tails,
                            () -> !tap.passed().isEmpty());
                    ProcStats first = agent.stats();
                    deployment.awaitAcknowledged(BOUND, corpus.bytes());
                    List<FaultProxy.Passed> receipts = tap.passed();
                    ReceiptTimes times = ReceiptTimes.read(deployment.data(), receipts);
                    long last = start;
                    for (Path file : corpus.files()) {
                        last = Math.max(last, times.nanos(FilePath.of(file.toString()), Files.size(file)));
                    }
                    return new double[] {
                        (receipts.getFirst().nanos() - start) / 1e9,
                        first.cpuSeconds(),
                        first.residentBytes() / 1e6,
                        (last - start) / 1e9
                    };
                }
            }
        });
    }
}
