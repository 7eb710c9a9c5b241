package io.kiroku.systemtests.bench;

import io.kiroku.evidence.record.FilePath;
import io.kiroku.systemtests.bench.RunTable.Column;
import io.kiroku.systemtests.faults.FaultProxy;
import io.kiroku.systemtests.peers.Peer;
import io.kiroku.systemtests.peers.PeerRun;
import io.kiroku.systemtests.peers.Peers;
import io.kiroku.systemtests.peers.Protocol;
import io.kiroku.systemtests.process.Deployment;
import io.kiroku.systemtests.process.ProcStats;
import io.kiroku.systemtests.process.Running;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What an agent costs while logs grow at a steady rate, and how long after its write a line has its receipt. */
@Command(
        name = "steady",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description = {
            "Measures a steady load: whole lines, one write each, turn and turn about into all files, after a while in"
                    + " which all settles. A JVM that has just started compiles for a minute or two.",
            "The latency is from just before a line's write until the receipt for it has left the collector, noted by a"
                    + " proxy in this JVM that stands between agent and collector. Of other agents it is until the line"
                    + " is at a sink in this JVM, which stores nothing: that is less than a receipt stands for."
        })
final class Steady implements Callable<Integer> {
    /** The load goes on for so long after the window: where it stops, the last segment waits a second to be full. */
    private static final Duration WINDING_DOWN = Duration.ofSeconds(3);

    private static final Duration BOUND = Duration.ofMinutes(1);

    @Option(
            names = "--lines",
            paramLabel = "N",
            description = "lines per second, in all files together (default ${DEFAULT-VALUE})")
    private int lines = 1000;

    @Option(names = "--files", paramLabel = "N", description = "number of log files (default ${DEFAULT-VALUE})")
    private int files = 50;

    @Option(names = "--seconds", paramLabel = "N", description = "how long to measure (default ${DEFAULT-VALUE})")
    private int seconds = 60;

    @Option(
            names = "--settle",
            paramLabel = "N",
            description = "seconds of the load before that (default ${DEFAULT-VALUE})")
    private int settle = 10;

    @Option(names = "--runs", paramLabel = "N", description = "how often to measure (default ${DEFAULT-VALUE})")
    private int runs = 1;

    @Mixin
    private Workbench workbench = new Workbench();

    @Mixin
    private Peers peers = new Peers();

    @Override
    public Integer call() throws Exception {
        return workbench.work(directory -> {
            Workbench.title(
                    directory,
                    "Steady load: %,d lines/s in %d files for %d s, after %d s"
                            .formatted(lines, files, seconds, settle));
            RunTable table = new RunTable(System.out, columns());
            table.measure("kiroku", runs, number -> kiroku(directory.resolve("run-" + number)));
            for (Peer peer : peers.chosen()) {
                table.measure(peer.name(), runs, number -> peer(directory.resolve("peer-" + number), peer));
            }
            return 0;
        });
    }

    private static List<Column> columns() {
        return List.of(
                new Column("CPU % of a core, agent", "%.2f"),
                new Column("CPU % of a core, collector", "%.2f"),
                new Column("resident MB agent", "%.0f"),
                new Column("peak MB agent", "%.0f"),
                new Column("p50 ms", "%.1f"),
                new Column("p99 ms", "%.1f"),
                new Column("p99.9 ms", "%.1f"),
                new Column("max ms", "%.1f"),
                new Column("lines measured", "%.0f"),
                new Column("MB/s written", "%.2f"),
                new Column("writer at most late by ms", "%.1f"));
    }

    private double[] kiroku(Path place) throws Exception {
        return Workbench.work(place, directory -> {
            Path podLogs = directory.resolve("pods");
            try (SteadyLoad load = new SteadyLoad(podLogs, files, workbench.seed());
                    Deployment deployment = new Deployment(directory, podLogs)) {
                deployment.startCollector();
                try (FaultProxy tap = new FaultProxy(deployment.port())) {
                    deployment.agentPort(tap.port());
                    deployment.startAgent();
                    deployment.awaitAcknowledged(BOUND, load.bytes());
                    Window window = window(load, deployment.agent(), deployment.collector());
                    deployment.awaitAcknowledged(BOUND, load.bytes());
                    ReceiptTimes receipts = ReceiptTimes.read(deployment.data(), tap.passed());
                    List<FilePath> sources = load.files().stream()
                            .map(file -> FilePath.of(file.toString()))
                            .toList();
                    Writes writes = load.writes();
                    return row(
                            load, window, write -> receipts.nanos(sources.get(writes.file(write)), writes.end(write)));
                }
            }
        });
    }

    private double[] peer(Path place, Peer peer) throws Exception {
        long total = lines * loaded().toSeconds();
        AtomicLongArray arrivals = new AtomicLongArray(Math.toIntExact(total));
        Protocol.Records records = (bytes, from, to, nanos) -> {
            long number = LineNumber.find(bytes, from, to);
            if (number >= 0 && number < total) {
                arrivals.set((int) number, nanos);
            }
        };
        return Workbench.work(place, directory -> {
            Path podLogs = directory.resolve("pods");
            try (SteadyLoad load = new SteadyLoad(podLogs, files, workbench.seed());
                    PeerRun run = PeerRun.start(peer, directory, podLogs, records)) {
                run.awaitRecords(BOUND, files);
                Window window = window(load, run.process(), null);
                run.awaitRecords(BOUND, files + total);
                return row(load, window, arrivals::get);
            }
        });
    }

    /** How long is written. */
    private Duration loaded() {
        return Duration.ofSeconds((long) settle + seconds).plus(WINDING_DOWN);
    }

    /**
     * What was measured while the load ran.
     *
     * @param from {@link System#nanoTime} after the settling
     * @param to and at the end
     */
    private record Window(long from, long to, double agentPercent, double collectorPercent, ProcStats agent) {}

    private Window window(SteadyLoad load, Running agent, @Nullable Running collector) throws Exception {
        try (ExecutorService writer = Executors.newSingleThreadExecutor()) {
            Future<?> writing = writer.submit(() -> {
                load.write(lines, loaded());
                return null;
            });
            TimeUnit.SECONDS.sleep(settle);
            long from = System.nanoTime();
            CpuWindow agentWindow = new CpuWindow(agent);
            CpuWindow collectorWindow = new CpuWindow(collector == null ? agent : collector);
            TimeUnit.SECONDS.sleep(seconds);
            Window window = new Window(
                    from,
                    System.nanoTime(),
                    agentWindow.percent(),
                    collector == null ? Double.NaN : collectorWindow.percent(),
                    agent.stats());
            writing.get();
            return window;
        }
    }

    private double[] row(SteadyLoad load, Window window, Writes.Arrival arrival) {
        Percentiles latencies = new Percentiles(load.writes().latencies(window.from(), window.to(), arrival));
        return new double[] {
            window.agentPercent(),
            window.collectorPercent(),
            window.agent().residentBytes() / 1e6,
            window.agent().peakBytes() / 1e6,
            latencies.at(50) / 1e6,
            latencies.at(99) / 1e6,
            latencies.at(99.9) / 1e6,
            latencies.at(100) / 1e6,
            latencies.count(),
            load.bytes() / 1e6 / loaded().toSeconds(),
            load.behindNanos() / 1e6
        };
    }
}
