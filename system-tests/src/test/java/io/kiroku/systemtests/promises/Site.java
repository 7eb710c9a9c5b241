package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.PretendNode;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.cli.demo.Written;
import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Metrics;
import io.kiroku.systemtests.process.Ports;
import io.kiroku.systemtests.process.Program;
import io.kiroku.systemtests.process.Program.Outcome;
import io.kiroku.systemtests.process.Running;
import io.kiroku.systemtests.store.Captured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A pretend node, an agent and a collector under one directory, the latter two as processes that can be killed and
 * started again. Everything ends with {@link #close}.
 */
public final class Site implements AutoCloseable {
    /** The long form of the tests, for a soak. */
    public static final boolean FULL = Boolean.getBoolean("kiroku.full");

    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration END = Duration.ofSeconds(20);

    private final Path base;
    private final Program program;
    private final long seed;
    private final int port = Ports.free();
    private final int http = Ports.free();
    private final int metrics = Ports.free();
    private final List<PretendNode> nodes = new ArrayList<>();
    private final List<Running> others = new ArrayList<>();
    private final List<Written> alsoWritten = new ArrayList<>();
    private final Captured captured;
    private List<String> agentPrefix = List.of();
    private List<String> collectorPrefix = List.of();
    private int agentPort = port;
    private @Nullable Running collector;
    private @Nullable Running agent;

    /** @param base an empty directory */
    public Site(Path base) throws IOException {
        this.base = base;
        this.program = new Program(Files.createDirectory(base.resolve("output")));
        this.captured = new Captured(data());
        this.seed = Long.getLong("kiroku.seed", System.nanoTime());
        System.out.printf("seed %d (repeat with -Dkiroku.seed=%d)%n", seed, seed);
        Files.createDirectories(podLogs());
    }

    public Program program() {
        return program;
    }

    /** A source of chance that begins with this run's seed. */
    public Random random() {
        return new Random(seed);
    }

    public long seed() {
        return seed;
    }

    public Path base() {
        return base;
    }

    /** The collector's directory. */
    public Path data() {
        return base.resolve("data");
    }

    /** The agent's directory. */
    public Path state() {
        return base.resolve("state");
    }

    public Path podLogs() {
        return base.resolve("node/pods");
    }

    /** Where the collector listens for agents. */
    public int port() {
        return port;
    }

    /** Where the collector speaks HTTP. */
    public int http() {
        return http;
    }

    public Captured captured() {
        return captured;
    }

    /** The pretend node of this site; called again, another kubelet on the same directory, with habits of its own. */
    public PretendNode node(Rotation rotation) throws IOException {
        PretendNode node =
                new PretendNode(base.resolve("node"), rotation, Clock.systemUTC(), seed + nodes.size(), false);
        nodes.add(node);
        return node;
    }

    /** What the collector is run by. */
    public void collectorPrefix(String... prefix) {
        collectorPrefix = List.of(prefix);
    }

    /** Starts the collector, and returns when it listens. */
    public void startCollector() throws Exception {
        Running started = launchCollector();
        Await.until(
                START,
                "the collector to listen on the ports %d and %d".formatted(port, http),
                started::tail,
                () -> !started.isAlive() || (Ports.answers(port) && Ports.answers(http)));
        assertThat(started.isAlive()).as(started.tail()).isTrue();
    }

    /** Starts the collector, whatever comes of it. */
    public Running launchCollector() throws IOException {
        Running started = program.start(
                "collector",
                collectorPrefix,
                "collector",
                "--data",
                data().toString(),
                "--listen",
                "127.0.0.1:" + port,
                "--http",
                "127.0.0.1:" + http);
        collector = started;
        return started;
    }

    /** What the agent is run by, such as a command that takes privileges away. */
    public void agentPrefix(String... prefix) {
        agentPrefix = List.of(prefix);
    }

    /** Where the agent is told that its collector is. */
    public void agentPort(int other) {
        agentPort = other;
    }

    /** Starts the agent on the pods' directory. */
    public Running startAgent(String... more) throws IOException {
        return startAgentOn(state(), more);
    }

    public Running startAgentOn(Path stateDirectory, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "agent",
                "--node",
                "node-a",
                "--state",
                stateDirectory.toString(),
                "--collector",
                "127.0.0.1:" + agentPort,
                "--pod-logs",
                podLogs().toString()));
        arguments.addAll(List.of(more));
        if (!arguments.contains("--metrics")) {
            // Other agents on this machine may have the port that is the default.
            arguments.addAll(List.of("--metrics", "127.0.0.1:" + metrics));
        }
        Running started = program.start("agent", agentPrefix, arguments.toArray(String[]::new));
        agent = started;
        return started;
    }

    /** The agent is up and has a place in the collector's store. */
    public void awaitFirstSegment() throws Exception {
        Await.until(START, "a first segment in the store", this::tails, () -> {
            assertThat(agent().isAlive()).as("the agent is alive%n%s", tails()).isTrue();
            return captured.look().segmentCount() > 0;
        });
    }

    /** Whether an agent was ever started. */
    public boolean hasAgent() {
        return agent != null;
    }

    public Running agent() {
        if (agent == null) {
            throw new IllegalStateException("no agent was started");
        }
        return agent;
    }

    public Running collector() {
        if (collector == null) {
            throw new IllegalStateException("no collector was started");
        }
        return collector;
    }

    /** Ends a process with the rest of this site. */
    public Running keep(Running other) {
        others.add(other);
        return other;
    }

    /** What the agent says of itself; empty while it does not. */
    public Map<String, Double> agentMetrics() throws InterruptedException {
        return new Metrics(metrics).read();
    }

    /** The truth about logs that are not the pretend nodes'. */
    public void alsoWritten(List<Written> logs) {
        alsoWritten.addAll(logs);
    }

    /** The truth about all that was written on this site. */
    public List<Written> written() {
        List<Written> all = new ArrayList<>(alsoWritten);
        nodes.forEach(node -> all.addAll(node.written()));
        return all;
    }

    /** Waits until the store holds as many bytes of every log as were written. */
    public void awaitCaptured(Duration bound) throws Exception {
        Await.until(bound, "all that was written to be stored", this::missing, () -> {
            captured.look();
            return written().stream().allMatch(log -> captured.bytesOf(log.live()) >= log.length());
        });
    }

    private String missing() {
        StringBuilder missing = new StringBuilder();
        for (Written log : written()) {
            long bytes = captured.bytesOf(log.live());
            if (bytes < log.length()) {
                missing.append("%n%s: %d of %d bytes".formatted(log, bytes, log.length()));
            }
        }
        return missing + tails();
    }

    /** For every log: what the command prints of it is, byte for byte, what was written; and nothing is stored twice. */
    public void assertBitExact() throws Exception {
        for (Written log : written()) {
            Outcome outcome = program.run(
                    "logs",
                    "--data",
                    data().toString(),
                    "-n",
                    log.namespace(),
                    log.pod(),
                    "-c",
                    log.container(),
                    "--restart",
                    Integer.toString(log.restart()),
                    "--raw");
            assertThat(outcome.exit()).as("%s", outcome).isZero();
            assertThat(Files.size(outcome.stdout())).as("length of %s", log).isEqualTo(log.length());
            assertThat(Digests.sha256(outcome.stdout()))
                    .as("SHA-256 of %s", log)
                    .isEqualTo(log.sha256());
            Files.delete(outcome.stdout());
        }
        assertThat(captured.look().repeated()).as("stored twice").isEmpty();
    }

    /** Both verdicts hold, and no loss was declared. */
    public void assertVerifiedWithoutGaps() throws Exception {
        Outcome outcome = assertVerified();
        assertThat(captured.look().gaps()).as("declared gaps%n%s", outcome).isEmpty();
    }

    /** Both verdicts hold. */
    public Outcome assertVerified() throws Exception {
        Outcome outcome = program.run("verify", data().toString());
        assertThat(outcome.exit()).as("%s%s", outcome, tails()).isZero();
        assertThat(outcome.text()).containsIgnoringCase("integrity").containsIgnoringCase("completeness");
        return outcome;
    }

    /** What the processes printed last, for a failure's message. */
    public String tails() {
        StringBuilder tails = new StringBuilder();
        if (collector != null) {
            tails.append(System.lineSeparator()).append(collector.tail());
        }
        if (agent != null) {
            tails.append(System.lineSeparator()).append(agent.tail());
        }
        return tails.toString();
    }

    /** Ends agent and collector as an operator does; both end well. */
    public void shutDown() throws Exception {
        if (agent != null && agent.isAlive()) {
            assertThat(agent.terminate(END)).as("exit status%n%s", agent.tail()).isIn(0, 143);
        }
        if (collector != null && collector.isAlive()) {
            assertThat(collector.terminate(END))
                    .as("exit status%n%s", collector.tail())
                    .isIn(0, 143);
        }
    }

    @Override
    public void close() throws IOException {
        if (agent != null) {
            agent.close();
        }
        if (collector != null) {
            collector.close();
        }
        others.forEach(Running::close);
        for (PretendNode node : nodes) {
            node.close();
        }
    }
}
