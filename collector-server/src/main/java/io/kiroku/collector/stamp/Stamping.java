package io.kiroku.collector.stamp;

import io.kiroku.collector.config.StampConfig;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread that has checkpoints stamped. Nothing waits for it, and what fails is tried again. */
public final class Stamping implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Stamping.class);

    /** For one answer of an authority. */
    private static final Duration BOUND = Duration.ofSeconds(30);

    /**
     * What came of it.
     *
     * @param stamps kept since the start
     * @param newest the time that an authority stated last
     */
    public record Counts(long stamps, Optional<Instant> newest) {}

    private final StampConfig config;
    private final StampFiles files;
    private final Supplier<Optional<byte[]>> latest;
    private final LongSupplier nanoTime;
    private final TimestampClient client = new TimestampClient(BOUND);
    private final StampSchedule schedule;
    private final Thread thread = Thread.ofPlatform().name("stamp").unstarted(this::run);
    private volatile Counts counts = new Counts(0, Optional.empty());

    private Stamping(StampConfig config, StampFiles files, Supplier<Optional<byte[]>> latest, LongSupplier nanoTime) {
        this.config = config;
        this.files = files;
        this.latest = latest;
        this.nanoTime = nanoTime;
        this.schedule = new StampSchedule(config.authorities().size(), config.every(), nanoTime.getAsLong());
    }

    /**
     * Starts the thread.
     *
     * @param directory where notes and responses are kept; made if it is missing
     * @param latest the note of the newest checkpoint that is published, if there is one
     */
    public static Stamping start(
            StampConfig config, Path directory, Supplier<Optional<byte[]>> latest, LongSupplier nanoTime)
            throws IOException {
        Stamping stamping = new Stamping(config, StampFiles.in(directory), latest, nanoTime);
        stamping.thread.start();
        return stamping;
    }

    /** What came of it so far. */
    public Counts counts() {
        return counts;
    }

    private void run() {
        try {
            while (true) {
                for (StampSchedule.Stamp stamp :
                        schedule.step(nanoTime.getAsLong(), latest.get().map(Octets::of))) {
                    stamp(stamp);
                }
                TimeUnit.NANOSECONDS.sleep(schedule.pause(nanoTime.getAsLong()));
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException impossible) {
            LOG.error("The thread that has checkpoints stamped has met what cannot be, and ends.", impossible);
        }
    }

    private void stamp(StampSchedule.Stamp stamp) throws InterruptedException {
        URI authority = config.authorities().get(stamp.authority());
        StampOutcome outcome;
        try {
            long size = StampFiles.size(stamp.note());
            int number = stamp.authority() + 1;
            if (files.isStamped(size, number)) {
                schedule.known(stamp);
                return;
            }
            Octets note = files.toStamp(size, stamp.note());
            outcome = client.ask(authority, note.toArray());
            if (outcome instanceof StampOutcome.Stamped stamped) {
                files.keep(size, note, number, stamped.response());
            }
        } catch (IOException | MalformedException failure) {
            if (Thread.interrupted()) {
                throw new InterruptedException("while a file was written");
            }
            outcome = new StampOutcome.Failed("expected to keep a checkpoint, found that " + failure.getMessage());
        }
        settle(stamp, authority, outcome);
    }

    private void settle(StampSchedule.Stamp stamp, URI authority, StampOutcome outcome) {
        switch (outcome) {
            case StampOutcome.Stamped stamped -> {
                if (schedule.stamped(stamp, nanoTime.getAsLong())) {
                    LOG.info("The timestamping authority {} answers again.", authority);
                }
                counts = new Counts(counts.stamps() + 1, Optional.of(stamped.time()));
            }
            case StampOutcome.Failed failed -> {
                if (schedule.failed(stamp, nanoTime.getAsLong())) {
                    LOG.warn(
                            "The timestamping authority {} has stamped no checkpoint, and is asked again: {}.",
                            authority,
                            failed.sentence());
                }
            }
        }
    }

    /** Ends the thread, in the middle of a question if need be. */
    @Override
    public void close() {
        thread.interrupt();
        client.close();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
