package io.kiroku.collector.store;

import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The truth: verified segments of all streams in the order in which they were accepted, in append-only volumes of at most
 * 1 GiB. A segment counts once {@link #sync} has returned after its {@link #append}; its record then has the next number,
 * and numbers have no hole through all volumes.
 *
 * <p>One thread appends, syncs and puts aside; every thread may ask what is held. Reading is for {@link StoreReader}, in
 * this process or another.
 */
public final class Store implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Store.class);

    private final StoreFiles files;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final long mostVolume;
    private final Holdings holdings = new Holdings();
    private final Aside aside;
    private final SyncTimes syncTimes = new SyncTimes();
    private final List<Catalogued> unsynced = new ArrayList<>();
    private final List<Stored> untaken = new ArrayList<>();

    private @Nullable VolumeWriter volume;
    private Catalogue.@Nullable Writer catalogue;
    private int lastVolume;
    private long number;
    private long durable;

    /**
     * Opens the store and brings it into order after a crash. The caller holds the directory's {@link DirectoryLock}.
     *
     * @param clock what volumes and pieces put aside are dated with
     * @param nanoTime what syncs are timed with
     */
    public static Store open(StoreFiles files, InstantSource clock, LongSupplier nanoTime) throws IOException {
        return open(files, clock, nanoTime, VolumeHeader.MOST_VOLUME);
    }

    /** The same with another bound on a volume's length, so that tests need no gigabytes. */
    public static Store open(StoreFiles files, InstantSource clock, LongSupplier nanoTime, long mostVolume)
            throws IOException {
        return new Store(files, clock, nanoTime, mostVolume);
    }

    private Store(StoreFiles files, InstantSource clock, LongSupplier nanoTime, long mostVolume) throws IOException {
        this.files = files;
        this.mostVolume = mostVolume;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.aside = Aside.open(files.aside());
        Recovery.Recovered recovered = new Recovery(files, holdings).run();
        number = recovered.number();
        durable = number;
        lastVolume = recovered.lastVolume();
        Recovery.Open open = recovered.open();
        if (open != null) {
            volume = new VolumeWriter(open.volume(), open.file(), open.end());
            catalogue = open.catalogue();
        }
    }

    /**
     * Adds a segment that has been verified and continues its stream. Its bytes must not change before {@link #sync}.
     *
     * @throws StoreUnavailableException if the disk does not take it; then nothing since the last sync counts
     */
    public void append(Segment segment) throws StoreUnavailableException {
        try {
            VolumeWriter writer = writerFor(segment.length());
            Place place = writer.append(segment.bytes(), number + 1, durable);
            number++;
            unsynced.add(Catalogued.of(number, place, segment));
        } catch (IOException failure) {
            undo();
            throw new StoreUnavailableException(failure);
        }
    }

    /**
     * Returns when all appended segments are on stable storage.
     *
     * @throws StoreUnavailableException if they are not; then nothing since the last sync counts
     */
    public void sync() throws StoreUnavailableException {
        try {
            syncVolume();
        } catch (IOException failure) {
            throw new StoreUnavailableException(failure);
        }
    }

    private void syncVolume() throws IOException {
        if (unsynced.isEmpty() || volume == null) {
            return;
        }
        try {
            volume.write();
        } catch (IOException failure) {
            undo();
            throw failure;
        }
        long start = nanoTime.getAsLong();
        try {
            volume.sync();
        } catch (IOException failure) {
            abandonVolume();
            throw failure;
        }
        syncTimes.took(nanoTime.getAsLong() - start);
        durable = number;
        for (Catalogued stored : unsynced) {
            holdings.add(stored);
            untaken.add(new Stored(stored.number(), copyOf(stored.headerBytes())));
        }
        if (catalogue != null) {
            list(catalogue);
        }
        unsynced.clear();
    }

    private static Octets copyOf(ByteBuffer header) {
        ByteBuffer bytes = header.duplicate();
        return Octets.take(bytes, bytes.remaining());
    }

    /**
     * A record on stable storage.
     *
     * @param header of its segment, as stored
     */
    public record Stored(long number, Octets header) {}

    /** What has come to stable storage since this was called last: for who makes the log of it. */
    public List<Stored> takeStored() {
        List<Stored> taken = List.copyOf(untaken);
        untaken.clear();
        return taken;
    }

    /** The highest number that was given to a record on stable storage, 0 if there is none. */
    public long lastRecord() {
        return durable;
    }

    /** The catalogue follows. What it cannot take now it takes before the next segment is appended. */
    private void list(Catalogue.Writer list) {
        try {
            list.append(unsynced);
        } catch (IOException failure) {
            LOG.warn("The catalogue falls behind: {}.", failure.getMessage());
        }
    }

    private VolumeWriter writerFor(int segmentLength) throws IOException {
        if (catalogue != null) {
            catalogue.settle();
        }
        VolumeWriter writer = volume;
        if (writer == null || !writer.hasRoomFor(segmentLength, mostVolume)) {
            syncVolume();
            closeVolume();
            writer = nextVolume();
            volume = writer;
        }
        if (catalogue == null) {
            catalogue = Catalogue.Writer.create(files.catalogue(), writer.volume());
        }
        return writer;
    }

    private VolumeWriter nextVolume() throws IOException {
        int next = lastVolume + 1;
        String name = StoreFiles.volumeName(next);
        try {
            files.volumes().create(name, new VolumeHeader(next, number + 1, nanosSinceEpoch()).encode());
        } catch (FileAlreadyExistsException halfMadeBefore) {
            lastVolume = next;
            throw halfMadeBefore;
        }
        lastVolume = next;
        holdings.volumes.incrementAndGet();
        return new VolumeWriter(next, files.volumes().open(name), VolumeHeader.LENGTH);
    }

    /** After a write that failed: what was durable stays, the rest goes. */
    private void undo() {
        forgetUnsynced();
        if (volume != null) {
            try {
                volume.cutBack();
            } catch (IOException failure) {
                abandonVolume();
            }
        }
    }

    /**
     * After a sync that failed, nobody knows what of the file the disk has, and a second one would succeed all the same: the
     * volume is not written again. The header of the next one says which of its records count.
     */
    private void abandonVolume() {
        forgetUnsynced();
        if (volume != null) {
            LOG.error("Volume {} is not written again after a failure of the disk.", volume.volume());
            try {
                volume.cutBack();
            } catch (IOException failure) {
                LOG.warn("Volume {} could not be cut to what is durable: {}.", volume.volume(), failure.getMessage());
            }
        }
        closeVolume();
    }

    private void forgetUnsynced() {
        unsynced.clear();
        number = durable;
    }

    private void closeVolume() {
        closeCatalogue();
        if (volume != null) {
            try {
                volume.close();
            } catch (IOException failure) {
                LOG.warn("Volume {} could not be closed: {}.", volume.volume(), failure.getMessage());
            }
            volume = null;
        }
    }

    private void closeCatalogue() {
        if (catalogue != null) {
            try {
                catalogue.close();
            } catch (IOException failure) {
                LOG.warn("A catalogue could not be closed: {}.", failure.getMessage());
            }
            catalogue = null;
        }
    }

    /**
     * Keeps bytes that do not fit, for people to look at. They are no part of the store.
     *
     * @param stream as which the agent had greeted
     * @param from the agent's address
     * @param why one sentence
     */
    public void putAside(Octets stream, ByteBuffer bytes, String from, String why) {
        try {
            if (!aside.keep(new Aside.Piece(stream, bytes, clock.instant(), from, why))) {
                LOG.warn("A segment of stream {} was not put aside, there is no room for it.", stream.brief());
            }
        } catch (IOException failure) {
            LOG.warn("A segment of stream {} could not be put aside: {}.", stream.brief(), failure.getMessage());
        }
    }

    /** The last segment of a stream on stable storage, null if there is nothing of it. */
    public @Nullable ChainHead head(Octets stream) {
        StreamEnd end = holdings.end(stream);
        return end == null ? null : end.head();
    }

    /** The end of a stream on stable storage, null if there is nothing of it. */
    public @Nullable StreamEnd end(Octets stream) {
        return holdings.end(stream);
    }

    /**
     * The files that a stream's last segment on stable storage left open, each with the offset behind all that is accounted
     * for. To be asked while nobody writes the stream.
     */
    public List<Entry.File> followed(Octets stream) {
        return holdings.followed(stream);
    }

    /** The ends of all streams on stable storage. */
    public List<StreamEnd> ends() {
        return holdings.ends();
    }

    public StoreCounts counts() {
        return holdings.counts(aside);
    }

    public SyncTimes syncTimes() {
        return syncTimes;
    }

    /** Bytes that can still be written. */
    public long freeBytes() throws IOException {
        return files.volumes().freeBytes();
    }

    private long nanosSinceEpoch() {
        Instant now = clock.instant();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    /** Closes the files. What was appended and not synced is undone. */
    @Override
    public void close() {
        if (!unsynced.isEmpty()) {
            undo();
        }
        closeVolume();
    }
}
