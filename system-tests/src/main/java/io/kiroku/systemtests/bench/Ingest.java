package io.kiroku.systemtests.bench;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.wire.FrameCodec;
import io.kiroku.systemtests.bench.RunTable.Column;
import io.kiroku.systemtests.process.Deployment;
import io.kiroku.systemtests.process.ProcStats;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How much a collector takes, and at what cost. */
@Command(
        name = "ingest",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description = {
            "Measures the collector alone: streams that were sealed before are sent over loopback, a connection each,"
                    + " as fast as it takes them, from when all are welcomed until the last receipt has come.",
            "The sender lets the kernel copy files from the page cache into the sockets. The limit is one core that"
                    + " digests and decompresses the same segments, measured in this JVM."
        })
final class Ingest implements Callable<Integer> {
    private static final double GIBI = 1 << 30;

    @Option(
            names = "--agents",
            paramLabel = "N",
            split = ",",
            description = "numbers of agents at once, one row each (default 1,10,200)")
    private List<Integer> agents = List.of(1, 10, 200);

    @Option(names = "--size", paramLabel = "SIZE", description = "bytes of log, of all agents together (default 1GiB)")
    private ByteSize size = new ByteSize(1 << 30);

    @Option(names = "--runs", paramLabel = "N", description = "how often to measure (default ${DEFAULT-VALUE})")
    private int runs = 3;

    @Mixin
    private Workbench workbench = new Workbench();

    @Override
    public Integer call() throws Exception {
        return workbench.work(directory -> {
            Workbench.title(
                    directory,
                    "Ingest: %s of log in sealed segments. The disk: %s, %s"
                            .formatted(
                                    size, SyncRate.measure(directory, 4 << 10), SyncRate.measure(directory, 1 << 20)));
            RunTable table = new RunTable(System.out, columns());
            boolean first = true;
            for (int count : agents) {
                Path place = Files.createDirectory(directory.resolve("agents-" + count));
                Workbench.progress("sealing %d streams".formatted(count));
                List<PreparedChain> chains = prepare(place, count);
                if (first) {
                    StoredLimit limit =
                            StoredLimit.measure(sample(chains.getFirst().frames()));
                    table.row(
                            "limit: SHA-256 of the stored bytes + LZ4, one core",
                            limit.rawBytesPerSecond() / 1e6,
                            limit.cpuSecondsPerGibibyte(),
                            limit.rawBytesPerSecond() / 1e6,
                            Double.NaN,
                            Double.NaN,
                            Double.NaN);
                    first = false;
                }
                table.measure(
                        count == 1 ? "1 agent" : count + " agents",
                        runs,
                        number -> run(directory.resolve("run-" + number), chains));
                for (PreparedChain chain : chains) {
                    Files.delete(chain.frames());
                }
            }
            return 0;
        });
    }

    private static List<Column> columns() {
        return List.of(
                new Column("raw MB/s", "%.0f"),
                new Column("CPU-s/GiB collector", "%.2f"),
                new Column("raw MB per CPU-s", "%.0f"),
                new Column("peak MB collector", "%.0f"),
                new Column("resident MB collector, at the end", "%.0f"),
                new Column("segments", "%.0f"));
    }

    private List<PreparedChain> prepare(Path place, int count) throws IOException, MalformedException {
        List<PreparedChain> chains = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            chains.add(PreparedChain.seal(
                    place.resolve("chain-" + i), "node-" + i, size.bytes() / count, workbench.seed() + i));
        }
        return chains;
    }

    private static double[] run(Path place, List<PreparedChain> chains) throws Exception {
        return Workbench.work(place, directory -> {
            List<ChainSender> senders = new ArrayList<>();
            try (Deployment deployment = new Deployment(directory, directory.resolve("none"))) {
                deployment.startCollector();
                for (PreparedChain chain : chains) {
                    senders.add(new ChainSender(chain, deployment.port()));
                }
                ProcStats before = deployment.collector().stats();
                long start = System.nanoTime();
                senders.forEach(ChainSender::start);
                for (ChainSender sender : senders) {
                    sender.await();
                }
                double seconds = (System.nanoTime() - start) / 1e9;
                ProcStats after = deployment.collector().stats();
                long raw = chains.stream().mapToLong(PreparedChain::rawBytes).sum();
                double cpuSeconds = after.cpuSeconds() - before.cpuSeconds();
                return new double[] {
                    raw / 1e6 / seconds,
                    cpuSeconds / (raw / GIBI),
                    raw / 1e6 / cpuSeconds,
                    after.peakBytes() / 1e6,
                    after.residentBytes() / 1e6,
                    chains.stream().mapToLong(PreparedChain::segments).sum()
                };
            } finally {
                for (ChainSender sender : senders) {
                    sender.close();
                }
            }
        });
    }

    /** The first segments of a chain. */
    private static List<Segment> sample(Path frames) throws IOException, MalformedException {
        List<Segment> segments = new ArrayList<>();
        try (FileChannel channel = FileChannel.open(frames)) {
            long at = 0;
            long end = Math.min(channel.size(), StoredLimit.SAMPLE);
            while (at < end) {
                ByteBuffer prefix = read(channel, at, FrameCodec.SEGMENT_PREFIX);
                int length = prefix.getInt(0) - 1;
                segments.add(Segment.of(read(channel, at + FrameCodec.SEGMENT_PREFIX, length)));
                at += FrameCodec.SEGMENT_PREFIX + length;
            }
        }
        return segments;
    }

    private static ByteBuffer read(FileChannel channel, long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, at + bytes.position()) < 0) {
                throw new IOException("a prepared chain that ends within a frame");
            }
        }
        return bytes.flip();
    }
}
