package io.kiroku.agent.simulation;

import io.kiroku.agent.Replayed;
import io.kiroku.agent.ring.Ring;
import io.kiroku.agent.ring.RingCursor;
import io.kiroku.agent.ring.RingLayout;
import io.kiroku.agent.ring.WhenFull;
import io.kiroku.agent.seal.Losses;
import io.kiroku.agent.seal.Sealer;
import io.kiroku.agent.ship.Junction;
import io.kiroku.agent.tail.PathPattern;
import io.kiroku.agent.tail.Tail;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.chain.RatchetFile;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.record.LostSegments;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.wire.Frame;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A node in virtual time: its files, the capturing half of an agent on a ring that forgets, and a collector that takes
 * what is durable when it is told to. Everything that happens comes from the test and its seed.
 */
public final class SimNode {
    public static final long MILLIS = 1_000_000L;
    public static final long SECOND = 1_000_000_000L;

    /** One turn of the agent takes so long when there is more to do at once. */
    private static final long BUSY_TURN = 100_000L;

    /** So many turns in a row without a pause mean that the agent spins. */
    private static final int MOST_BUSY_TURNS = 200_000;

    /** Where agents pin files. */
    public static final String PINS = "/pins";

    private static final long RING = 16L << 20;
    private static final long BOOT_TO_WALL = 1_750_000_000L * SECOND;

    private final RandomGenerator random;
    private final SeededRandom secrets;
    private final Path keyDirectory;
    private final Identity identity;
    private List<PathPattern> patterns;
    private final ForgetfulFile disk = new ForgetfulFile(RingLayout.fileLength(RING));
    private final List<byte[]> collected = new ArrayList<>();
    private FileTable collectorFiles = FileTable.fromTheStart();
    private LostSegments collectorLacks = new LostSegments();

    public final SimFiles files = new SimFiles(this::wallNanos);
    public final SimKernel kernel = new SimKernel(files);

    private long bootNanos = SECOND;
    private long wallOffset = BOOT_TO_WALL;
    private int mostFiles = 1000;
    private long mostPinned = Long.MAX_VALUE;
    private boolean pinning = true;
    private Octets bootId;

    private WhenFull whenFull = WhenFull.BLOCK;
    private @Nullable Losses losses;
    private @Nullable Ring ring;
    private @Nullable RatchetFile keys;
    private @Nullable Tail tail;

