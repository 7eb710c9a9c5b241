package io.kiroku.systemtests.bench;

import io.kiroku.systemtests.bench.RunTable.Column;
import io.kiroku.systemtests.peers.Peer;
import io.kiroku.systemtests.peers.PeerRun;
import io.kiroku.systemtests.peers.Peers;
import io.kiroku.systemtests.process.Deployment;
import io.kiroku.systemtests.process.ProcStats;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How fast an agent that finds logs which nobody has read yet gets them to a receipt, and at what cost. */
@Command(
        name = "catch-up",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description = {
            "Measures catch-up: a generated corpus of container logs, from the agent's start until the collector on the"
                    + " same machine has acknowledged all of it.",
            "The files are in the page cache. The limit is measured in this JVM over the same files. Other agents send"
                    + " to a sink in this JVM that counts, and are done when it has counted every line."
        })
final class CatchUp implements Callable<Integer> {
    private static final double GIBI = 1 << 30;

    @Option(names = "--size", paramLabel = "SIZE", description = "bytes of log (default 512MiB)")
    private ByteSize size = new ByteSize(512 << 20);

    @Option(names = "--files", paramLabel = "N", description = "number of log files (default ${DEFAULT-VALUE})")
    private int files = 50;

    @Option(names = "--runs", paramLabel = "N", description = "how often to measure (default ${DEFAULT-VALUE})")
    private int runs = 3;

    @Option(names = "--tls", description = "agent and collector speak TLS")
    private boolean tls;

    @Mixin
    private Workbench workbench = new Workbench();

    @Mixin
    private Peers peers = new Peers();

    @Override
    public Integer call() throws Exception {
        return workbench.work(directory -> {
            Workbench.progress("generating %d files, %s".formatted(files, size));
            Corpus corpus = Corpus.generate(directory.resolve("pods"), files, size.bytes(), workbench.seed());
            Workbench.progress("measuring the limit");
            Limit raw = Limit.measure(corpus.files(), Limit.Digest.RAW_BYTES);
            Limit stored = Limit.measure(corpus.files(), Limit.Digest.STORED_BYTES);
            Workbench.title(
                    directory,
                    "Catch-up, agent to receipt: %d files, %s, %,d lines".formatted(files, size, corpus.lines()));
            RunTable table = new RunTable(System.out, columns());
            table.row("limit: read + LZ4 + SHA-256 of the raw bytes, one core", row(raw, raw));
            table.row("read + LZ4 + SHA-256 of the stored bytes, one core", row(stored, raw));
            table.measure(
                    tls ? "kiroku, TLS" : "kiroku",
                    runs,
                    number -> kiroku(directory.resolve("run-" + number), corpus, raw));
            for (Peer peer : peers.chosen()) {
                table.measure(
                        peer.name(), runs, number -> peer(directory.resolve("peer-" + number), peer, corpus, raw));
            }
            return 0;
        });
    }

    private static List<Column> columns() {
        return List.of(
                new Column("MB/s", "%.0f"),
                new Column("CPU-s/GiB agent", "%.2f"),
                new Column("CPU-s/GiB collector", "%.2f"),
                new Column("peak MB agent", "%.0f"),
                new Column("resident MB agent, at the end", "%.0f"),
                new Column("peak MB collector", "%.0f"),
                new Column("resident MB collector, at the end", "%.0f"),
                new Column("wire/raw", "%.3f"),
                new Column("% of the limit", "%.0f"));
    }

    private static double[] row(Limit limit, Limit whole) {
        return new double[] {
            limit.bytesPerSecond() / 1e6,
            limit.cpuSecondsPerGibibyte(),
            Double.NaN,
            Double.NaN,
            Double.NaN,
            Double.NaN,
            Double.NaN,
            limit.ratio(),
            100 * limit.bytesPerSecond() / whole.bytesPerSecond()
        };
    }

    private double[] kiroku(Path place, Corpus corpus, Limit limit) throws Exception {
        return Workbench.work(place, directory -> {
            try (Deployment deployment = new Deployment(directory, corpus.podLogs())) {
                if (tls) {
                    deployment.speakTls();
                }
                CatchUpRun run = CatchUpRun.play(deployment, corpus);
                double perSecond = corpus.bytes() / run.seconds();
                return new double[] {
                    perSecond / 1e6,
                    run.agent().cpuSeconds() / (corpus.bytes() / GIBI),
                    run.collector().cpuSeconds() / (corpus.bytes() / GIBI),
                    run.agent().peakBytes() / 1e6,
                    run.agent().residentBytes() / 1e6,
                    run.collector().peakBytes() / 1e6,
                    run.collector().residentBytes() / 1e6,
                    (double) CatchUpRun.wireBytes(deployment.data()) / corpus.bytes(),
                    100 * perSecond / limit.bytesPerSecond()
                };
            }
        });
    }

    private static double[] peer(Path place, Peer peer, Corpus corpus, Limit limit) throws Exception {
        return Workbench.work(place, directory -> {
            long start = System.nanoTime();
            try (PeerRun run = PeerRun.start(peer, directory, corpus.podLogs(), PeerRun.IGNORE)) {
                run.awaitRecords(CatchUpRun.BOUND, corpus.lines());
                double perSecond = corpus.bytes() / ((System.nanoTime() - start) / 1e9);
                ProcStats stats = run.process().stats();
                return new double[] {
                    perSecond / 1e6,
                    stats.cpuSeconds() / (corpus.bytes() / GIBI),
                    Double.NaN,
                    stats.peakBytes() / 1e6,
                    stats.residentBytes() / 1e6,
                    Double.NaN,
                    Double.NaN,
                    (double) run.sink().receivedBytes() / corpus.bytes(),
                    100 * perSecond / limit.bytesPerSecond()
                };
            }
        });
    }
}
