package io.kiroku.collector.store;

import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.durable.StorageFile;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A read-only view of a store, in any process, also while a collector writes it. It shows what is on stable storage: what
 * the catalogue lists; and behind the catalogue's end, where no collector is at work any more, the records that are
 * whole. It may be used by several threads.
 */
public final class StoreReader implements AutoCloseable {
    private static final int SLICE = 1 << 20;

    /** Whether a collector is at work in the directory. */
    private final BooleanSupplier live;

    private final StoreFiles files;

    /** Where in the catalogue the last scan ended, so that the next one from there need not search. */
    private volatile Hint hint = new Hint(Position.START, Catalogue.HEADER);

    private record Hint(Position position, long catalogueOffset) {}

    private StoreReader(StoreFiles files, BooleanSupplier live) {
        this.files = files;
        this.live = live;
    }

    /**
     * Opens the store in a collector's data directory. An empty directory is an empty store.
     *
     * @throws NoSuchFileException if there is no such directory
     */
    public static StoreReader open(Path data) throws IOException {
        return new StoreReader(StoreFiles.existing(data), () -> isHeld(data));
    }

    /** Opens a store in directories of any kind. */
    public static StoreReader open(StoreFiles files, BooleanSupplier live) {
        return new StoreReader(files, live);
    }

    private static boolean isHeld(Path data) {
        try {
            return DirectoryLock.isHeld(data);
        } catch (IOException unknown) {
            return true;
        }
    }

    /**
     * Gives all stored segments from a position on, in the order in which they were stored.
     *
     * @return the position behind the last of them, to go on from once there are more
     */
    public Position scan(Position from, Consumer<CatalogueEntry> to) throws IOException {
        return walk(from, entry -> {
            try {
                to.accept(new CatalogueEntry(entry.number(), entry.place(), entry.header(), entry.entries()));
            } catch (MalformedException damaged) {
                // Not shown: verification names it.
            }
        });
    }

    /** Takes a record. */
    @FunctionalInterface
    public interface HeaderSink {
        /**
         * Takes the next.
         *
         * @param header of the segment, as stored; valid until this returns
         */
        void take(long number, ByteBuffer header) throws IOException;
    }

