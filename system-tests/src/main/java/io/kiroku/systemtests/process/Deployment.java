package io.kiroku.systemtests.process;

import io.kiroku.tls.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An agent and a collector under one directory, as processes that can be stopped, killed and started again. */
public final class Deployment implements AutoCloseable {
    /** Each look is a scrape, which the agent answers with CPU of its own. */
    private static final Duration LOOK = Duration.ofMillis(100);

    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration END = Duration.ofSeconds(30);

    private final Path base;
    private final Path podLogs;
    private final Program program;
    private final int port = Ports.free();
    private final int http = Ports.free();
    private final int metricsPort = Ports.free();
    private final Metrics metrics = new Metrics(metricsPort);
    private List<String> agentPrefix = List.of();
    private List<String> collectorPrefix = List.of();
    private List<String> collectorOptions = List.of();
    private List<String> agentOptions = List.of();
    private int agentPort = port;
    private @Nullable Running collector;
    private @Nullable Running agent;
    private double cpuSecondsOfFormerAgents;

    /**
     * @param base a directory
     * @param podLogs what the agent follows
     */
    public Deployment(Path base, Path podLogs) throws IOException {
        this.base = base;
        this.podLogs = podLogs;
        this.program = new Program(Files.createDirectories(base.resolve("output")));
    }

    public Program program() {
        return program;
    }

    /** The collector's directory. */
    public Path data() {
        return base.resolve("data");
    }

    /** The agent's directory. */
    public Path state() {
        return base.resolve("state");
    }

    /** Where the collector listens for agents. */
    public int port() {
        return port;
    }

    /** Where the collector speaks HTTP. */
    public int http() {
        return http;
    }

    /** What the agent is run by, such as a command that takes privileges away. */
    public void agentPrefix(List<String> prefix) {
        agentPrefix = List.copyOf(prefix);
    }

    /** What the collector is run by. */
    public void collectorPrefix(List<String> prefix) {
        collectorPrefix = List.copyOf(prefix);
    }

    /** What the collector is told besides where it keeps its data and listens. */
    public void collectorOptions(List<String> options) {
        collectorOptions = List.copyOf(options);
    }

    /** Agent and collector speak TLS from now on, with certificates of an authority that is made for them. */
    public void speakTls() throws IOException {
        TestAuthority authority = new TestAuthority("authority");
        Path collectorTls = authority.write(base.resolve("collector-tls"), authority.issue("collector", "127.0.0.1"));
        Path agentTls = authority.write(base.resolve("agent-tls"), authority.issue("node-a"));
        collectorOptions = List.of("--tls", collectorTls.toString());
        agentOptions = List.of("--tls", agentTls.toString());
    }

    /** Where the agent is told that its collector is. */
    public void agentPort(int other) {
        agentPort = other;
    }

    /** Starts the collector, and returns when it listens. */
    public void startCollector() throws Exception {
        Running started = launchCollector();
        Await.until(
                START, "the collector to listen on the ports %d and %d".formatted(port, http), started::tail, () -> {
                    if (!started.isAlive()) {
                        throw new AssertionError("the collector ended%n%s".formatted(started.tail()));
                    }
                    return Ports.answers(port) && Ports.answers(http);
                });
    }

