package io.kiroku.systemtests.simulation;

import io.kiroku.agent.ring.Ring;
import io.kiroku.agent.ring.RingCursor;
import io.kiroku.agent.ring.RingLayout;
import io.kiroku.agent.simulation.SeededRandom;
import io.kiroku.agent.simulation.SimFiles;
import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.systemtests.simulation.Scheduler.Actor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A node: what outlives its agent's process, and what outlives its own power. */
final class Node {
    static final long MILLI = 1_000_000L;
    static final long SECOND = 1_000_000_000L;

    static final String RING = "state/ring";
    static final String PINS = "/var/lib/kiroku/pins";
    static final String RATCHET = "run/ratchet";

    private static final long EPOCH = 1_750_000_000L * SECOND;

    final String name;
    final Scheduler scheduler;
    final RandomGenerator random;
    final SeededRandom secrets;
    final Identity identity;
    final SimDisk disk;
    final SimFiles files;
    final Kubelet kubelet;
    final Actor world = new Actor(new Scheduler.SimProcess(), "node");
    final Repeats repeats;
    final Ledger ledger = new Ledger(this);

    /** What every agent that runs here is told. */
    final AgentLimits limits;

    private final Network network;
    private final CollectorSite site;
    private final Map<Long, Octets> sealed = new HashMap<>();
    private long observed;
    private Frame.@Nullable Receipt receiptKept;
    private long receiptKeptAt = -SECOND;
    private int ringsLost;
    private int keysLost;
    private long bootedAt;
    private long wallOffset = EPOCH;
    private Octets bootId;

    /** When each boot began, in virtual time. */
    private final Map<Octets, Long> boots = new HashMap<>();

    private @Nullable AgentProcess agent;
    private boolean supervised = true;

    Node(
            String name,
            Scheduler scheduler,
            SplittableRandom random,
            AgentLimits limits,
            Network network,
            CollectorSite site) {
        this.name = name;
        this.scheduler = scheduler;
        this.random = random;
        this.limits = limits;
        this.network = network;
        this.site = site;
        this.secrets = new SeededRandom(random.nextLong());
        this.identity = Identity.of(SigningKey.generate(secrets));
        this.bootId = newBootId();
        boots.put(bootId, 0L);
        this.repeats = new Repeats(random.split());
        this.disk = new SimDisk(scheduler, random.split());
        this.files = new SimFiles(this::wallNanos);
        files.mkdirs(PINS);
        this.kubelet = new Kubelet(this, random.split());
        makeRing(false);
    }

