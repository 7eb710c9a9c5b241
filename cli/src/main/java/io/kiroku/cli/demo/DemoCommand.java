package io.kiroku.cli.demo;

import io.kiroku.agent.Agent;
import io.kiroku.agent.config.AgentConfig;
import io.kiroku.agent.config.JournalChoice;
import io.kiroku.agent.metrics.AgentStatus;
import io.kiroku.agent.ring.WhenFull;
import io.kiroku.collector.Collector;
import io.kiroku.collector.config.CollectorConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kiroku demo}: captures a pretend node, then shows what can be asked of the evidence. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Makes a pretend node in a directory of its own: pods that write, rotate, crash, restart and are deleted"
                    + " as the kubelet and containerd have it. Captures it with an agent and a collector for about 15"
                    + " seconds, then shows the commands to try next, with their output.",
            "Touches nothing outside that directory, which stays there afterwards. Exit status 0 only if everything"
                    + " came back as it was written, the evidence verified, and one flipped byte in a copy of it was"
                    + " found."
        })
public final class DemoCommand implements Callable<Integer> {
    private static final long ROTATE_AT = 1 << 20;
    private static final long RING = 64L << 20;
    private static final long CATCH_UP_SECONDS = 30;
    private static final long STATUS_NANOS = 2_000_000_000L;
    private static final String NODE = "pretend-node";

    @Spec
    private CommandSpec spec;

    @Option(names = "--dir", paramLabel = "DIR", description = "an empty or new directory (default: a temporary one)")
    private @Nullable Path directory;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "how long the pods write, 5 to 600 (default: ${DEFAULT-VALUE})")
    private int seconds = 15;

    private long nextStatus;

    @Override
    public Integer call() throws Exception {
        if (seconds < 5 || seconds > 600) {
            throw new ParameterException(spec.commandLine(), "expected 5 to 600 seconds, found " + seconds);
        }
        PrintWriter out = spec.commandLine().getOut();
        Path root = place();
        out.printf("A pretend node under %s%n%n", root);
        List<Written> written = capture(out, root);
        boolean asItShould = new DemoTour(out, root, written).guide();
        out.printf("%nEverything is still there. To remove it: rm -rf %s%n", root);
        out.flush();
        return asItShould ? 0 : 1;
    }

    private Path place() throws IOException {
        Path chosen = directory;
        if (chosen == null) {
            return Files.createTempDirectory("kiroku-demo-").toRealPath();
        }
        Files.createDirectories(chosen);
        try (Stream<Path> files = Files.list(chosen)) {
            if (files.findAny().isPresent()) {
                throw new ParameterException(
                        spec.commandLine(), "--dir: expected an empty or new directory, found files in " + chosen);
            }
        }
        return chosen.toRealPath();
    }

    private List<Written> capture(PrintWriter out, Path root) throws IOException, InterruptedException {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Rotation rotation = Rotation.atOnce(ROTATE_AT, Duration.ofMillis(2));
        try (PretendNode node = new PretendNode(root.resolve("node"), rotation, Clock.systemUTC(), 1, false);
                Collector collector = Collector.start(new CollectorConfig(DemoTour.data(root), anyPort, anyPort));
                Agent agent = Agent.start(agentConfig(root, node, collector.port()))) {
            out.printf("  collector  listens on 127.0.0.1:%d, stores in %s%n", collector.port(), DemoTour.data(root));
            out.printf("  agent      follows %s%n%n", node.podLogs());
            try (DemoScript script = new DemoScript(node, seconds)) {
                script.play(line -> print(out, line), () -> status(out, agent.status()));
            }
            awaitReceipts(agent, node);
            nextStatus = 0;
            status(out, agent.status());
            return node.written();
        }
    }

    private static AgentConfig agentConfig(Path root, PretendNode node, int port) {
        return new AgentConfig(
                NODE,
                root.resolve("agent"),
                root.resolve("agent").resolve("keys"),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                Optional.of(node.podLogs().toString()),
                List.of(),
                JournalChoice.none(),
                RING,
                WhenFull.BLOCK,
                Optional.empty(),
                AgentConfig.PIN_BYTES,
                Optional.empty());
    }

    private static void awaitReceipts(Agent agent, PretendNode node) throws IOException, InterruptedException {
        long bytes = node.written().stream().mapToLong(Written::length).sum();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(CATCH_UP_SECONDS);
        while (!(agent.status().bytesRead() >= bytes && agent.status().isAcknowledged())) {
            if (System.nanoTime() > end) {
                throw new IOException("the %d bytes that were written had no receipt within %d s: %s"
                        .formatted(bytes, CATCH_UP_SECONDS, agent.status()));
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static void print(PrintWriter out, String line) {
        out.println(line);
        out.flush();
    }

    private void status(PrintWriter out, AgentStatus status) {
        long now = System.nanoTime();
        if (nextStatus == 0 || now - nextStatus >= 0) {
            nextStatus = now + STATUS_NANOS;
            print(
                    out,
                    "         captured %.1f MiB of %d sources in %d segments, acknowledged up to segment %d, %.1f times smaller"
                            .formatted(
                                    status.bytesRead() / (double) (1 << 20),
                                    status.sources(),
                                    status.segmentsNewest(),
                                    status.segmentsAcknowledged(),
                                    status.bytesSealed() / (double) Math.max(1, status.bytesStored())));
        }
    }
}
