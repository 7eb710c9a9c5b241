package io.kiroku.systemtests.loss;

import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Metrics;
import io.kiroku.systemtests.process.Ports;
import io.kiroku.systemtests.process.Program;
import io.kiroku.systemtests.process.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An agent and a collector as processes that can be stopped, killed and started again. */
final class Deployment implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration END = Duration.ofSeconds(30);

    private final Path base;
    private final Path podLogs;
    private final Program program;
    private final int port = Ports.free();
    private final int http = Ports.free();
    private final int metricsPort = Ports.free();
    private final Metrics metrics = new Metrics(metricsPort);
    private @Nullable Running collector;
    private @Nullable Running agent;
    private double cpuSecondsOfFormerAgents;

    /**
     * @param base a directory
     * @param podLogs what the agent follows
     */
    Deployment(Path base, Path podLogs) throws IOException {
        this.base = base;
        this.podLogs = podLogs;
        this.program = new Program(Files.createDirectories(base.resolve("output")));
    }

    Program program() {
        return program;
    }

    /** The collector's directory. */
    Path data() {
        return base.resolve("data");
    }

    /** Where the collector speaks HTTP. */
    int http() {
        return http;
    }

    void startCollector() throws Exception {
        Running started = program.start(
                "collector",
                "collector",
                "--data",
                data().toString(),
                "--listen",
                "127.0.0.1:" + port,
                "--http",
                "127.0.0.1:" + http);
        collector = started;
        Await.until(START, "the collector to listen", started::tail, () -> {
            if (!started.isAlive()) {
                throw new AssertionError("the collector ended%n%s".formatted(started.tail()));
            }
            return Ports.answers(port) && Ports.answers(http);
        });
    }

    void startAgent() throws Exception {
        agent = program.start(
                "agent",
                "agent",
                "--node",
                "node-a",
                "--state",
                base.resolve("state").toString(),
                "--collector",
                "127.0.0.1:" + port,
                "--pod-logs",
                podLogs.toString(),
                "--metrics",
                "127.0.0.1:" + metricsPort);
        Await.until(START, "the agent to be up", agent()::tail, () -> Ports.answers(metricsPort));
    }

    Running collector() {
        if (collector == null) {
            throw new IllegalStateException("no collector was started");
        }
        return collector;
    }

    Running agent() {
        if (agent == null) {
            throw new IllegalStateException("no agent was started");
        }
        return agent;
    }

    /** SIGKILL. */
    void killAgent() throws Exception {
        cpuSecondsOfFormerAgents += agent().stats().cpuSeconds();
        agent().kill();
    }

    /** SIGTERM, and its end is waited for. */
    void endAgent() throws Exception {
        cpuSecondsOfFormerAgents += agent().stats().cpuSeconds();
        agent().terminate(END);
    }

    /** Of all agents so far, one after the other. */
    double agentCpuSeconds() throws IOException {
        return cpuSecondsOfFormerAgents + (agent().isAlive() ? agent().stats().cpuSeconds() : 0);
    }

    /** Whether the agent has read all that it knows to be there, and has a receipt for all that it sealed. */
    boolean isCaughtUp() throws InterruptedException {
        Map<String, Double> now = metrics.read();
        return now.getOrDefault("kiroku_agent_connected", 0.0) == 1
                && now.getOrDefault("kiroku_agent_pending_bytes", 1.0) == 0
                && now.getOrDefault("kiroku_agent_newest_segment", 0.0)
                        .equals(now.get("kiroku_agent_acknowledged_segment"));
    }

    /** What both printed last. */
    String tails() {
        return (collector == null ? "" : collector.tail()) + (agent == null ? "" : agent.tail());
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
