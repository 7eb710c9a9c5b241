package io.kiroku.collector.query;

import io.kiroku.collector.store.CatalogueEntry;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.record.LostSegments;
import io.kiroku.evidence.segment.SegmentHeader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one stream declares lost: each loss once, as verification counts it, and with its source. For use by one thread. */
final class StreamLosses {
    /**
     * A loss.
     *
     * @param sequence of the segment that declares it
     * @param source null if it is not known which file it concerns
     * @param stated whether the gap stands there as it is; else it follows from lost segments or a lost ring
     */
    record Loss(long sequence, @Nullable FilePath source, Entry.Gap gap, boolean stated) {}

    private FileTable files = new FileTable();
    private final LostSegments lost = new LostSegments();
    private final List<FileTable.Followed> cutOff = new ArrayList<>();
    private long last;

    /** The stream's files as the last segment left them. */
    FileTable files() {
        return files;
    }

    /** Takes in the stream's next segment, and returns the losses that are known now and were not before. */
    List<Loss> add(CatalogueEntry stored) {
        SegmentHeader header = stored.header();
        List<Loss> losses = new ArrayList<>();
        for (FileTable.Followed file : files.cutOffBy(stored.entries())) {
            Entry.Gap gap = FileTable.cutOff(file, header.sealed().wallNanos());
            losses.add(new Loss(header.sequence(), file.source(), gap, false));
            cutOff.add(file);
        }
        Map<Integer, FilePath> declared = new HashMap<>();
        for (Entry entry : stored.entries()) {
            switch (entry) {
                case Entry.File file -> declared.put(file.file(), file.source());
                case Entry.Gap gap ->
                    losses.add(new Loss(header.sequence(), sourceOf(gap.file(), declared), gap, true));
                default -> {}
            }
        }
        if (last == 0 && (header.sequence() == 1 || header.restates())) {
            files = FileTable.fromTheStart();
        }
        if (header.sequence() > last + 1) {
            lost.missing(last + 1, header.sequence() - 1, files, stored.entries(), header.restates());
        }
        last = Math.max(last, header.sequence());
        files.apply(stored.entries(), header.restates());
        lost.declare(header.sequence(), stored.entries()).forEach(settled -> take(settled, losses));
        return losses;
    }

    /** The losses in segments of which some are missing and not declared lost, as far as they are declared. */
    List<Loss> open() {
        List<Loss> losses = new ArrayList<>();
        lost.open().forEach(settled -> take(settled, losses));
        return losses;
    }

    /**
     * The file that was cut off when the ring was lost and that seems to be captured again, as this one; null if there is
     * none. Of several it is the one that had been read furthest. That they begin with the same bytes is not known yet.
     */
    FileTable.@Nullable Followed before(Entry.File again) {
        return cutOff.stream()
                .filter(file -> file.id() != again.file()
                        && file.source().equals(again.source())
                        && isSame(file.identity(), again.identity())
                        && file.fingerprint().length() > 0)
                .max(Comparator.comparingLong(FileTable.Followed::offset))
                .orElse(null);
    }

    /** Device numbers change at boot, so they decide only where the file system keeps no time of birth. */
    private static boolean isSame(FileIdentity one, FileIdentity other) {
        return one.inode() == other.inode()
                && one.birthNanos() == other.birthNanos()
                && (one.birthNanos() != 0 || one.device() == other.device());
    }

    private static void take(LostSegments.Settled settled, List<Loss> to) {
        for (LostSegments.Declared declared : settled.losses()) {
            to.add(new Loss(
                    declared.sequence(), declared.gap().source(), declared.gap().asGap(), false));
        }
    }

    private @Nullable FilePath sourceOf(int file, Map<Integer, FilePath> declared) {
        FileTable.Followed before = files.get(file);
        FilePath source = declared.get(file);
        return source == null && before != null ? before.source() : source;
    }
}
