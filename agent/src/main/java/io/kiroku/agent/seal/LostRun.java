package io.kiroku.agent.seal;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Entry.GapCause;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.record.ManifestWriter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Lost segments that follow each other, and what was in them. Because they follow each other, what they held of a file is
 * one range of bytes.
 */
final class LostRun {
    /** A gap of no file takes no more in a manifest: its fields and 1,024 bytes of text. */
    static final int MOST_GAP = 3 + 31 + 1024;

    /** What was lost of one file. */
    private static final class LostFile {
        private final FilePath source;
        private final long from;
        private long to;
        private boolean ended;

        private LostFile(FilePath source, long from, long to) {
            this.source = source;
            this.from = from;
            this.to = to;
        }
    }

    final long first;
    long last;
    final GapCause cause;

    /** The segment in which all of this is stated; 0 if it is not. */
    long statedIn;

    private long wallNanos;
    private final Map<Integer, LostFile> files = new TreeMap<>();
    private final Map<Integer, FilePath> sources = new TreeMap<>();

    /** Bytes of files that are not named, or {@link Entry#UNKNOWN}. */
    private long unnamed;

    private int length;

    LostRun(long first, long last, GapCause cause, long wallNanos) {
        this.first = first;
        this.last = last;
        this.cause = cause;
        this.wallNanos = wallNanos;
    }

    /** Takes in the segments behind it, which are lost too. */
    void goOn(LostRun next) {
        last = next.last;
        wallNanos = next.wallNanos;
        statedIn = 0;
        loseWithoutName(next.unnamed);
        next.files.forEach((id, lost) -> {
            LostFile before = files.get(id);
            if (before == null) {
                name(id, lost);
            } else {
                before.to = lost.to;
                before.ended = lost.ended;
            }
        });
    }

    /** How many files are named. */
    long names() {
        return files.size();
    }

    /** Bytes of its statements in a manifest. */
    int length() {
        return length + (unnamed != 0 || files.isEmpty() ? lengthOf(Entry.NO_FILE, null) : 0);
    }

    private int lengthOf(int file, @Nullable FilePath source) {
        return ManifestWriter.lengthOf(new Entry.SegmentGap(first, first, cause, 0, file, source, 0, 0, false));
    }

    /** Bytes of files that cannot be named, or {@link Entry#UNKNOWN}. */
    void loseWithoutName(long bytes) {
        unnamed = unnamed == Entry.UNKNOWN || bytes == Entry.UNKNOWN
                ? Entry.UNKNOWN
                : Math.min(Long.MAX_VALUE - bytes, unnamed) + bytes;
    }

    /**
     * Takes in an entry of a lost segment.
     *
     * @param before the files before that segment
     */
    void take(Entry entry, FileTable before) {
        switch (entry) {
            case Entry.File file -> sources.put(file.file(), file.source());
            case Entry.Chunk chunk -> lose(chunk.file(), chunk.from(), chunk.to(), before);
            case Entry.Gap gap -> lose(gap.file(), gap.from(), gap.to(), before);
            case Entry.Event event
            when event.kind() == Entry.EventKind.ENDED -> {
                FileTable.Followed file = before.get(event.file());
                long offset = file == null ? 0 : file.offset();
                LostFile lost = files.get(event.file());
                lose(event.file(), offset, lost == null ? offset : lost.to, before);
                LostFile ended = files.get(event.file());
                if (ended != null) {
                    ended.ended = true;
                }
            }
            default -> {}
        }
    }

    private void lose(int id, long from, long to, FileTable before) {
        LostFile lost = files.get(id);
        if (lost != null) {
            lost.to = to == Entry.UNKNOWN || lost.to == Entry.UNKNOWN ? Entry.UNKNOWN : Math.max(lost.to, to);
            return;
        }
        FileTable.Followed known = before.get(id);
        FilePath source = known == null ? sources.get(id) : known.source();
        if (source == null) {
            loseWithoutName(Entry.UNKNOWN);
        } else {
            name(id, new LostFile(source, from, to));
        }
    }

    private void name(int id, LostFile lost) {
        files.put(id, lost);
        length += lengthOf(id, lost.source);
    }

    /** Whether a statement that was read back is of just these segments. */
    boolean isOf(Entry.SegmentGap stated) {
        return stated.cause() == cause && stated.first() == first && stated.last() == last;
    }

    /** Takes in a statement that was read back. */
    void add(Entry.SegmentGap stated) {
        FilePath source = stated.source();
        if (source == null) {
            loseWithoutName(stated.to());
            return;
        }
        LostFile lost = new LostFile(source, stated.from(), stated.to());
        lost.ended = stated.ended();
        if (!files.containsKey(stated.file())) {
            name(stated.file(), lost);
        }
    }

    /** Counts files instead of naming them, those first that have ended, until the statements take no more than that. */
    void shrinkTo(int most) {
        shrinkTo(most, true);
        shrinkTo(most, false);
    }

    private void shrinkTo(int most, boolean endedOnly) {
        Iterator<Map.Entry<Integer, LostFile>> each = files.entrySet().iterator();
        while (length() > most && each.hasNext()) {
            Map.Entry<Integer, LostFile> entry = each.next();
            LostFile lost = entry.getValue();
            if (lost.ended || lost.to == Entry.UNKNOWN || !endedOnly) {
                each.remove();
                length -= lengthOf(entry.getKey(), lost.source);
                loseWithoutName(lost.to == Entry.UNKNOWN ? Entry.UNKNOWN : lost.to - lost.from);
            }
        }
    }

    List<Entry> statements() {
        List<Entry> statements = new ArrayList<>();
        files.forEach((id, lost) -> statements.add(
                new Entry.SegmentGap(first, last, cause, wallNanos, id, lost.source, lost.from, lost.to, lost.ended)));
        if (unnamed != 0 || files.isEmpty()) {
            statements.add(new Entry.SegmentGap(first, last, cause, wallNanos, Entry.NO_FILE, null, 0, unnamed, false));
        }
        return statements;
    }
}
