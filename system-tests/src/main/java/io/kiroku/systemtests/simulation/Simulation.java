package io.kiroku.systemtests.simulation;

import io.kiroku.agent.ring.Ring;
import io.kiroku.agent.ring.WhenFull;
import io.kiroku.agent.tail.Tail;
import io.kiroku.systemtests.simulation.Scheduler.Actor;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One world, made from a seed: it lives for some seconds of virtual time, is healed, settles, and is judged. */
public final class Simulation {
    /** After the faults have stopped, everything must have settled within so long. */
    private static final long PATIENCE = 400 * Node.SECOND;

    /** For so long there must be nothing to do: longer than an agent may take to see anything. */
    private static final long QUIET = 4 * Node.SECOND;

    /**
     * The same where the kernel cannot say who writes to a file that has no name; or where an agent may have heard of a loss,
     * which it declares in the next segment, be it a heartbeat.
     */
    private static final long LONG_QUIET = 12 * Node.SECOND;

    private static final long LOOK = 550 * Node.MILLI;

    /**
     * What came of a seed.
     *
     * @param violation what did not hold; null if all did
     * @param hash of everything that happened
     * @param events that happened
     * @param virtualNanos time that passed in the world
     * @param segments that were sealed
     * @param logBytes that were written by containers
     */
    public record Outcome(
            long seed,
            @Nullable Throwable violation,
            long hash,
            long events,
            long virtualNanos,
            long segments,
            long logBytes) {}

    private final Trace trace;
    private final Scheduler scheduler;
    private final SplittableRandom random;
    private final Profile profile;
    private final Network network;
    private final CollectorSite site;
    private final List<Node> nodes = new ArrayList<>();
    private final Actor world = new Actor(new Scheduler.SimProcess(), "world");
    private final Faults faults;
    private final Oracle oracle;

    private Simulation(long seed, @Nullable PrintStream listener) {
        trace = new Trace(listener);
        scheduler = new Scheduler(trace);
        random = new SplittableRandom(seed);
        profile = Profile.of(random);
        scheduler.note("%s", profile);
        network = new Network(scheduler, random.split());
        site = new CollectorSite(
                scheduler,
                random.split(),
                profile.mostVolume(),
                profile.limits().whenFull() == WhenFull.OVERWRITE);
        site.disk.slow(profile.collectorSyncMicros());
        for (int i = 1; i <= profile.nodes(); i++) {
            Node node = new Node("node-" + i, scheduler, random.split(), profile.limits(), network, site);
            node.kubelet.behave(profile.longestWrite(), profile.cuts(), profile.collisions());
            node.disk.slow(profile.agentSyncMicros());
            nodes.add(node);
        }
        faults = new Faults(scheduler, random.split(), profile, network, site, nodes);
        oracle = new Oracle(site, nodes);
    }

    /** Runs a seed. */
    public static Outcome run(long seed) {
        return run(seed, null);
    }

    /** Runs a seed and tells everything that happens. */
    public static Outcome run(long seed, @Nullable PrintStream listener) {
        Simulation simulation = new Simulation(seed, listener);
        Throwable violation = null;
        try {
            simulation.live();
            simulation.settle();
        } catch (RuntimeException | Error e) {
            violation = e;
            simulation.oracle.tell(simulation.scheduler);
        }
        return simulation.outcome(seed, violation);
    }

    /** What a seed shows, in a sentence; null if all holds. */
    public static @Nullable String violation(long seed) {
        Throwable violation = run(seed).violation();
        return violation == null ? null : String.valueOf(violation.getMessage());
    }

    /** The hash of everything that happens in a seed. */
    public static long hash(long seed) {
        return run(seed).hash();
    }

    private Outcome outcome(long seed, @Nullable Throwable violation) {
        return new Outcome(
                seed,
                violation,
                trace.hash(),
                trace.events(),
                scheduler.now(),
                nodes.stream().mapToLong(node -> node.sealed().size()).sum(),
                nodes.stream().mapToLong(node -> node.kubelet.written()).sum());
    }

    private void live() {
        site.supervise(0);
        for (Node node : nodes) {
            node.supervise(random.nextLong(Node.SECOND / 2));
        }
        long end = profile.lifeMillis() * Node.MILLI;
        for (Node node : nodes) {
            scheduler.in(0, node.world, "acts", () -> nodeActs(node, end));
        }
        scheduler.in(0, world, "fault", () -> faultActs(end));
        scheduler.run(end);
    }

    private void nodeActs(Node node, long end) {
        if (scheduler.now() < end) {
            node.kubelet.act();
            long pause = random.nextInt(40) == 0
                    ? random.nextLong(profile.quietMillis())
                    : random.nextLong(profile.pauseMillis());
            scheduler.in(Node.MILLI * pause, node.world, "acts", () -> nodeActs(node, end));
        }
    }

    private void faultActs(long end) {
        if (scheduler.now() < end) {
            faults.act();
            scheduler.in(Node.MILLI * random.nextLong(profile.faultMillis()), world, "fault", () -> faultActs(end));
        }
    }

    private void settle() {
        scheduler.note("everything is healed");
        faults.heal();
        waitUntilSettled(false);
        oracle.check(false);
        scheduler.note("everything ends");
        nodes.forEach(node -> node.kubelet.endEverything());
        waitUntilSettled(true);
        oracle.check(true);
    }

    private void waitUntilSettled(boolean ended) {
        long until = scheduler.now() + PATIENCE;
        boolean isSlow = !profile.limits().leases() || site.mayJump();
        long enough = isSlow ? LONG_QUIET : QUIET;
        long quiet = 0;
        while (quiet < enough) {
            Violation.unless(scheduler.now() < until, "it has not settled: %s", describe());
            scheduler.run(LOOK);
            quiet = nodes.stream().allMatch(node -> isQuiet(node, ended) && isAcknowledged(node)) ? quiet + LOOK : 0;
        }
    }

    private static boolean isQuiet(Node node, boolean ended) {
        AgentProcess agent = node.agent();
        Tail tail = agent == null ? null : agent.tail();
        return tail != null
                && tail.standing().caughtUp()
                && (!ended
                        || (tail.standing().openFiles() == 0
                                && node.files.namesIn(Node.PINS).isEmpty()));
    }

    private static boolean isAcknowledged(Node node) {
        AgentProcess agent = node.agent();
        Ring ring = agent == null ? null : agent.ring();
        return ring != null
                && ring.standing().newest() == ring.standing().durable()
                && ring.standing().newest() == ring.standing().acknowledged();
    }

    private String describe() {
        StringBuilder text = new StringBuilder();
        for (Node node : nodes) {
            AgentProcess agent = node.agent();
            Tail tail = agent == null ? null : agent.tail();
            Ring ring = agent == null ? null : agent.ring();
            text.append("%s: %s, pins %s, ring %s, %s; "
                    .formatted(
                            node.name,
                            tail == null ? "no agent" : tail.standing(),
                            node.files.namesIn(Node.PINS),
                            ring == null ? "none" : ring.standing(),
                            agent == null ? "" : agent.notice()));
        }
        return text.append("collector ")
                .append(site.collector() == null ? "down" : "up")
                .toString();
    }
}
