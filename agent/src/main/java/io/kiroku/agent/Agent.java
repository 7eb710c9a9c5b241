package io.kiroku.agent;

import io.kiroku.agent.config.AgentConfig;
import io.kiroku.agent.config.CollectorTls;
import io.kiroku.agent.metrics.AgentMetrics;
import io.kiroku.agent.metrics.AgentStatus;
import io.kiroku.agent.metrics.MetricsServer;
import io.kiroku.agent.os.Kernel;
import io.kiroku.agent.os.LinuxKernel;
import io.kiroku.agent.os.Machine;
import io.kiroku.agent.ring.Ring;
import io.kiroku.agent.seal.CollectorClock;
import io.kiroku.agent.seal.Losses;
import io.kiroku.agent.ship.Enroller;
import io.kiroku.agent.ship.Junction;
import io.kiroku.agent.ship.Shipper;
import io.kiroku.agent.tail.Tail;
import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.chain.RatchetFile;
import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.tls.TlsContext;
import io.kiroku.tls.TlsDirectory;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One agent: the only place where its parts are wired. Three threads carry it: <em>capture</em> reads, seals and appends
 * to the ring; <em>sync</em> makes the ring durable; <em>ship</em> sends what is durable and takes receipts.
 */
public final class Agent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
    private static final long PROGRESS_INTERVAL = 100_000_000L;

    /** Between two fsyncs of the ring, so that one makes durable what many seals have left: it costs as much as a seal. */
    private static final int SYNC_PAUSE_MILLIS = 10;

    /** A clock that is off by more, in nanoseconds, is worth a warning. */
    private static final long CLOCK_OFF = 1_000_000_000L;

    private static final String AWAITING =
            "the ring is gone: nothing is read until the collector says where the stream ends";
    private static final String SOFTWARE = "kiroku-agent";

    private final Kernel kernel;
    private final StateDirectory state;
    private final Ring ring;
    private final RatchetFile keys;
    private final Losses losses;
    private final CollectorClock clock = new CollectorClock();
    private final Capture.Parts parts;
    private final CompletableFuture<Optional<Frame.Head>> collectorsEnd = new CompletableFuture<>();
    private final Shipper shipper;
    private final @Nullable Enroller enroller;
    private final Shipper.@Nullable Destination destination;
    private final @Nullable MetricsServer metrics;
    private final ReceiptFile receipts;
    private final Thread capturing;
    private final Thread sync;
    private final CountDownLatch captured = new CountDownLatch(1);
    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();

    private volatile boolean ending;
    private volatile @Nullable Capture capture;

    /** What the capturing thread says of itself; null before it follows anything. */
    private volatile @Nullable Progress progress;

    /** What was last told in the log. The capturing thread's own. */
    private AgentStatus reported;

    private Agent(AgentConfig config, Kernel kernel, StateDirectory state, RatchetFile keys, SecureRandom random)
            throws IOException {
        this.kernel = kernel;
        this.state = state;
        this.ring = state.ring();
        this.keys = keys;
        this.receipts = new ReceiptFile(config.state());
        receipts.last().ifPresent(receipt -> Recovery.acknowledge(ring, receipt));
        this.losses = new Losses(config.whenFull(), ring);
        Identity identity = state.identity();
        this.parts = new Capture.Parts(config, kernel, ring, identity, keys, random, losses, clock);
        this.capture = ring.awaitsCollector() ? null : parts.resume(Agent::now);
        Frame.Hello hello = new Frame.Hello(Frame.VERSION, ring.stream(), config.node(), SOFTWARE);
        Junction junction = new Junction(ring, losses, collectorsEnd::complete);
        this.shipper = new Shipper(ring, junction, hello, config.collector(), clock, random, this::acknowledged);
        CollectorTls enrolled =
                config.tls().filter(tls -> tls.enrolment().isPresent()).orElse(null);
        this.destination = enrolled == null ? destination(config) : null;
        this.enroller = enrolled == null
                ? null
                : new Enroller(
                        config.collector(),
                        enrolled,
                        ring.stream(),
                        config.node(),
                        random,
                        InstantSource.system(),
                        shipper::start);
        this.reported = status();
        this.metrics = config.metrics().isPresent()
                ? MetricsServer.start(config.metrics().get(), new AgentMetrics(this::status))
                : null;
        this.capturing = Thread.ofPlatform().name("capture").daemon().unstarted(this::capture);
        this.sync = Thread.ofPlatform().name("sync").daemon().unstarted(this::sync);
    }

    private static Shipper.Destination destination(AgentConfig config) throws IOException {
        if (config.tls().isEmpty()) {
            return new Shipper.Destination(config.collector(), null, "");
        }
        CollectorTls tls = config.tls().get();
        InstantSource clock = InstantSource.system();
        TlsContext context = TlsContext.client(TlsDirectory.open(tls.directory(), clock), clock);
        return new Shipper.Destination(config.collector(), context, tls.name());
    }

    /**
     * Starts an agent.
     *
     * @throws IOException with one sentence if its directories cannot be used: no room for the ring, another agent in
     *     them, a ring of another node or version
     */
    public static Agent start(AgentConfig config) throws IOException {
        SecureRandom random = new SecureRandom();
        Durable.createDirectories(config.state());
        StateDirectory state = StateDirectory.open(config.state(), config.node(), config.ringBytes(), random);
        try {
            RatchetFile keys = RatchetFile.open(config.keys(), state.ring().stream());
            Agent agent = new Agent(config, LinuxKernel.open(), state, keys, random);
            agent.start();
            return agent;
        } catch (IOException | RuntimeException e) {
            state.close();
            throw e;
        }
    }

    private void start() {
        capturing.start();
        sync.start();
        if (destination != null) {
            shipper.start(destination);
        }
        if (enroller != null) {
            enroller.start();
        }
    }

    /** Put together when it is asked for; what the capturing thread knows is at most a turn and 100 ms old. */
    public AgentStatus status() {
        Progress known = progress;
        // Later than the progress, so that what this says was sealed is never newer than the ring.
        Ring.Standing held = ring.standing();
        String trouble = enroller == null || enroller.notice().isEmpty() ? shipper.notice() : enroller.notice();
        if (known == null) {
            return AgentStatus.waiting(
                    held.newest(),
                    held.size(),
                    shipper.isStreaming(),
                    AWAITING + (trouble.isEmpty() ? "" : "; " + trouble));
        }
        return known.status(held, shipper.isStreaming(), trouble, clock.at(now()));
    }

    /** The port that metrics are served on, 0 if they are not. */
    public int metricsPort() {
        return metrics == null ? 0 : metrics.port();
    }

    /** Completes when the agent can go no further, with the reason: an error of its disk, or a defect. */
    public CompletableFuture<Throwable> failure() {
        return failure;
    }

    private static Timestamp now() {
        return new Timestamp(Machine.wallNanos(), Machine.bootTimeNanos());
    }

    private void capture() {
        try {
            Capture known = capture;
            capture = known != null ? known : awaitCollector();
            if (capture != null) {
                follow(capture);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException | Error e) {
            fail("capture", e);
        } finally {
            captured.countDown();
        }
    }

    /** Waits until the collector has said where the stream ends. Null if the agent is to end before. */
    private @Nullable Capture awaitCollector() throws IOException, InterruptedException {
        while (!ending) {
            report();
            try {
                Optional<Frame.Head> end = collectorsEnd.get(PROGRESS_INTERVAL, TimeUnit.NANOSECONDS);
                LOG.warn(
                        "the collector has this stream up to segment {}: it goes on from there",
                        end.map(Frame.Head::sequence).orElse(0L));
                return parts.behindLostRing(end, Agent::now);
            } catch (TimeoutException notYet) {
                // It is asked again and again, as at every connection.
            } catch (ExecutionException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
        return null;
    }

    private void follow(Capture following) throws IOException {
        Tail tail = following.tail();
        long toldAt = 0;
        while (!ending) {
            long now = now().bootNanos();
            long wait = tail.turn();
            if (wait > 0 || now - toldAt >= PROGRESS_INTERVAL) {
                progress = Progress.of(following, losses);
                toldAt = now;
                report();
            }
            if (wait > 0) {
                kernel.await(wait);
            }
        }
        if (!tail.finish(AgentConfig.LINGER_NANOS)) {
            LOG.warn("the ring is full: what was read last is not in it and will be read again");
        }
        progress = Progress.of(following, losses);
    }

    private void report() {
        AgentStatus now = status();
        if (!now.notice().isEmpty() && !now.notice().equals(reported.notice())) {
            LOG.warn("{}", now.notice());
        }
        if (!now.pinRefusal().equals(reported.pinRefusal())) {
            LOG.warn("{}", now.pinRefusal());
        }
        if (now.blocked() != reported.blocked()) {
            LOG.warn(
                    now.blocked()
                            ? "the ring is full of segments without a receipt: reading stands still until some come"
                            : "the ring has room again: reading goes on");
        }
        if (isOff(now) && !isOff(reported)) {
            LOG.warn(
                    "the clock of this node is {}: whoever reads by times will be misled",
                    now.clock().map(Entry.Clock::inWords).orElse(""));
        }
        reported = now;
    }

    private static boolean isOff(AgentStatus status) {
        return status.clock().filter(clock -> clock.isOffBy(CLOCK_OFF)).isPresent();
    }

    private void sync() {
        try {
            while (ring.syncNext() >= 0) {
                shipper.wake();
                TimeUnit.MILLISECONDS.sleep(SYNC_PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException | Error e) {
            // After a failed fsync nobody knows what is on disk: the agent must stop, and recover from what is.
            fail("sync", e);
        }
    }

    private void fail(String thread, Throwable reason) {
        if (reason instanceof IOException) {
            LOG.error("the agent's thread \"{}\" cannot go on: {}", thread, reason.getMessage());
        } else {
            LOG.error("the agent's thread \"{}\" has met a defect", thread, reason);
        }
        ending = true;
        kernel.wake();
        failure.complete(reason);
    }

    private void acknowledged(Frame.Receipt receipt) {
        receipts.keep(receipt);
        Progress known = progress;
        // Else it has nothing to do with a receipt that could not wait for its next turn.
        if (known != null && known.following().blocked()) {
            kernel.wake();
        }
    }

    /** Reads what is there, seals it, and waits a bounded time for receipts. */
    @Override
    public void close() throws IOException {
        ending = true;
        kernel.wake();
        try {
            captured.await();
            ring.endSync();
            sync.join();
            ring.sync();
            shipper.wake();
            long end = System.nanoTime() + AgentConfig.LINGER_NANOS;
            while (shipper.isStreaming()
                    && ring.standing().acknowledged() < ring.standing().newest()
                    && System.nanoTime() < end) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (enroller != null) {
                enroller.close();
            }
            shipper.close();
            if (metrics != null) {
                metrics.close();
            }
            receipts.close();
            state.close();
            keys.close();
            Capture known = capture;
            if (known != null) {
                known.tail().close();
            }
            kernel.close();
        }
    }
}
