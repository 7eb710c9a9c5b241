package io.kiroku.systemtests.memory;

import io.kiroku.agent.simulation.SeededRandom;
import io.kiroku.agent.simulation.SimFiles;
import io.kiroku.agent.simulation.SimKernel;
import io.kiroku.agent.tail.PathPattern;
import io.kiroku.evidence.durable.ChannelFile;
import io.kiroku.evidence.durable.StorageFile;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.systemtests.direct.DirectAgent;
import io.kiroku.systemtests.direct.DirectCollector;
import io.kiroku.systemtests.direct.ScratchDirectory;
import io.kiroku.systemtests.direct.ScratchFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A node and a collector in virtual time, without faults. The agent's and the collector's parts are the product's; log
 * files, kernel and time are simulated; ring and store are files of the operating system, so that the heap holds nothing
 * of them.
 */
final class Day implements AutoCloseable {
    private static final long SECOND = 1_000_000_000L;

    /** Something happens to the pods each time that so much has passed. */
    private static final long STEP = 5 * SECOND;

    /** After a minute nothing more is waited for: neither a writer that may come back nor a pin to be dropped. */
    private static final long SETTLED_AFTER = 90 * SECOND;

    /** One turn of the agent takes so long when there is more to do at once. */
    private static final long BUSY_TURN = 100_000L;

    private static final long BOOT_TO_WALL = 1_750_000_000L * SECOND;
    private static final String PINS = "/var/lib/kiroku/pins";

    /** Small, so that in a day the ring is gone round and a volume begun often. */
    private static final int EXTENT = 256 << 10;

    private static final int EXTENTS = 8;
    private static final long VOLUME = 1 << 20;

    private final SimFiles files = new SimFiles(this::wallNanos);
    private final SimKernel kernel = new SimKernel(files);
    private final Pods pods;
    private final DirectAgent agent;
    private final DirectCollector collector;
    private long bootNanos = SECOND;
    private long nextStep = bootNanos;

    /** @param directory an empty one, for ring and store */
    Day(Path directory, long seed, int podsAtATime, Duration podLife) throws IOException {
        SeededRandom random = new SeededRandom(seed);
        files.mkdirs(PINS);
        pods = new Pods(files, seed, podsAtATime, podLife.toNanos());
        DirectAgent.Place place = new DirectAgent.Place(
                kernel,
                List.of(PathPattern.below(Pods.DIRECTORY, "*/*/*.log")),
                FilePath.of(PINS),
                scratch(directory.resolve("ring")),
                scratch(directory.resolve("keys")));
        place.ring().write(ByteBuffer.allocate(1), (long) EXTENT * (EXTENTS + 1));
        agent = new DirectAgent(place, EXTENT, EXTENTS, random, this::clock);
        collector = new DirectCollector(
                ScratchDirectory.store(directory.resolve("data"), ScratchFile.WHOLE),
                ScratchDirectory.log(directory.resolve("data"), ScratchFile.WHOLE),
                DirectCollector.unpublished(random),
                VOLUME,
                random,
                this::clock);
    }

    private static StorageFile scratch(Path file) throws IOException {
        return new ScratchFile(ChannelFile.open(Files.createFile(file)), ScratchFile.WHOLE);
    }

    private long wallNanos() {
        return bootNanos + BOOT_TO_WALL;
    }

    private Timestamp clock() {
        return new Timestamp(wallNanos(), bootNanos);
    }

    /** Lets so much time pass. */
    void pass(Duration time) throws IOException {
        long end = bootNanos + time.toNanos();
        while (bootNanos < end) {
            if (bootNanos >= nextStep) {
                pods.act(bootNanos, wallNanos());
                nextStep += STEP;
            }
            long wait = agent.turn();
            agent.sync();
            agent.ship(collector);
            boolean isIdle = wait > 0 && !kernel.hasEvents();
            bootNanos += isIdle ? Math.min(wait, nextStep - bootNanos) : BUSY_TURN;
        }
    }

    /** All pods go, and the agent has time to be done with them: what is in memory then is there for no pod. */
    void empty() throws IOException {
        pods.removeAll();
        nextStep = bootNanos + SETTLED_AFTER;
        pass(Duration.ofNanos(SETTLED_AFTER));
    }

    Pods pods() {
        return pods;
    }

    DirectAgent agent() {
        return agent;
    }

    DirectCollector collector() {
        return collector;
    }

    @Override
    public void close() throws IOException {
        collector.close();
        agent.close();
    }
}