    private void makeRing(boolean goesOn) {
        try {
            RingLayout layout =
                    new RingLayout(stream(), name, limits.extentLength(), limits.extents(), goesOn, random.nextInt());
            Ring.create(disk.allocate(RING, layout.fileLength()), layout);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Octets newBootId() {
        byte[] id = new byte[16];
        secrets.nextBytes(id);
        return Octets.of(id);
    }

    Octets stream() {
        return identity.stream();
    }

    Octets bootId() {
        return bootId;
    }

    Frame.Hello hello() {
        return new Frame.Hello(Frame.VERSION, stream(), name, "simulation");
    }

    long bootNanos() {
        return SECOND + scheduler.now() - bootedAt;
    }

    /** What a moment of the node's wall clock was ahead of virtual time. */
    long wallAhead(Timestamp moment, Octets boot) {
        return moment.wallNanos() - moment.bootNanos() + SECOND - Objects.requireNonNull(boots.get(boot));
    }

    long wallNanos() {
        return scheduler.now() + wallOffset;
    }

    Timestamp clock() {
        return new Timestamp(wallNanos(), bootNanos());
    }

    /** Somebody sets the clock. */
    void stepClock(long nanos) {
        wallOffset += nanos;
        ledger.clockStepped();
    }

    /** The agent that runs here now; null if none does. */
    @Nullable
    AgentProcess agent() {
        return agent;
    }

    /** Takes down which segments are on the disk: none of them may ever be another. */
    void observe(Ring ring) throws IOException {
        Ring.Standing standing = ring.standing();
        if (standing.durable() <= observed) {
            return;
        }
        // What was given up before it was observed was never sent.
        observed = Math.max(observed, standing.oldest() - 1);
        RingCursor cursor = ring.cursorAt(observed + 1);
        for (ByteBuffer bytes = cursor.read(); bytes != null; bytes = cursor.read()) {
            try {
                sealed.put(++observed, Segment.of(bytes).hash());
            } catch (MalformedException e) {
                throw new Violation("the ring holds what is no segment", e);
            }
        }
    }

    /** The hashes of all segments that ever were on the disk of the node, by sequence. */
    Map<Long, Octets> sealed() {
        return sealed;
    }

    /** How often the ratchet's keys were taken. */
    int keysLost() {
        return keysLost;
    }

    void acknowledged(Frame.Receipt receipt) {
        if (site.disksLost() == 0) {
            site.durable.checkKept(stream(), receipt.sequence());
        }
        repeats.acknowledged(receipt.sequence());
        if (scheduler.now() >= receiptKeptAt + SECOND) {
            receiptKeptAt = scheduler.now();
            receiptKept = receipt;
        }
    }

    /** As an agent does it with the receipt that it kept beside the ring. */
    void acknowledgeWhatWas(Ring ring) throws IOException, MalformedException {
        Frame.Receipt receipt = receiptKept;
        Ring.Standing standing = ring.standing();
        if (receipt != null
                && standing.oldest() != 0
                && receipt.sequence() >= standing.oldest()
                && receipt.sequence() <= standing.durable()) {
            ByteBuffer bytes = ring.cursorAt(receipt.sequence()).read();
            if (bytes != null && Segment.of(bytes).hash().equals(receipt.hash())) {
                ring.acknowledge(receipt.sequence());
            }
        }
    }

    /** The ring was lost, and the collector has the stream up to there: what was sealed behind it is gone. */
    void continuesBehind(long sequence) {
        sealed.keySet().removeIf(known -> known > sequence);
        observed = sequence;
    }

    /** The ring is gone with all that is in it, the identity is not. */
    void loseRing(long restartAfter) {
        if (agent != null) {
            agent.kill("loses its ring");
        }
        disk.heal();
        makeRing(true);
        ringsLost++;
        supervise(restartAfter);
    }

    int ringsLost() {
        return ringsLost;
    }

    void connect(Network.Attempt attempt) {
        network.connect(attempt, site);
    }

    /** Something happened in the file system: an agent that sleeps has an event. */
    void stirred() {
        if (agent != null) {
            agent.stirred();
        }
    }

    /** The agent is started, and again each time that it ends. */
    void supervise(long delay) {
        supervised = true;
        scheduler.in(delay, world, "start", () -> {
            if (supervised && agent == null) {
                start();
            }
        });
    }

    private void start() {
        AgentProcess started = new AgentProcess(this);
        agent = started;
        scheduler.in(0, started.main(), "begin", started::begin);
    }

    /** The agent's process has ended, for whatever reason. */
    void agentEnded(AgentProcess ended) {
        if (ended == agent) {
            agent = null;
            ledger.agentEnded();
        }
    }

    /** The agent is killed, and comes back after a while. */
    void killAgent(long restartAfter) {
        if (agent != null) {
            agent.kill("killed");
        }
        supervise(restartAfter);
    }

    /** The power fails, and comes back after a while. What only memory held is gone, and containers begin anew. */
    void failPower(long restartAfter) {
        if (agent != null) {
            agent.powerFailed();
        }
        disk.crash();
        disk.remove(RATCHET);
        keysLost++;
        bootId = newBootId();
        bootedAt = scheduler.now();
        boots.put(bootId, bootedAt);
        files.reboot();
        kubelet.rebooted();
        supervise(restartAfter);
    }
}
