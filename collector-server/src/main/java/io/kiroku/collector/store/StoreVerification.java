package io.kiroku.collector.store;

import io.kiroku.collector.store.RecordCursor.Broken;
import io.kiroku.collector.store.RecordCursor.Whole;
import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.durable.StorageFile;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.trust.RevocationCheck;
import io.kiroku.evidence.verify.Location;
import io.kiroku.evidence.verify.Report;
import io.kiroku.evidence.verify.SegmentCheck;
import io.kiroku.evidence.verify.Verifier;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Verifies a collector's store from its files alone: every byte of every volume, that records follow each other without a
 * hole, each segment and each stream by the {@link Verifier}, and that nothing is gone that the catalogue lists. It goes
 * on behind damage, and may run while a collector writes: then it looks at what was there when it began.
 *
 * <p>Three things are noted, and speak against nothing: segments that lie aside, which are no part of the store; a torn
 * tail, which was never acknowledged and is cut off at the collector's next start; files that are none of the store's.
 */
public final class StoreVerification {
    /** Is told how it goes. */
    public interface Observer {
        /** So many bytes of so many have been looked at. */
        void progress(long doneBytes, long totalBytes);

        /** Something to know that speaks neither against integrity nor against completeness, in one sentence. */
        default void note(String sentence) {}
    }

    /** What the store's log has published of its records. */
    public interface Commitment {
        /** Of a store without a log. */
        Commitment NONE = new Commitment() {
            @Override
            public Optional<String> objection(long number, ByteBuffer header) {
                return Optional.empty();
            }

            @Override
            public List<String> objections(long last) {
                return List.of();
            }
        };

        /**
         * Why a record is not the one that the log has, if so.
         *
         * @param header of its segment, as stored
         */
        Optional<String> objection(long number, ByteBuffer header);

        /**
         * What else contradicts, once all records were looked at.
         *
         * @param last the highest number among them
         */
        List<String> objections(long last);
    }

    private static final int SLICE = 4 << 20;
    private static final long REPORT_EVERY = 4 << 20;
    private static final long NO_BOUND = Long.MAX_VALUE;

    private final StoreFiles files;
    private final boolean live;
    private final RevocationCheck revoked;
    private final Commitment commitment;
    private final Observer observer;
    private final Verifier verifier = new Verifier(Verifier.Scope.WHOLE);
    private final RecordOrder order = new RecordOrder();
    private final Testimony testimony = new Testimony();

    /** Lengths when the verification began: of the catalogues first, so that what they list is in the volumes. */
    private final Map<Integer, Long> catalogues = new LinkedHashMap<>();

    private final Map<Integer, Long> volumes = new LinkedHashMap<>();
    private long total;
    private long done;
    private long reported;
    private long last;

    private StoreVerification(
            StoreFiles files, boolean live, RevocationCheck revoked, Commitment commitment, Observer observer) {
        this.files = files;
        this.live = live;
        this.revoked = revoked;
        this.commitment = commitment;
        this.observer = observer;
    }

    /**
     * Verifies the store in a collector's data directory.
     *
     * @param revoked what speaks against segments whose identities are revoked
     * @param commitment what the log has; read before this is called, so that the store has all of it
     * @throws NoSuchFileException if there is no such directory
     * @throws IOException if the files cannot be read
     */
    public static Report verify(Path data, RevocationCheck revoked, Commitment commitment, Observer observer)
            throws IOException {
        return new StoreVerification(
                        StoreFiles.existing(data), DirectoryLock.isHeld(data), revoked, commitment, observer)
                .run();
    }

    /**
     * Verifies a store in directories of any kind; nothing is revoked.
     *
     * @param live whether a collector is writing it
     */
    public static Report verify(StoreFiles files, boolean live, Observer observer) throws IOException {
        return new StoreVerification(files, live, RevocationCheck.none(), Commitment.NONE, observer).run();
    }

    private Report run() throws IOException {
        measure();
        SortedSet<Integer> all = new TreeSet<>(volumes.keySet());
        all.addAll(catalogues.keySet());
        for (int volume : all) {
            try (Catalogue.Reader catalogue = Catalogue.Reader.open(files.catalogue(), volume)) {
                testimony.volume(catalogue, catalogues.getOrDefault(volume, 0L));
                if (volumes.containsKey(volume)) {
                    volume(volume);
                } else {
                    verifier.missing(null, null, 0, "volume %d is missing, its catalogue is there".formatted(volume));
                }
                testimony.volumeEnded();
            }
        }
        reportMissing();
        revoked.tell(verifier);
        observer.progress(total, total);
        long aside = Aside.piecesIn(files.aside());
        if (aside > 0) {
            observer.note("%d segments that did not fit lie aside in %s".formatted(aside, files.aside()));
        }
        return verifier.report();
    }