    /** Gives the headers of all records from that number on, in their order, as far as they are whole. */
    public void headers(long from, HeaderSink sink) throws IOException {
        walk(new Position(volumeOf(from), VolumeHeader.LENGTH), entry -> {
            if (entry.number() >= from) {
                try {
                    sink.take(entry.number(), entry.headerBytes().duplicate());
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            }
        });
    }

    /** The last volume that begins no later than with that record, as far as the volumes' headers say. */
    private int volumeOf(long record) throws IOException {
        int found = 0;
        for (int volume : files.volumeNumbers()) {
            try (StorageFile file = openVolume(volume)) {
                ByteBuffer header = ByteBuffer.allocate(VolumeHeader.LENGTH);
                file.read(header, 0);
                if (VolumeHeader.decode(header.flip(), volume).firstRecord() > record) {
                    break;
                }
                found = volume;
            } catch (MalformedException damaged) {
                // Its neighbours say enough.
            }
        }
        return found;
    }

    /**
     * The hash of a stored segment, looked for from the newest volume back.
     *
     * @return null if the store does not hold a segment of that stream with that sequence
     */
    public @Nullable Octets hashOf(Octets stream, long sequence) throws IOException {
        List<Integer> volumes = new ArrayList<>(files.volumeNumbers());
        for (int volume : volumes.reversed()) {
            Search search = new Search(stream, sequence);
            walkVolume(volume, new Position(volume, VolumeHeader.LENGTH), volume == volumes.getLast(), search);
            if (search.found != null || search.passed) {
                return search.found;
            }
        }
        return null;
    }

    /** Looks for one segment; passed if the volume begins before it, so that older volumes cannot have it. */
    private static final class Search implements Consumer<Catalogued> {
        private final Octets stream;
        private final long sequence;
        private @Nullable Octets found;
        private boolean passed;

        private Search(Octets stream, long sequence) {
            this.stream = stream;
            this.sequence = sequence;
        }

        @Override
        public void accept(Catalogued entry) {
            if (entry.header().stream().equals(stream)) {
                passed |= entry.header().sequence() < sequence;
                if (entry.header().sequence() == sequence) {
                    found = entry.hash();
                }
            }
        }
    }

    private Position walk(Position from, Consumer<Catalogued> to) throws IOException {
        Position position = from;
        SortedSet<Integer> volumes = new TreeSet<>(files.volumeNumbers());
        for (int volume : volumes.tailSet(from.volume())) {
            Position start = volume == from.volume() ? from : new Position(volume, VolumeHeader.LENGTH);
            position = walkVolume(volume, start, volume == volumes.last(), to);
        }
        return position;
    }

    private Position walkVolume(int volume, Position from, boolean last, Consumer<Catalogued> to) throws IOException {
        try (StorageFile file = openVolume(volume)) {
            long listed = walkCatalogue(volume, from.offset(), file.size(), to);
            long end = last && live.getAsBoolean() ? listed : walkRecords(file, volume, listed, to);
            return new Position(volume, end);
        }
    }

    /** Gives what the catalogue lists and the volume has from that offset on. Returns the offset behind it. */
    private long walkCatalogue(int volume, long from, long size, Consumer<Catalogued> to) throws IOException {
        Hint known = hint;
        boolean straight =
                known.position().volume() == volume && known.position().offset() == from;
        long at = from;
        try (Catalogue.Reader reader = Catalogue.Reader.open(
                files.catalogue(), volume, straight ? known.catalogueOffset() : Catalogue.HEADER)) {
            Catalogued entry = reader.next();
            if (straight && entry != null && entry.place().recordAt() != from) {
                hint = new Hint(Position.START, Catalogue.HEADER);
                return walkCatalogue(volume, from, size, to);
            }
            long catalogueOffset = straight ? known.catalogueOffset() : Catalogue.HEADER;
            while (entry != null && entry.place().end() <= size) {
                if (entry.place().recordAt() >= at) {
                    to.accept(entry);
                    at = entry.place().end();
                }
                catalogueOffset = reader.end();
                entry = reader.next();
            }
            if (entry == null) {
                hint = new Hint(new Position(volume, at), catalogueOffset);
            }
        }
        return at;
    }

    /** Gives the whole records of a volume from that offset on. Returns the offset behind the last of them. */
    private static long walkRecords(StorageFile file, int volume, long from, Consumer<Catalogued> to)
            throws IOException {
        long at = from;
        RecordCursor cursor = new RecordCursor(file, from, file.size(), SLICE);
        for (RecordCursor.Stretch stretch = cursor.next(); stretch != null; stretch = cursor.next()) {
            if (stretch instanceof RecordCursor.Whole(long start, RecordFrame.Head head, ByteBuffer body)) {
                Place place = new Place(volume, start + RecordFrame.LENGTH, head.bodyLength());
                try {
                    to.accept(Catalogued.of(head.number(), place, Segment.of(body)));
                } catch (MalformedException noSegment) {
                    // Not shown: verification names it.
                }
                at = place.end();
            }
        }
        return at;
    }

    /**
     * Reads a stored segment.
     *
     * @throws MalformedException if what lies there is damaged, or is no segment
     */
    public Segment read(Place place) throws IOException, MalformedException {
        if (place.length() < 1 || place.length() > SegmentFormat.MOST_SEGMENT || place.recordAt() < 0) {
            throw new MalformedException("expected the place of a segment, found " + place);
        }
        ByteBuffer record = ByteBuffer.allocate(RecordFrame.LENGTH + place.length());
        try (StorageFile file = openVolume(place.volume())) {
            file.read(record, place.recordAt());
        }
        record.flip();
        if (record.remaining() < record.capacity()) {
            throw new MalformedException("expected %d bytes at byte %d of volume %d, found %d"
                    .formatted(record.capacity(), place.recordAt(), place.volume(), record.remaining()));
        }
        RecordFrame.Head head = RecordFrame.read(record);
        ByteBuffer body = record.slice(RecordFrame.LENGTH, place.length());
        if (head == null || !head.matches(body)) {
            return undamaged(place, Segment.of(body));
        }
        return Segment.of(body);
    }

    /** The frame is for finding records; a segment whose own digests match is as good without it. */
    private static Segment undamaged(Place place, Segment segment) throws MalformedException {
        if (!segment.manifestDigest().equals(segment.header().manifestDigest())
                || !segment.payloadDigest().equals(segment.header().payloadDigest())) {
            throw new MalformedException("segment %d of stream %s at byte %d of volume %d is damaged"
                    .formatted(
                            segment.header().sequence(),
                            segment.header().stream().brief(),
                            place.offset(),
                            place.volume()));
        }
        return segment;
    }

    private StorageFile openVolume(int volume) throws IOException {
        return files.volumes().openForReading(StoreFiles.volumeName(volume));
    }

    /** Nothing stays open from one call to the next, so there is nothing to give back yet. */
    @Override
    public void close() {}
}
