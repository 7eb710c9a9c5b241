package io.kiroku.systemtests.simulation;

import io.kiroku.agent.Replayed;
import io.kiroku.agent.ring.Ring;
import io.kiroku.agent.seal.CollectorClock;
import io.kiroku.agent.seal.Losses;
import io.kiroku.agent.seal.Sealer;
import io.kiroku.agent.ship.Junction;
import io.kiroku.agent.ship.RingShipping;
import io.kiroku.agent.simulation.SimKernel;
import io.kiroku.agent.tail.PathPattern;
import io.kiroku.agent.tail.Tail;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.RatchetFile;
import io.kiroku.evidence.durable.StorageFile;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.systemtests.simulation.Scheduler.Actor;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One run of an agent: its three threads as actors, wired as {@code io.kiroku.agent.Agent} wires them. */
final class AgentProcess {
    private static final List<PathPattern> PATTERNS = List.of(PathPattern.below(Kubelet.PODS, "*/*/*.log"));

    /** A turn of the agent takes at least so long. */
    private static final long TURN = 100_000L;

    private final Node node;
    private final Scheduler scheduler;
    private final Scheduler.SimProcess process = new Scheduler.SimProcess();
    private final Actor capture;
    private final Actor sync;
    private final ShipThread ship;
    final SimKernel kernel;

    private final CollectorClock collectorClock = new CollectorClock();
    private @Nullable Ring ring;
    private @Nullable Tail tail;
    private @Nullable Losses losses;
    private int turns;
    private boolean isStopping;
    private long turnAt = Long.MAX_VALUE;
    private boolean syncing;
    private long caughtUpSince = Long.MAX_VALUE;
    private long caughtUpAt = -1;

    AgentProcess(Node node) {
        this.node = node;
        this.scheduler = node.scheduler;
        this.capture = new Actor(process, node.name + "/capture");
        this.sync = new Actor(process, node.name + "/sync");
        this.ship = new ShipThread(node, process);
        this.kernel = new SimKernel(node.files);
        kernel.meanwhile(this::systemCall);
        kernel.limitEvents(node.limits.events());
        if (node.limits.shortReads()) {
            kernel.readShort(node.random);
        }
        if (!node.limits.leases()) {
            kernel.withoutLeases();
        }
    }

    Actor main() {
        return capture;
    }

    /** When it had nothing left to do for the first time since its start. */
    long caughtUpSince() {
        return caughtUpSince;
    }

    /** When it had nothing left to do for the last time; before everything if never. */
    long caughtUpAt() {
        return caughtUpAt;
    }

    @Nullable
    Ring ring() {
        return ring;
    }

    @Nullable
    Tail tail() {
        return tail;
    }

    String notice() {
        return ship.notice();
    }

    private void systemCall() {
        scheduler.check();
        if (node.random.nextInt(node.limits.stumbles()) == 0) {
            scheduler.await(TURN * node.random.nextInt(1, 30));
        }
    }

    /** Starts from what is on the disk. */
    void begin() {
        try {
            Ring opened = Ring.open(node.disk.open(Node.RING));
            Losses lost = new Losses(node.limits.whenFull(), opened);
            ring = opened;
            losses = lost;
            node.acknowledgeWhatWas(opened);
            node.observe(opened);
            scheduler.record(
                    "agent starts behind",
                    opened.standing().newest(),
                    opened.standing().oldest());
            if (!opened.awaitsCollector()) {
                follow(Replayed.from(opened), false);
            }
            ship.begin(new RingShipping(
                    opened,
                    new Junction(opened, lost, this::collectorEnds),
                    node.hello(),
                    collectorClock,
                    node.random,
                    this::acknowledged));
        } catch (IOException e) {
            failed(e);
        } catch (MalformedException e) {
            throw new Violation(node.name + ": the agent does not start: " + e.getMessage(), e);
        }
    }

    /** The ring is gone, and the collector has said where the stream goes on. */
    private void collectorEnds(Optional<Frame.Head> end) {
        node.continuesBehind(end.map(Frame.Head::sequence).orElse(0L));
        scheduler.in(0, capture, "goes on behind", () -> {
            try {
                follow(Replayed.behind(node.stream(), end), end.isPresent());
            } catch (IOException e) {
                failed(e);
            }
        });
    }

