package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.PretendNode;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.cli.demo.Written;
import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Deployment;
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
    private final Deployment deployment;
    private final long seed;
    private final List<PretendNode> nodes = new ArrayList<>();
    private final List<Running> others = new ArrayList<>();
    private final List<Written> alsoWritten = new ArrayList<>();
    private final Captured captured;

    /** @param base an empty directory */
    public Site(Path base) throws IOException {
        this.base = base;
        this.deployment = new Deployment(base, podLogs());
        this.captured = new Captured(data());
        this.seed = Long.getLong("kiroku.seed", System.nanoTime());
        System.out.printf("seed %d (repeat with -Dkiroku.seed=%d)%n", seed, seed);
        Files.createDirectories(podLogs());
    }

    public Program program() {
        return deployment.program();
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
        return deployment.data();
    }

    /** The agent's directory. */
    public Path state() {
        return deployment.state();
    }

    public Path podLogs() {
        return base.resolve("node/pods");
    }

    /** Where the collector listens for agents. */
    public int port() {
        return deployment.port();
    }

    /** Where the collector speaks HTTP. */
    public int http() {
        return deployment.http();
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
        deployment.collectorPrefix(List.of(prefix));
    }

    /** What the collector is told besides where it keeps its data and listens. */
    public void collectorOptions(String... options) {
        deployment.collectorOptions(List.of(options));
    }

    /** Starts the collector, and returns when it listens. */
    public void startCollector() throws Exception {
        deployment.startCollector();
    }

    /** Starts the collector, whatever comes of it. */
    public Running launchCollector() throws IOException {
        return deployment.launchCollector();
    }

    /** What the agent is run by, such as a command that takes privileges away. */
    public void agentPrefix(String... prefix) {
        deployment.agentPrefix(List.of(prefix));
    }

    /** Where the agent is told that its collector is. */
    public void agentPort(int other) {
        deployment.agentPort(other);
    }

    /** Starts the agent on the pods' directory. */
    public Running startAgent(String... more) throws IOException {
        return deployment.launchAgent(state(), more);
    }

    public Running startAgentOn(Path stateDirectory, String... more) throws IOException {
        return deployment.launchAgent(stateDirectory, more);
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
        return deployment.hasAgent();
    }

    public Running agent() {
        return deployment.agent();
    }

    public Running collector() {
        return deployment.collector();
    }

    /** Ends a process with the rest of this site. */
    public Running keep(Running other) {
        others.add(other);
        return other;
    }

    /** What the agent says of itself; empty while it does not. */
    public Map<String, Double> agentMetrics() throws InterruptedException {
        return deployment.agentMetrics();
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
            Outcome outcome = program()
                    .run(
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
        Outcome outcome = program().run("verify", data().toString());
        assertThat(outcome.exit()).as("%s%s", outcome, tails()).isZero();
        assertThat(outcome.text()).containsIgnoringCase("integrity").containsIgnoringCase("completeness");
        return outcome;
    }

    /** What the processes printed last, for a failure's message. */
    public String tails() {
        return deployment.tails();
    }

    /** Ends agent and collector as an operator does; both end well. */
    public void shutDown() throws Exception {
        if (hasAgent() && agent().isAlive()) {
            assertThat(agent().terminate(END))
                    .as("exit status%n%s", agent().tail())
                    .isIn(0, 143);
        }
        if (deployment.hasCollector() && collector().isAlive()) {
            assertThat(collector().terminate(END))
                    .as("exit status%n%s", collector().tail())
                    .isIn(0, 143);
        }
    }

    @Override
    public void close() throws IOException {
        deployment.close();
        others.forEach(Running::close);
        for (PretendNode node : nodes) {
            node.close();
        }
    }
}