    /** Starts the collector, whatever comes of it. */
    public Running launchCollector() throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "collector",
                "--data",
                data().toString(),
                "--listen",
                "127.0.0.1:" + port,
                "--http",
                "127.0.0.1:" + http));
        arguments.addAll(collectorOptions);
        Running started = program.start("collector", collectorPrefix, arguments.toArray(String[]::new));
        collector = started;
        return started;
    }

    /** Starts the agent, and returns when it can be asked for its metrics. */
    public void startAgent() throws Exception {
        Running started = launchAgent(state());
        Await.until(START, "the agent to be up", started::tail, () -> Ports.answers(metricsPort));
    }

    /**
     * Starts the agent, whatever comes of it.
     *
     * @param state its directory
     * @param more arguments
     */
    public Running launchAgent(Path state, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "agent",
                "--node",
                "node-a",
                "--state",
                state.toString(),
                "--collector",
                "127.0.0.1:" + agentPort,
                "--pod-logs",
                podLogs.toString()));
        arguments.addAll(agentOptions);
        arguments.addAll(List.of(more));
        // This machine's own journal and logs are no test's business.
        if (!arguments.contains("--journal")) {
            arguments.addAll(List.of("--journal", "off"));
        }
        if (!arguments.contains("--logs")) {
            arguments.addAll(List.of("--logs", "none"));
        }
        if (!arguments.contains("--metrics")) {
            // Other agents on this machine may have the port that is the default.
            arguments.addAll(List.of("--metrics", "127.0.0.1:" + metricsPort));
        }
        Running started = program.start("agent", agentPrefix, arguments.toArray(String[]::new));
        agent = started;
        return started;
    }

    /** Whether an agent was ever started. */
    public boolean hasAgent() {
        return agent != null;
    }

    /** Whether a collector was ever started. */
    public boolean hasCollector() {
        return collector != null;
    }

    public Running collector() {
        if (collector == null) {
            throw new IllegalStateException("no collector was started");
        }
        return collector;
    }

    public Running agent() {
        if (agent == null) {
            throw new IllegalStateException("no agent was started");
        }
        return agent;
    }

    /** SIGKILL. */
    public void killAgent() throws Exception {
        cpuSecondsOfFormerAgents += agent().stats().cpuSeconds();
        agent().kill();
    }

    /** SIGTERM, and its end is waited for. */
    public void endAgent() throws Exception {
        cpuSecondsOfFormerAgents += agent().stats().cpuSeconds();
        agent().terminate(END);
    }

    /** Of all agents so far, one after the other. */
    public double agentCpuSeconds() throws IOException {
        return cpuSecondsOfFormerAgents + (agent().isAlive() ? agent().stats().cpuSeconds() : 0);
    }

    /** What the agent says of itself; empty while it does not. */
    public Map<String, Double> agentMetrics() throws InterruptedException {
        return metrics.read();
    }

    /** Whether the agent has read all that it knows to be there, and has a receipt for all that it sealed. */
    public boolean isCaughtUp() throws InterruptedException {
        Map<String, Double> now = metrics.read();
        return now.getOrDefault("kiroku_agent_connected", 0.0) == 1
                && now.getOrDefault("kiroku_agent_pending_bytes", 1.0) == 0
                && isAcknowledged(now);
    }

    /**
     * Waits until every byte is in a segment, and the newest segment has its receipt.
     *
     * @param bytes of log that the agent has to find
     * @throws AssertionError if the agent ends before, or does not get there within the bound
     */
    public void awaitAcknowledged(Duration bound, long bytes) throws Exception {
        Await.until(bound, LOOK, "a receipt for all %d bytes".formatted(bytes), this::tails, () -> {
            if (!agent().isAlive()) {
                throw new AssertionError("the agent ended%n%s".formatted(agent().tail()));
            }
            Map<String, Double> now = metrics.read();
            return now.getOrDefault("kiroku_agent_sealed_bytes_total", 0.0) >= bytes && isAcknowledged(now);
        });
    }

    private static boolean isAcknowledged(Map<String, Double> metrics) {
        return metrics.getOrDefault("kiroku_agent_newest_segment", 0.0)
                .equals(metrics.get("kiroku_agent_acknowledged_segment"));
    }

    /** What both printed last, for a failure's message. */
    public String tails() {
        return (collector == null ? "" : System.lineSeparator() + collector.tail())
                + (agent == null ? "" : System.lineSeparator() + agent.tail());
    }

    @Override
    public void close() {
        if (agent != null) {
            agent.close();
        }
        if (collector != null) {
            collector.close();
        }
    }
}
