package io.kiroku.systemtests.loss;

import io.kiroku.cli.demo.PacedWriter;
import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.PretendNode;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.cli.demo.Written;
import io.kiroku.systemtests.lines.LineAudit;
import io.kiroku.systemtests.lines.NumberedLines;
import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Deployment;
import io.kiroku.systemtests.process.Program;
import io.kiroku.systemtests.store.Captured;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;

/** A pretend node with an agent and a collector, on which a load is played, and what came of it is reckoned up. */
public final class Stage implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration SETTLE = Duration.ofMinutes(5);

    /** After so long without anything new in the store, from an agent that has sent all it knows of, no more is expected. */
    private static final long QUIET_NANOS = Duration.ofSeconds(5).toNanos();

    private static final int READERS = 4;

    private final Path base;
    private final long seed;
    private final Deployment deployment;
    private final Captured captured;
    private final List<PretendNode> nodes = new ArrayList<>();
    private final Map<Path, LongSupplier> lines = new ConcurrentHashMap<>();

    private Stage(Path base, long seed) throws IOException {
        this.base = base;
        this.seed = seed;
        // The node is there before the agent looks for it.
        node(Rotation.NONE);
        this.deployment = new Deployment(base, nodes.getFirst().podLogs());
        this.captured = new Captured(deployment.data());
    }

    /**
     * Plays a load.
     *
     * @param base an empty directory
     * @param seed of all that is written
     */
    public static Outcome play(Path base, long seed, Load load) throws Exception {
        try (Stage stage = new Stage(base, seed)) {
            stage.deployment.startCollector();
            stage.deployment.startAgent();
            Await.until(START, "a first segment in the store", stage.deployment::tails, () -> {
                return stage.captured.look().segmentCount() > 0;
            });
            long start = System.nanoTime();
            load.play(stage);
            stage.settle();
            double cpuSeconds = stage.deployment.agentCpuSeconds();
            double seconds = (System.nanoTime() - start) / 1e9;
            return stage.reckon(cpuSeconds, seconds);
        }
    }

    Deployment deployment() {
        return deployment;
    }

    /** A kubelet with these habits; each call another one, all on the same pods' directory. */
    PretendNode node(Rotation rotation) throws IOException {
        PretendNode node =
                new PretendNode(base.resolve("node"), rotation, Clock.systemUTC(), seed + nodes.size(), false);
        nodes.add(node);
        return node;
    }

    /** Writes numbered lines in a container. */
    PacedWriter write(PretendContainer container, long bytesPerSecond, long bytes) {
        NumberedLines numbered = new NumberedLines(seed + lines.size());
        lines.put(liveLog(container), numbered::count);
        return PacedWriter.start(container, numbered, bytesPerSecond, bytes);
    }

    /** Prints numbered lines in a container. */
    Printer printer(PretendContainer container) {
        Printer printer = new Printer(container);
        lines.put(liveLog(container), printer::count);
        return printer;
    }

    private static Path liveLog(PretendContainer container) {
        return container.written().getLast().live();
    }

    private List<Written> written() {
        List<Written> all = new ArrayList<>();
        nodes.forEach(node -> all.addAll(node.written()));
        return all;
    }

    /** Waits until all is stored, or nothing more comes. */
    private void settle() throws Exception {
        List<Written> logs = written();
        Quiet quiet = new Quiet();
        Await.until(
                SETTLE,
                "the store to settle",
                deployment::tails,
                () -> quiet.isLong() || logs.stream().allMatch(log -> captured.bytesOf(log.live()) >= log.length()));
    }

    /** Since when nothing new has come into the store from an agent that has sent all it knows of. */
    private final class Quiet {
        private long raw = -1;
        private long since = System.nanoTime();

        private boolean isLong() throws IOException, InterruptedException {
            long now = captured.look().raw();
            if (now != raw || !deployment.isCaughtUp()) {
                raw = now;
                since = System.nanoTime();
            }
            return System.nanoTime() - since > QUIET_NANOS;
        }
    }

    private Outcome reckon(double agentCpuSeconds, double seconds) throws Exception {
        Program.Outcome verified =
                deployment.program().run("verify", deployment.data().toString());
        List<Reckoning> reckonings = new ArrayList<>();
        try (ExecutorService readers = Executors.newFixedThreadPool(READERS);
                HttpClient client = HttpClient.newHttpClient()) {
            List<Future<Reckoning>> pending = new ArrayList<>();
            for (Written log : written()) {
                pending.add(readers.submit(() -> reckon(client, log)));
            }
            for (Future<Reckoning> reckoning : pending) {
                reckonings.add(reckoning.get());
            }
        }
        return new Outcome(
                reckonings,
                captured.gaps(),
                verified.exit() == 0,
                verified.text() + verified.stderr(),
                agentCpuSeconds,
                seconds);
    }

    private Reckoning reckon(HttpClient client, Written log) throws IOException, InterruptedException {
        GivenBack given = log.length() == 0
                ? new GivenBack(LineAudit.NONE, log.sha256())
                : GivenBack.read(client, deployment.http(), log);
        return new Reckoning(
                log,
                lines.getOrDefault(log.live(), () -> 0).getAsLong(),
                captured.bytesOf(log.live()),
                captured.repeatedBytesOf(log.live()),
                given.audit(),
                given.sha256().equals(log.sha256()),
                captured.gapsOf(log.live()));
    }

    @Override
    public void close() throws IOException {
        deployment.close();
        for (PretendNode node : nodes) {
            node.close();
        }
    }
}