    private void follow(Replayed replayed, boolean behindLostRing) throws IOException {
        Ring opened = ring;
        Losses lost = losses;
        if (opened == null || lost == null) {
            return;
        }
        replayed.declared().forEach(declared -> lost.restore(declared.sequence(), declared.gap()));
        RatchetFile keys = new RatchetFile(ratchet());
        ChainHead head = replayed.head();
        Sealer sealer = behindLostRing && head != null
                ? Sealer.inNextEpoch(
                        Entry.EpochReason.RING_LOST,
                        opened,
                        head,
                        keys,
                        node.identity,
                        node.name,
                        node.bootId(),
                        node.secrets,
                        lost)
                : Sealer.resume(opened, head, keys, node.identity, node.name, node.bootId(), node.secrets, lost);
        tail = new Tail(
                kernel,
                PATTERNS,
                List.of(),
                node.limits.pins() ? FilePath.of(Node.PINS) : null,
                sealer.stating(collectorClock),
                new Tail.Chain(
                        replayed.files(),
                        replayed.nextFile(),
                        replayed.wholeFrom(),
                        replayed.end(),
                        () -> opened.standing().acknowledged()),
                new Tail.Limits(node.limits.files(), opened.mostRestated() / 4L * 3, node.limits.pinnedBytes()),
                this::clock);
        turnIn(0);
    }

    private StorageFile ratchet() throws IOException {
        return node.disk.exists(Node.RATCHET) ? node.disk.open(Node.RATCHET) : node.disk.allocate(Node.RATCHET, 0);
    }

    /** An error of the disk ends the agent; it must be one that the disk was told to make. */
    private void failed(IOException reason) {
        if (node.disk.faults() == 0) {
            throw new Violation(node.name + ": the agent gave up without a fault: " + reason, reason);
        }
        scheduler.note("the agent ends: %s", reason);
        end();
        node.supervise(node.random.nextLong(Node.MILLI, Node.SECOND));
        throw new Scheduler.Killed();
    }

    private void turnIn(long nanos) {
        turnAt = scheduler.now() + nanos;
        int number = ++turns;
        scheduler.in(nanos, capture, "turn", () -> {
            if (turns == number) {
                turn();
            }
        });
    }

    private void turn() {
        Tail following = tail;
        Ring kept = ring;
        if (following == null || kept == null) {
            return;
        }
        turnAt = Long.MIN_VALUE;
        long wait;
        try {
            wait = following.turn();
        } catch (IOException e) {
            failed(e);
            return;
        }
        Violation.unless(wait >= 0, "a turn asked to wait for %d", wait);
        if (wait > 0 && !kernel.hasEvents()) {
            caughtUpSince = Math.min(caughtUpSince, scheduler.now());
            caughtUpAt = scheduler.now();
            node.ledger.wasLookedAt(this, following.standing(), node.kubelet.named());
        }
        syncSoon();
        turnIn(wait == 0 || kernel.hasEvents() ? TURN : Math.max(wait, TURN));
    }

    /** Something happened in the file system. */
    void stirred() {
        long soon = scheduler.now() + TURN;
        if (turnAt > soon && kernel.hasEvents()) {
            turnIn(TURN * node.random.nextInt(1, 30));
        }
    }

    private void syncSoon() {
        Ring kept = ring;
        if (kept != null
                && !syncing
                && kept.standing().durable() < kept.standing().newest()) {
            syncing = true;
            scheduler.in(10_000, sync, "sync", this::sync);
        }
    }

    private void sync() {
        Ring kept = ring;
        if (kept == null) {
            return;
        }
        try {
            kept.sync();
            node.observe(kept);
        } catch (IOException e) {
            failed(e);
        }
        syncing = false;
        scheduler.record("durable", kept.standing().durable(), kept.standing().newest());
        ship.wake();
        syncSoon();
    }

    private void acknowledged(Frame.Receipt receipt) {
        scheduler.record("acknowledged", receipt.sequence(), 0);
        node.acknowledged(receipt);
        kernel.wake();
    }

    /** Its kernel closes what it had open, and tells its peers. */
    void kill(String why) {
        scheduler.record(why, 0, 0);
        end();
        ship.close();
    }

    /** Nobody is told anything. */
    void powerFailed() {
        scheduler.record("power fails", 0, 0);
        end();
        ship.vanish();
    }

    private void end() {
        process.end();
        kernel.processDied();
        node.agentEnded(this);
    }

    /** It is asked to end: reads what is there, seals it, makes it durable. */
    void stop(long restartAfter) {
        scheduler.in(0, capture, "stop", () -> {
            Tail following = tail;
            Ring kept = ring;
            if (following == null || kept == null) {
                kill("stopped before it began");
                node.supervise(restartAfter);
                return;
            }
            try {
                isStopping = true;
                following.finish(3 * Node.SECOND);
                kept.sync();
                following.close();
            } catch (IOException e) {
                failed(e);
            }
            Violation.unless(kernel.openDescriptors() == 0, "an agent that ended left descriptors open");
            kill("stopped");
            node.supervise(restartAfter);
        });
    }

    /** An agent that ends does not go back to its scheduler, so time passes as it asks for it. */
    private Timestamp clock() {
        if (isStopping) {
            scheduler.await(TURN);
        }
        return node.clock();
    }
}
