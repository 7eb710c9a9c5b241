package io.kiroku.collector.store;

import io.kiroku.collector.store.RecordCursor.Broken;
import io.kiroku.collector.store.RecordCursor.Whole;
import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.durable.StorageFile;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.segment.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a store into order after whatever happened to it. Up to where the catalogue goes, records were on stable storage
 * and are not read again; those behind are. The first record there that is not whole ends the volume if nothing states
 * that it was durable: a crash tore it, it was never acknowledged, and it is cut off. If something does state it, the
 * record was damaged later: then nothing is cut, what lies behind it is taken in, and the volume is not written again.
 */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
    private static final int SLICE = 1 << 20;

    /** The number of the first record behind a volume that is the last. */
    private static final long NO_BOUND = Long.MAX_VALUE;

    /**
     * A store in order.
     *
     * @param number the highest that was ever given to a record, as far as can be told
     * @param lastVolume the highest that was ever given to a volume, 0 if there is none
     * @param open the last volume, if it can be written on
     */
    record Recovered(long number, int lastVolume, @Nullable Open open) {}

    /** A volume that can be written on, and its catalogue. */
    record Open(int volume, StorageFile file, long end, Catalogue.Writer catalogue) {}

    private final StoreFiles files;
    private final Holdings holdings;

    /** Number of the last record that was seen, and the highest that anything states to have been durable. */
    private long number;

    private long highest;

    Recovery(StoreFiles files, Holdings holdings) {
        this.files = files;
        this.holdings = holdings;
    }

    Recovered run() throws IOException {
        SortedSet<Integer> volumes = files.volumeNumbers();
        SortedSet<Integer> all = new TreeSet<>(volumes);
        all.addAll(files.catalogueNumbers());
        holdings.volumes.set(volumes.size());
        @Nullable Open open = null;
        for (Iterator<Integer> each = all.iterator(); each.hasNext(); ) {
            int volume = each.next();
            if (volumes.contains(volume)) {
                open = new OneVolume(volume, firstRecordBehind(volume, volumes)).recover(!each.hasNext());
            } else {
                damaged("Volume {} is missing, but its catalogue is there.", volume);
            }
        }
        return new Recovered(Math.max(number, highest), all.isEmpty() ? 0 : all.last(), open);
    }

    private long firstRecordBehind(int volume, SortedSet<Integer> volumes) throws IOException {
        for (int later : volumes.tailSet(volume + 1)) {
            try (StorageFile file = files.volumes().openForReading(StoreFiles.volumeName(later))) {
                return headerOf(file, later).firstRecord();
            } catch (MalformedException damagedToo) {
                // The header of the one after it says as much.
            }
        }
        return NO_BOUND;
    }

    private static VolumeHeader headerOf(StorageFile file, int volume) throws IOException, MalformedException {
        ByteBuffer header = ByteBuffer.allocate(VolumeHeader.LENGTH);
        file.read(header, 0);
        return VolumeHeader.decode(header.flip(), volume);
    }

    private void damaged(String sentence, Object... arguments) {
        holdings.damaged.incrementAndGet();
        LOG.error(sentence, arguments);
    }

    /** One volume's recovery. */
    private final class OneVolume {
        private final int volume;
        private final long bound;
        private boolean sound = true;
        private boolean behindDamage;
        private long end = VolumeHeader.LENGTH;
        private long catalogueEnd;
        private Catalogue.@Nullable Writer catalogue;

        private OneVolume(int volume, long bound) {
            this.volume = volume;
            this.bound = bound;
        }

        private @Nullable Open recover(boolean last) throws IOException {
            StorageFile file = files.volumes().open(StoreFiles.volumeName(volume));
            boolean handedOver = false;
            try {
                checkHeader(file);
                cover(file);
                if (last && sound) {
                    writeAgain(file, end, file.size());
                }
                // Before the catalogue says of anything that it is on stable storage.
                file.sync();
                takeTail(file);
                if (last && sound) {
                    handedOver = true;
                    return new Open(volume, file, end, catalogue());
                }
                return null;
            } finally {
                if (!handedOver) {
                    file.close();
                    if (catalogue != null) {
                        catalogue.close();
                    }
                }
            }
        }

        private void checkHeader(StorageFile file) throws IOException {
            try {
                long first = headerOf(file, volume).firstRecord();
                if (first != number + 1) {
                    damaged("Volume {} begins with record {}, expected was {}.", volume, first, number + 1);
                    number = first - 1;
                }
            } catch (MalformedException malformed) {
                damage("Volume {} is damaged: {}.", volume, String.valueOf(malformed.getMessage()));
            }
        }

        /** Takes in what the catalogue lists and the volume still has. */
        private void cover(StorageFile file) throws IOException {
            long size = file.size();
            @Nullable Catalogued last = lastListed(size);
            if (last == null) {
                return;
            }
            if (!liesIn(file, last)) {
                damage("Volume {} does not hold record {} where its catalogue says.", volume, last.number());
                catalogueEnd = 0;
                return;
            }
            try (Catalogue.Reader reader = Catalogue.Reader.open(files.catalogue(), volume)) {
                Catalogued entry = reader.next();
                while (entry != null && entry.number() <= last.number()) {
                    holdings.add(entry);
                    entry = reader.next();
                }
            }
            number = last.number();
            end = last.place().end();
        }

        private @Nullable Catalogued lastListed(long size) throws IOException {
            @Nullable Catalogued last = null;
            long lacking = 0;
            try (Catalogue.Reader reader = Catalogue.Reader.open(files.catalogue(), volume)) {
                Catalogued entry = reader.next();
                while (entry != null) {
                    highest = Math.max(highest, entry.number());
                    if (entry.place().end() > size) {
                        lacking++;
                    } else {
                        last = copyOf(entry);
                    }
                    entry = reader.next();
                }
                catalogueEnd = reader.end();
            }
            if (lacking > 0) {
                damage("Volume {} ends before {} of the records that its catalogue lists.", volume, lacking);
            }
            return last;
        }

        /** Only what {@link #liesIn} needs: an entry's bytes do not outlast the next one. */
        private static Catalogued copyOf(Catalogued entry) {
            ByteBuffer header = ByteBuffer.allocate(entry.headerBytes().remaining())
                    .put(entry.headerBytes().duplicate())
                    .flip();
            return new Catalogued(entry.number(), entry.place(), entry.header(), header, ByteBuffer.allocate(0));
        }

        private boolean liesIn(StorageFile file, Catalogued entry) throws IOException {
            ByteBuffer frame = ByteBuffer.allocate(RecordFrame.LENGTH);
            file.read(frame, entry.place().recordAt());
            RecordFrame.Head head = RecordFrame.read(frame.flip());
            return head != null
                    && head.number() == entry.number()
                    && head.bodyLength() == entry.place().length();
        }

        private void takeTail(StorageFile file) throws IOException {
            long size = file.size();
            RecordCursor cursor = new RecordCursor(file, end, size, SLICE);
            long stated = 0;
            for (RecordCursor.Stretch stretch = cursor.next(); stretch != null; stretch = cursor.next()) {
                switch (stretch) {
                    case Whole whole -> {
                        if (whole.head().number() >= bound) {
                            cut(file, whole.at(), size);
                            return;
                        }
                        take(whole);
                    }
                    case Broken broken -> {
                        long broke = broken.head() == null
                                ? number + 1
                                : broken.head().number();
                        if (stated == 0) {
                            stated = Math.max(stated(), DurableStated.in(file, broken.at(), size));
                        }
                        if (broke > stated) {
                            cut(file, broken.at(), size);
                            return;
                        }
                        damage(
                                "Volume {} is damaged: bytes {} to {} are no whole record.",
                                volume,
                                broken.at(),
                                broken.end() - 1);
                        behindDamage = true;
                    }
                }
            }
        }

        private long stated() {
            return Math.max(highest, bound == NO_BOUND ? 0 : bound - 1);
        }

        private void take(Whole whole) throws IOException {
            if (whole.head().number() != number + 1 && !behindDamage) {
                damage(
                        "Volume {} holds record {} at byte {}, expected was {}.",
                        volume,
                        whole.head().number(),
                        whole.at(),
                        number + 1);
            }
            behindDamage = false;
            number = whole.head().number();
            highest = Math.max(highest, number);
            end = whole.end();
            Place place = new Place(
                    volume, whole.at() + RecordFrame.LENGTH, whole.head().bodyLength());
            try {
                Catalogued taken = Catalogued.of(number, place, Segment.of(whole.body()));
                holdings.add(taken);
                catalogue().append(List.of(taken));
            } catch (MalformedException noSegment) {
                damage(
                        "Volume {} holds no segment in record {}: {}.",
                        volume,
                        number,
                        String.valueOf(noSegment.getMessage()));
            }
        }

        private void cut(StorageFile file, long from, long size) throws IOException {
            file.truncate(from);
            file.sync();
            holdings.tornTails.incrementAndGet();
            LOG.warn(
                    "Volume {} ended with {} bytes of records that were torn by a crash and never acknowledged: they"
                            + " were cut off.",
                    volume,
                    size - from);
        }

        /**
         * Makes sure that a sync puts on stable storage what is read here. If one had failed, the kernel has it in memory,
         * counts it as clean, and would not write it (fsync(2); PostgreSQL's "fsyncgate").
         */
        private void writeAgain(StorageFile file, long from, long to) throws IOException {
            ByteBuffer slice = ByteBuffer.allocateDirect((int) Math.min(1 << 20, to - from));
            for (long at = from; at < to; at += slice.limit()) {
                slice.clear().limit((int) Math.min(slice.capacity(), to - at));
                file.read(slice, at);
                file.write(slice.flip(), at);
            }
        }

        private Catalogue.Writer catalogue() throws IOException {
            if (catalogue == null) {
                catalogue = catalogueEnd == 0
                        ? Catalogue.Writer.create(files.catalogue(), volume)
                        : Catalogue.Writer.open(files.catalogue(), volume, catalogueEnd);
            }
            return catalogue;
        }

        private void damage(String sentence, Object... arguments) {
            sound = false;
            damaged(sentence, arguments);
        }
    }
}
