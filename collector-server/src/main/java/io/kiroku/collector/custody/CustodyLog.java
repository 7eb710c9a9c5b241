package io.kiroku.collector.custody;

import io.kiroku.collector.access.CustodyRecord;
import io.kiroku.collector.access.CustodySink;
import io.kiroku.collector.ingest.Intake;
import io.kiroku.collector.own.OwnStream;
import io.kiroku.collector.store.OwnNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The custody log: a stream of the collector's own, each record a line of JSON. There is no collector without it, and no switch
 * for it. Used by any thread.
 */
public final class CustodyLog implements CustodySink, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CustodyLog.class);
    private static final String NAME = "custody";

    /** How often what commands left beside the collector is looked for. */
    private static final long EVERY_MILLIS = 2_000;

    private final InstantSource clock;
    private final OwnStream stream;
    private final PendingRecords pending;
    private final ScheduledExecutorService sweeping = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("custody").factory());

    private CustodyLog(InstantSource clock, OwnStream stream, PendingRecords pending) {
        this.clock = clock;
        this.stream = stream;
        this.pending = pending;
    }

    /**
     * Opens the log, and writes down that the collector started, and then what commands did while none ran.
     *
     * @param version the program's name and version
     * @param configuration SHA-256 of what the collector was told at its start, in hexadecimal
     * @throws IOException if nothing can be written down: then no collector may start
     */
    public static CustodyLog open(
            Path data, Intake intake, InstantSource clock, LongSupplier nanoTime, String version, String configuration)
            throws IOException {
        OwnStream stream = OwnStream.open(data, NAME, OwnNode.CUSTODY, intake, clock, nanoTime);
        boolean opened = false;
        try {
            CustodyLog log = new CustodyLog(clock, stream, new PendingRecords(data));
            log.take(CustodyRecord.started(clock.instant(), version, configuration));
            log.pending.sweep(log::takeAll);
            log.sweeping.scheduleWithFixedDelay(log::sweep, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
            opened = true;
            return log;
        } finally {
            if (!opened) {
                stream.close();
            }
        }
    }

    @Override
    public void take(CustodyRecord record) throws IOException {
        takeAll(List.of(record));
    }

    private void takeAll(List<CustodyRecord> records) throws IOException {
        stream.add(records.stream()
                .map(record -> record.json().getBytes(StandardCharsets.UTF_8))
                .toList());
    }

    private void sweep() {
        try {
            pending.sweep(this::takeAll);
        } catch (IOException | RuntimeException failure) {
            // They stay where they are, and are looked for again.
            LOG.warn("Records that commands left could not be taken into the custody log: {}.", failure.getMessage());
        }
    }

    /** Writes down that the collector ends. */
    @Override
    public void close() throws IOException {
        sweeping.shutdownNow();
        try {
            take(CustodyRecord.stopped(clock.instant()));
        } catch (IOException unkept) {
            LOG.warn("That the collector ends could not be written into the custody log: {}.", unkept.getMessage());
        } finally {
            stream.close();
        }
    }
}