    private void measure() throws IOException {
        for (int volume : files.catalogueNumbers()) {
            try (StorageFile file = files.catalogue().openForReading(StoreFiles.catalogueName(volume))) {
                catalogues.put(volume, file.size());
            }
        }
        for (String name : files.volumes().names()) {
            if (!StoreFiles.isVolume(name)) {
                observer.note("%s in %s is no volume, it was not looked at".formatted(name, files.volumes()));
            }
        }
        for (int volume : files.volumeNumbers()) {
            try (StorageFile file = files.volumes().openForReading(StoreFiles.volumeName(volume))) {
                volumes.put(volume, file.size());
                total += file.size();
            }
        }
    }

    private void volume(int volume) throws IOException {
        long size = volumes.getOrDefault(volume, 0L);
        try (StorageFile file = files.volumes().openForReading(StoreFiles.volumeName(volume))) {
            header(file, volume, size);
            new OneVolume(file, volume, size, firstRecordBehind(volume)).verify();
        }
    }

    private void header(StorageFile file, int volume, long size) throws IOException {
        try {
            order.volume(readHeader(file, volume).firstRecord());
        } catch (MalformedException malformed) {
            long length = Math.min(size, VolumeHeader.LENGTH);
            verifier.damaged(location(volume, 0, length), String.valueOf(malformed.getMessage()));
        }
        progress(VolumeHeader.LENGTH);
    }

    private static VolumeHeader readHeader(StorageFile file, int volume) throws IOException, MalformedException {
        ByteBuffer header = ByteBuffer.allocate(VolumeHeader.LENGTH);
        file.read(header, 0);
        return VolumeHeader.decode(header.flip(), volume);
    }

    private long firstRecordBehind(int volume) throws IOException {
        for (int later : volumes.keySet()) {
            if (later > volume) {
                try (StorageFile file = files.volumes().openForReading(StoreFiles.volumeName(later))) {
                    return readHeader(file, later).firstRecord();
                } catch (MalformedException damagedToo) {
                    // The header of the one after it says as much.
                }
            }
        }
        return NO_BOUND;
    }

    private void reportMissing() {
        commitment.objections(last).forEach(sentence -> verifier.missing(null, null, 0, sentence));
        for (Testimony.Listed listed : testimony.absent()) {
            verifier.missing(
                    null,
                    listed.stream(),
                    listed.sequence(),
                    "the catalogue lists it as record %d, and the store does not hold it whole"
                            .formatted(listed.number()));
        }
        if (testimony.unremembered() > 0) {
            verifier.missing(
                    null, null, 0, "up to %d more are listed and not there".formatted(testimony.unremembered()));
        }
        for (RecordOrder.Range range : order.missing()) {
            if (!named(range)) {
                verifier.missing(null, null, 0, range.toString());
            }
        }
    }

    /** Whether all that had these numbers is named by the catalogue, or was stored again elsewhere. */
    private boolean named(RecordOrder.Range range) {
        long number = range.first();
        while (number <= range.last() && testimony.names(number)) {
            number++;
        }
        return number > range.last();
    }

    private void progress(long bytes) {
        done += bytes;
        if (done - reported >= REPORT_EVERY) {
            reported = done;
            observer.progress(Math.min(done, total), total);
        }
    }

    private static Location location(int volume, long at, long length) {
        return new Location(StoreFiles.VOLUMES + StoreFiles.volumeName(volume), at, length);
    }

    /** What is wrong with a stretch, and whose it was by what is left of it. */
    private record Damage(String sentence, @Nullable Octets stream, long sequence) {}

    /** The records of one volume. */
    private final class OneVolume {
        private final StorageFile file;
        private final int volume;
        private final long size;
        private final long bound;
        private long stated;

        /**
         * @param bound number of the first record of the next volume: a record here that has it, or a higher one, never
         *     counted
         */
        private OneVolume(StorageFile file, int volume, long size, long bound) {
            this.file = file;
            this.volume = volume;
            this.size = size;
            this.bound = bound;
        }

