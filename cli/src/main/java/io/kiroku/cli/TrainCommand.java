package io.kiroku.cli;

import io.kiroku.cli.demo.Kubelet;
import io.kiroku.cli.demo.PacedWriter;
import io.kiroku.cli.demo.PretendNode;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.cli.demo.Written;
import io.kiroku.collector.Collector;
import io.kiroku.collector.config.CollectorConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/**
 * {@code kiroku train}: makes the cache that the agent starts from (JEP 483, JEP 514, JEP 515). An agent, run by the launcher
 * as on any node, captures a pretend node for some seconds and ends. Its JVM then writes down which classes it had and how
 * its code was used. The collector and the node live in this process, so that the cache holds nothing of theirs.
 */
@Command(
        name = "train",
        hidden = true,
        description = {
            "Makes the cache of classes and profiles that the launcher gives to the JVM of the agent. Part of the"
                + " build, and to be repeated when the JDK or the jars have changed: a cache that does not fit is not"
                + " used."
        })
final class TrainCommand implements Callable<Integer> {
    private static final int PODS = 16;
    private static final long BYTES_EACH = 4 << 20;
    private static final long BYTES_PER_SECOND_EACH = 4 << 20;

    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final Duration LOOK = Duration.ofMillis(50);

    /** Relative, for a directory's name may have spaces, which part the options in KIROKU_JAVA_OPTS. */
    private static final String CACHE = "agent.aot";

    @ParentCommand
    private Kiroku kiroku;

    @Option(names = "--launcher", paramLabel = "FILE", required = true, description = "the script kiroku")
    private Path launcher;

    @Option(names = "--output", paramLabel = "FILE", required = true, description = "the cache to be made")
    private Path output;

    @Override
    public Integer call() throws InterruptedException, CommandException {
        try {
            Path cache = output.toAbsolutePath();
            Files.deleteIfExists(cache);
            Path scratch = Files.createTempDirectory(cache.getParent(), "train-");
            try {
                train(scratch);
                Files.move(scratch.resolve(CACHE), cache, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Kubelet.removeTree(scratch);
            }
        } catch (IOException | TimeoutException failure) {
            throw CommandException.failure(
                    "no cache was made for the agent, which starts without it: " + Failures.sentence(failure));
        }
        return 0;
    }

    private void train(Path scratch) throws IOException, InterruptedException, TimeoutException {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (PretendNode node = new PretendNode(scratch.resolve("node"), Rotation.NONE, Clock.systemUTC(), 1, false);
                Collector collector = Collector.start(new CollectorConfig(scratch.resolve("data"), anyPort, anyPort))) {
            Process agent = startAgent(scratch, node.podLogs(), collector.port());
            try {
                write(node);
                long bytes = node.written().stream().mapToLong(Written::length).sum();
                awaitStored(bytes, collector, agent);
                end(agent, scratch);
            } finally {
                agent.destroyForcibly();
            }
        }
    }

    private Process startAgent(Path scratch, Path podLogs, int port) throws IOException {
        ProcessBuilder agent = new ProcessBuilder(
                launcher.toAbsolutePath().toString(),
                "agent",
                "--node=train",
                "--state=" + scratch.resolve("state"),
                "--keys=" + scratch.resolve("keys"),
                "--collector=127.0.0.1:" + port,
                "--pod-logs=" + podLogs,
                "--logs=none",
                "--journal=off",
                "--ring-size=64MiB",
                "--metrics=127.0.0.1:0");
        agent.environment().put("KIROKU_NO_BUILD", "1");
        agent.environment().put("KIROKU_JAVA_OPTS", "-XX:AOTCacheOutput=%s -Xlog:aot*=error:stderr".formatted(CACHE));
        return agent.directory(scratch.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(printed(scratch).toFile())
                .start();
    }

    private static Path printed(Path scratch) {
        return scratch.resolve("agent.out");
    }

    private static void write(PretendNode node) throws IOException, InterruptedException, TimeoutException {
        List<PacedWriter> writers = new ArrayList<>();
        try {
            for (int i = 0; i < PODS; i++) {
                writers.add(PacedWriter.start(
                        node.startPod("train", "pod-" + i).start("app"), i, BYTES_PER_SECOND_EACH, BYTES_EACH));
            }
            for (PacedWriter writer : writers) {
                writer.await(BOUND.toSeconds());
            }
        } finally {
            for (PacedWriter writer : writers) {
                writer.close();
            }
        }
    }

    private static void awaitStored(long bytes, Collector collector, Process agent)
            throws IOException, InterruptedException, TimeoutException {
        long end = System.nanoTime() + BOUND.toNanos();
        while (agent.isAlive() && collector.status().rawBytes() < bytes) {
            if (System.nanoTime() - end > 0) {
                throw new TimeoutException(
                        "the agent has not delivered %d bytes of log within %d s".formatted(bytes, BOUND.toSeconds()));
            }
            TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
        }
    }

    /** The JVM makes the cache as it ends. */
    private void end(Process agent, Path scratch) throws IOException, InterruptedException, TimeoutException {
        agent.destroy();
        if (!agent.waitFor(BOUND.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new TimeoutException("the agent has not ended within %d s".formatted(BOUND.toSeconds()));
        }
        if (agent.exitValue() != 0 || !Files.exists(scratch.resolve(CACHE))) {
            String text = Files.readString(printed(scratch), StandardCharsets.UTF_8);
            if (kiroku.isVerbose()) {
                kiroku.terminal().err().print(text);
            }
            throw new IOException("the agent ended with exit status %d and made none; -v shows what it said"
                    .formatted(agent.exitValue()));
        }
    }
}
