package io.kiroku.systemtests.simulation;

import io.kiroku.agent.simulation.SeededRandom;
import io.kiroku.collector.log.LogFiles;
import io.kiroku.collector.log.LogSigners;
import io.kiroku.collector.store.CollectorIdentity;
import io.kiroku.collector.store.StoreFiles;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.log.NoteSigner;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.systemtests.simulation.Scheduler.Actor;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Where the collector runs: what outlives its process. */
final class CollectorSite implements Network.Listener {
    private static final String LOG = "kiroku.test/log";
    private static final long EPOCH = 1_750_000_000L * Node.SECOND;

    final Scheduler scheduler;
    final RandomGenerator random;
    final SimDisk disk;
    private CollectorIdentity identity;
    private LogSigners logSigners;
    private int disksLost;
    final DurableSegments durable;
    final DurableLog durableLog;
    final long mostVolume;
    private final boolean mayJump;
    private final Actor world = new Actor(new Scheduler.SimProcess(), "site");
    private long wallOffset = EPOCH;

    /** What the clock was ahead of virtual time, by the virtual time from which on. */
    private final NavigableMap<Long, Long> wallOffsets = new TreeMap<>(Map.of(0L, EPOCH));

    private @Nullable CollectorProcess collector;
    private @Nullable Backup backup;
    private boolean supervised = true;

    /**
     * @param mostVolume bytes of a volume of the store
     * @param mayJump whether agents give up segments that the collector lacks
     */
    CollectorSite(Scheduler scheduler, SplittableRandom random, long mostVolume, boolean mayJump) {
        this.mayJump = mayJump;
        this.scheduler = scheduler;
        this.random = random;
        this.mostVolume = mostVolume;
        this.disk = new SimDisk(scheduler, random.split());
        this.identity = newIdentity();
        this.logSigners = newLogSigners();
        this.durable = new DurableSegments(disk);
        this.durableLog = new DurableLog(disk, this::logFiles);
    }

    private CollectorIdentity newIdentity() {
        return CollectorIdentity.of(SigningKey.generate(new SeededRandom(random.nextLong())));
    }

    /** One key: what two sign is signed one after the other, and the second takes a millisecond. */
    private LogSigners newLogSigners() {
        SigningKey key = SigningKey.generate(new SeededRandom(random.nextLong()));
        return new LogSigners(LOG, List.of(NoteSigner.ed25519(LOG, key)));
    }

    CollectorIdentity identity() {
        return identity;
    }

    /** What was on the disk, the keys included. */
    private record Backup(Map<String, byte[]> files, CollectorIdentity identity, LogSigners logSigners) {}

    /** Takes down what is on the disk, to be restored some time. */
    void backUp() {
        backup = new Backup(disk.copy(), identity, logSigners);
    }

    /** The disk is lost, with the collector's key; what was backed up is restored, if anything was. */
    void loseDisk(long restartAfter) {
        if (collector != null) {
            collector.kill();
        }
        disksLost++;
        if (backup == null) {
            disk.wipe();
            identity = newIdentity();
            logSigners = newLogSigners();
        } else {
            disk.restore(backup.files());
            identity = backup.identity();
            logSigners = backup.logSigners();
        }
        durable.lost();
        durableLog.lost();
        supervise(restartAfter);
    }

    /** Whether streams may go on behind segments that nobody has any more. */
    boolean mayJump() {
        return mayJump || disksLost > 0;
    }

    /** How often what had its receipt was lost. */
    int disksLost() {
        return disksLost;
    }

    StoreFiles files() {
        return new StoreFiles(
                disk.directory(DurableSegments.VOLUMES), disk.directory("catalogue"), disk.directory("aside"));
    }

    LogFiles logFiles() {
        return new LogFiles(disk.directory(DurableLog.DIRECTORY));
    }

    LogSigners logSigners() {
        return logSigners;
    }

    Timestamp clock() {
        return new Timestamp(scheduler.now() + wallOffset, scheduler.now());
    }

    Instant instant() {
        return Instant.ofEpochSecond(0, scheduler.now() + wallOffset);
    }

    void stepClock(long nanos) {
        wallOffset += nanos;
        wallOffsets.put(scheduler.now(), wallOffset);
    }

    /** Whether the clock was ahead of virtual time by something between two bounds, at some time of a stretch. */
    boolean wasAhead(long from, long to, long least, long most) {
        Long first = wallOffsets.floorKey(Math.max(0, from));
        return wallOffsets.subMap(first == null ? 0L : first, true, Math.max(0, to), true).values().stream()
                .anyMatch(offset -> offset >= least && offset <= most);
    }

    @Nullable
    CollectorProcess collector() {
        return collector;
    }

    @Override
    public Connection.@Nullable End accept() {
        return collector == null ? null : collector.accept();
    }

    @Override
    public void opened(Connection.End end, Connection connection) {
        ((CollectorProcess.Session) end).opened(connection);
    }

    void supervise(long delay) {
        supervised = true;
        scheduler.in(delay, world, "start", () -> {
            if (supervised && collector == null) {
                CollectorProcess started = new CollectorProcess(this);
                collector = started;
                scheduler.in(0, started.main(), "begin", started::begin);
            }
        });
    }

    void ended(CollectorProcess process) {
        if (collector == process) {
            collector = null;
        }
    }

    void kill(long restartAfter) {
        if (collector != null) {
            collector.kill();
        }
        supervise(restartAfter);
    }

    void failPower(long restartAfter) {
        if (collector != null) {
            collector.powerFailed();
        }
        disk.crash();
        supervise(restartAfter);
    }
}