        private void verify() throws IOException {
            RecordCursor cursor = new RecordCursor(file, VolumeHeader.LENGTH, size, SLICE);
            for (RecordCursor.Stretch stretch = cursor.next(); stretch != null; stretch = cursor.next()) {
                boolean goOn = switch (stretch) {
                    case Whole whole -> whole(whole);
                    case Broken broken -> broken(broken);
                };
                if (!goOn) {
                    progress(size - stretch.at());
                    return;
                }
                progress(stretch.length());
            }
        }

        private boolean whole(Whole whole) throws IOException {
            long number = whole.head().number();
            if (number >= bound) {
                return torn(whole.at());
            }
            Location at = location(volume, whole.at(), whole.length());
            long expected = order.expected();
            RecordOrder.Standing standing = order.record(number);
            @Nullable Segment segment = null;
            try {
                segment = Segment.of(whole.body());
                testimony.found(number, segment.hash());
            } catch (MalformedException noSegment) {
                // The verifier below says so.
            }
            String misplaced = switch (standing) {
                case NEXT -> "";
                case AHEAD, LATE -> "record %d lies where record %d belongs".formatted(number, expected);
                case TWICE -> "record %d is there twice".formatted(number);
            };
            if (!misplaced.isEmpty()) {
                verifier.damaged(
                        at,
                        segment == null ? null : segment.header().stream(),
                        segment == null ? 0 : segment.header().sequence(),
                        misplaced);
            }
            verifier.segment(at, whole.body());
            last = Math.max(last, number);
            if (segment != null) {
                Octets stream = segment.header().stream();
                long sequence = segment.header().sequence();
                commitment
                        .objection(number, segment.headerBytes())
                        .ifPresent(sentence -> verifier.damaged(at, stream, sequence, sentence));
                // The log has the header of record n as entry n - 1.
                revoked.segment(
                        verifier,
                        at,
                        segment.header().stream(),
                        segment.header().sequence(),
                        number - 1);
            }
            return true;
        }

        private boolean broken(Broken broken) throws IOException {
            long number =
                    broken.head() == null ? order.expected() : broken.head().number();
            List<Testimony.Listed> names = testimony.within(broken.at(), broken.end());
            if (names.isEmpty() && number > stated(broken.at())) {
                return torn(broken.at());
            }
            order.broken();
            Location at = location(volume, broken.at(), broken.length());
            Damage damage = inspect(at, number);
            if (names.isEmpty()) {
                verifier.damaged(at, damage.stream(), damage.sequence(), damage.sentence());
            }
            for (Testimony.Listed name : names) {
                verifier.damaged(at, name.stream(), name.sequence(), damage.sentence());
            }
            return true;
        }

        /** What is to be said of a broken stretch. If only its frame is damaged, the segment in it still counts. */
        private Damage inspect(Location at, long number) throws IOException {
            if (at.length() <= RecordFrame.LENGTH || at.length() > RecordFrame.LENGTH + RecordCursor.MOST_BODY) {
                return new Damage("expected record %d, found bytes that are none".formatted(number), null, 0);
            }
            ByteBuffer record = ByteBuffer.allocate((int) at.length());
            file.read(record, at.offset());
            ByteBuffer body = record.flip().slice(RecordFrame.LENGTH, record.remaining() - RecordFrame.LENGTH);
            Segment segment;
            try {
                segment = Segment.of(body);
            } catch (MalformedException malformed) {
                return new Damage("record %d is damaged: %s".formatted(number, malformed.getMessage()), null, 0);
            }
            String sentence = switch (new SegmentCheck().check(segment)) {
                case SegmentCheck.Outcome.Sound _ -> {
                    testimony.found(number, segment.hash());
                    verifier.segment(at, body);
                    yield "the frame of record %d is damaged, its segment is whole".formatted(number);
                }
                case SegmentCheck.Outcome.Unsound unsound -> {
                    if (unsound.headerHolds()) {
                        verifier.unsound(at, segment);
                    }
                    yield "record %d is damaged: %s".formatted(number, unsound.sentence());
                }
            };
            return new Damage(
                    sentence, segment.header().stream(), segment.header().sequence());
        }

        /** The highest number that anything states to have been durable, by what lies from there on in this volume. */
        private long stated(long from) throws IOException {
            if (stated == 0) {
                long byNext = bound == NO_BOUND ? 0 : bound - 1;
                stated = Math.max(byNext, DurableStated.in(file, from, size));
            }
            return stated;
        }

        /** All from here on never counted. While a collector writes, it is what he is writing. */
        private boolean torn(long from) {
            if (!live) {
                observer.note("bytes %d to %d of volume %d are records that a crash tore; they were never acknowledged"
                        .formatted(from, size - 1, volume));
            }
            return false;
        }
    }
}