    public SimNode(long seed, Path keyDirectory, PathPattern... patterns) {
        this.random = new Random(seed);
        this.secrets = new SeededRandom(seed);
        this.keyDirectory = keyDirectory;
        this.identity = Identity.of(SigningKey.generate(secrets));
        this.patterns = List.of(patterns);
        this.bootId = newBootId();
        files.mkdirs(PINS);
        try {
            Ring.create(disk, RingLayout.of(stream(), "node-1", RING, random.nextInt()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Octets newBootId() {
        byte[] id = new byte[16];
        secrets.nextBytes(id);
        return Octets.of(id);
    }

    public Octets stream() {
        return identity.stream();
    }

    /** The bound on followed files of agents that are started from now on. */
    public void followAtMost(int most) {
        mostFiles = most;
    }

    /** The bound on bytes that only agents hold that are started from now on. */
    public void pinAtMost(long bytes) {
        mostPinned = bytes;
    }

    /** Agents that are started from now on have no directory for pins. */
    public void withoutPins() {
        pinning = false;
    }

    /** What agents do with a full ring that are started from now on. */
    public void whenFull(WhenFull now) {
        whenFull = now;
    }

    /** What agents follow that are started from now on. */
    public void follow(PathPattern... now) {
        patterns = List.of(now);
    }

    public long bootNanos() {
        return bootNanos;
    }

    public long wallNanos() {
        return bootNanos + wallOffset;
    }

    /** Somebody sets the clock. */
    public void stepWallClock(long nanos) {
        wallOffset += nanos;
    }

    public Timestamp now() {
        return new Timestamp(wallNanos(), bootNanos);
    }

    public ForgetfulFile disk() {
        return disk;
    }

    public Ring ring() {
        return Objects.requireNonNull(ring, "no agent runs");
    }

    public Losses losses() {
        return Objects.requireNonNull(losses, "no agent runs");
    }

    public Tail tail() {
        return Objects.requireNonNull(tail, "no agent runs");
    }

    public boolean isRunning() {
        return tail != null;
    }

    /** Starts an agent from what is in the ring. */
    public SimNode start() {
        if (tail != null) {
            throw new IllegalStateException("an agent runs");
        }
        try {
            Ring opened = Ring.open(disk);
            Frame.Head head = collectorHead();
            Losses lost = new Losses(whenFull, opened);
            boolean behindLostRing = opened.awaitsCollector();
            if (behindLostRing) {
                new Junction(opened, lost, end -> assertSame(end.orElse(null), head)).behind(head);
            } else {
                opened.acknowledge(
                        head == null
                                ? 0
                                : Math.min(head.sequence(), opened.standing().durable()));
            }
            Replayed replayed =
                    behindLostRing ? Replayed.behind(stream(), Optional.ofNullable(head)) : Replayed.from(opened);
            replayed.declared().forEach(declared -> lost.restore(declared.sequence(), declared.gap()));
            RatchetFile ratchet = RatchetFile.open(keyDirectory, stream());
            ChainHead end = replayed.head();
            Sealer sealer = behindLostRing && end != null
                    ? Sealer.inNextEpoch(
                            Entry.EpochReason.RING_LOST,
                            opened,
                            end,
                            ratchet,
                            identity,
                            "node-1",
                            bootId,
                            secrets,
                            lost)
                    : Sealer.resume(opened, end, ratchet, identity, "node-1", bootId, secrets, lost);
            ring = opened;
            losses = lost;
            keys = ratchet;
            tail = new Tail(
                    kernel,
                    patterns,
                    List.of(),
                    pinning ? FilePath.of(PINS) : null,
                    sealer,
                    new Tail.Chain(
                            replayed.files(),
                            replayed.nextFile(),
                            replayed.wholeFrom(),
                            replayed.end(),
                            () -> opened.standing().acknowledged()),
                    new Tail.Limits(mostFiles, opened.mostRestated() / 4L * 3, mostPinned),
                    this::now);
            return this;
        } catch (IOException | MalformedException e) {
            throw new AssertionError("the agent does not start", e);
        }
    }

    /** Lets the agent do what is due, without any time passing. Returns how long it wants to wait. */
    public long turn() throws IOException {
        long wait = tail().turn();
        if (wait < 0) {
            throw new AssertionError("a turn asked to wait for " + wait);
        }
        return wait;
    }

    /** Lets time pass: the agent is called whenever it wants to be, and whenever its kernel has something for it. */
    public void run(long nanos) throws IOException {
        long end = bootNanos + nanos;
        int busy = 0;
        while (bootNanos < end) {
            long wait = turn();
            boolean idle = wait > 0 && !kernel.hasEvents();
            busy = idle ? 0 : busy + 1;
            if (busy > MOST_BUSY_TURNS) {
                throw new AssertionError("the agent spins");
            }
            bootNanos = Math.min(end, bootNanos + (idle ? wait : BUSY_TURN));
            files.release();
        }
    }

    /** Time passes, and no agent notices. */
    public void pass(long nanos) {
        bootNanos += nanos;
    }

    /** Makes durable what is in the ring. */
    public void sync() throws IOException {
        ring().sync();
    }

    /** The collector takes everything that is durable and that it lacks, and its receipts come back. */
    public void ship() throws IOException {
        ship(Integer.MAX_VALUE);
    }

    /** The same, but no more than so many segments. */
    public void ship(int most) throws IOException {
        Ring from = ring();
        try {
            RingCursor cursor = new Junction(from, losses(), _ -> {}).behind(collectorHead());
            for (int i = 0; i < most; i++) {
                ByteBuffer bytes = cursor.read();
                if (bytes == null) {
                    break;
                }
                byte[] segment = new byte[bytes.remaining()];
                bytes.get(segment);
                collect(segment);
            }
        } catch (MalformedException e) {
            throw new AssertionError("the ring holds what is no segment", e);
        }
        Frame.Head head = collectorHead();
        if (head != null) {
            from.acknowledge(head.sequence());
        }
    }

    /** The end of what the collector has. */
    private Frame.@Nullable Head collectorHead() {
        if (collected.isEmpty()) {
            return null;
        }
        try {
            Segment last = Segment.of(ByteBuffer.wrap(collected.getLast()));
            return new Frame.Head(
                    last.header().sequence(),
                    last.hash(),
                    last.header().epoch(),
                    collectorFiles.lowestNew(),
                    collectorLacks.undeclared(Frame.Head.MOST_UNDECLARED));
        } catch (MalformedException e) {
            throw new AssertionError("a collected segment is malformed", e);
        }
    }

    /** The collector loses its disk but for the first so many segments, as after a restore from a backup. */
    public void collectorKeeps(int segments) {
        List<byte[]> kept = List.copyOf(collected.subList(0, segments));
        collected.clear();
        collectorFiles = FileTable.fromTheStart();
        collectorLacks = new LostSegments();
        try {
            for (byte[] segment : kept) {
                collect(segment);
            }
        } catch (MalformedException e) {
            throw new AssertionError("a collected segment is malformed", e);
        }
    }

    private void collect(byte[] bytes) throws MalformedException {
        Frame.Head before = collectorHead();
        long expected = before == null ? 1 : before.sequence() + 1;
        Segment segment = Segment.of(ByteBuffer.wrap(bytes));
        long sequence = segment.header().sequence();
        boolean restates = segment.header().restates();
        if (sequence < expected || (sequence > expected && !restates)) {
            throw new AssertionError("segment %d does not come behind %d".formatted(sequence, expected - 1));
        }
        if (sequence > expected) {
            collectorLacks.missing(expected, sequence - 1, collectorFiles, segment.entries(), restates);
        }
        collectorFiles.apply(segment.entries(), restates);
        collectorLacks.declare(sequence, segment.entries());
        collected.add(bytes);
    }

    /** What the collector has. */
    public List<byte[]> collected() {
        return collected;
    }

    /** Runs until everything is read, sealed and collected, as far as that is possible. */
    public List<byte[]> settle() throws IOException {
        for (int i = 0; i < 6; i++) {
            run(3 * SECOND);
            sync();
            ship();
        }
        return collected;
    }

    /** The agent's process ends without a word. What it wrote is in the page cache. */
    public void kill() {
        tail = null;
        ring = null;
        kernel.processDied();
        closeKeys();
    }

    /** The agent is asked to end, and does so in order. */
    public boolean stop() throws IOException {
        boolean kept = tail().finish(3 * SECOND);
        ring().sync();
        kill();
        return kept;
    }

    private void closeKeys() {
        try {
            if (keys != null) {
                keys.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        keys = null;
    }

    /** The machine goes down and comes up again. What was not synced may be gone, and the keys in memory are. */
    public void powerFailure(ForgetfulFile.Loss loss) {
        if (isRunning()) {
            kill();
        }
        disk.crash(loss, random);
        loseKeys();
        bootId = newBootId();
        wallOffset += bootNanos + 30 * SECOND;
        bootNanos = SECOND;
    }

    private static void assertSame(Frame.@Nullable Head told, Frame.@Nullable Head head) {
        if (!Objects.equals(told, head)) {
            throw new AssertionError("the agent was told of another end: " + told + ", not " + head);
        }
    }

    /** The file of the ring goes, and nothing else. No agent runs. */
    public void loseRing() throws IOException {
        Ring.create(
                disk, RingLayout.of(stream(), "node-1", RING, random.nextInt()).continuing());
    }

    /** The memory-backed directory is emptied. */
    public void loseKeys() {
        try {
            Files.deleteIfExists(keyDirectory.resolve(stream() + ".ratchet"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
