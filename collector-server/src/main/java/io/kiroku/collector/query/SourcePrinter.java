package io.kiroku.collector.query;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.segment.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Shows one source: its files one after the other, each from its first byte to its last. What is lost or damaged is told
 * beside the log, never passed over and never filled in.
 */
final class SourcePrinter {
    /**
     * A rotated file is written on to until the runtime reopens the live name. While one is followed, its successor is
     * held back until it has ended, but no longer than this.
     */
    static final Duration HOLD = Duration.ofSeconds(5);

    /** How far a file has been shown. */
    private static final class Shown {
        private int pieces;
        private long offset;

        /** All before it was shown as part of another file, which this is as well. */
        private long shownBefore;
    }

    private final SourceContent content;
    private final ChunkReader reader;
    private final LogOutput out;
    private final @Nullable LogText text;
    private final LineOutput lines;
    private final boolean clockStepped;
    private final Map<Integer, Shown> shown = new HashMap<>();
    private int newestShown;
    private int heldBy;
    private long heldSince;
    private boolean whole = true;

    /**
     * @param text what makes lines of the bytes and gives them to {@code lines}; null where the bytes are shown as they are
     * @param clockStepped whether the node's clock stepped, so that a late line says nothing of those after it
     */
    SourcePrinter(
            SourceContent content,
            ChunkReader reader,
            LogOutput out,
            @Nullable LogText text,
            LineOutput lines,
            boolean clockStepped) {
        this.content = content;
        this.reader = reader;
        this.out = out;
        this.text = text;
        this.lines = lines;
        this.clockStepped = clockStepped;
    }

    SourceContent content() {
        return content;
    }

    LineOutput lines() {
        return lines;
    }

    /** False if bytes that should have been shown could not be. */
    boolean whole() {
        return whole;
    }

    /** Whether there are pieces that were not shown yet, be it that they are held back. */
    boolean hasMore() {
        return content.files().values().stream().anyMatch(file -> file.pieces().size() > shownOf(file).pieces);
    }

    /** Whether all files have ended and were shown. */
    boolean hasEnded() {
        return !hasMore() && content.files().values().stream().allMatch(SourceContent.FileContent::ended);
    }

    /** Leaves out what comes before that piece. */
    void startAt(Start start) {
        for (SourceContent.FileContent file : content.files().values()) {
            if (file.id() < start.file()) {
                leaveOut(file);
            } else if (file.id() == start.file()) {
                Shown first = shownOf(file);
                first.pieces = start.piece();
                first.offset = start.offset();
            }
        }
        if (start.insideLine() && text != null) {
            text.beginInsideLine();
        }
    }

    private void leaveOut(SourceContent.FileContent file) {
        Shown state = shownOf(file);
        state.pieces = file.pieces().size();
        for (Piece piece : file.pieces()) {
            long to = switch (piece) {
                case Piece.Held held -> held.chunk().to();
                case Piece.Lost lost -> lost.gap().to();
            };
            state.offset = Math.max(state.offset, to);
        }
    }

    /** Shows everything there is. */
    void showAll() throws IOException {
        for (SourceContent.FileContent file : content.files().values()) {
            show(file);
        }
    }

    /** Shows what has come since the last call, holding back what might be too early. */
    void showNew(long nowNanos) throws IOException {
        for (SourceContent.FileContent file : content.files().values()) {
            show(file);
            shownOf(file).pieces = 0;
            file.pieces().clear();
            if (!file.ended() && content.files().higherKey(file.id()) != null) {
                if (heldBy != file.id()) {
                    heldBy = file.id();
                    heldSince = nowNanos;
                }
                if (nowNanos - heldSince < HOLD.toNanos()) {
                    break;
                }
            }
        }
        content.files()
                .values()
                .removeIf(file -> file.ended()
                        && file.pieces().isEmpty()
                        && content.files().higherKey(file.id()) != null
                        && shown.remove(file.id()) != null);
    }

    /** Nothing more will come. */
    void finish() throws IOException {
        if (text != null) {
            text.finish();
        }
    }

    private Shown shownOf(SourceContent.FileContent file) {
        return shown.computeIfAbsent(file.id(), _ -> new Shown());
    }

    private void show(SourceContent.FileContent file) throws IOException {
        Shown state = shownOf(file);
        List<Piece> pieces = file.pieces();
        while (state.pieces < pieces.size()) {
            switch (pieces.get(state.pieces++)) {
                case Piece.Held held -> show(file, held, state);
                case Piece.Lost lost -> {
                    if (!isCapturedAgain(file, lost.gap())) {
                        tell(lost.gap(), state);
                    }
                }
            }
            if (lines.takePast() && !clockStepped) {
                state.pieces = pieces.size();
            }
            if (!out.isOpen()) {
                return;
            }
        }
    }

    private void show(SourceContent.FileContent file, Piece.Held held, Shown state) throws IOException {
        Entry.Chunk chunk = held.chunk();
        noteLateness(file);
        FileTable.Followed before = file.before();
        if (before != null && chunk.from() == 0 && state.offset == 0) {
            leaveOutWhatWasShown(before, held, state);
        }
        if (chunk.from() > state.offset) {
            missing(state.offset, chunk.from() - 1, "are not in the store, and no gap declares them");
        }
        long from = Math.max(chunk.from(), state.offset);
        if (chunk.from() < state.offset && chunk.from() >= state.shownBefore) {
            whole = false;
            note("bytes %d to %d of %s are in the store twice"
                    .formatted(chunk.from(), Math.min(chunk.to(), state.offset) - 1, content.path()));
        }
        state.offset = Math.max(state.offset, chunk.to());
        if (from >= chunk.to()) {
            return;
        }
        byte[] bytes;
        try {
            bytes = reader.read(held);
        } catch (DamagedException damaged) {
            missing(from, chunk.to() - 1, "are not shown: " + damaged.sentence());
            return;
        }
        int start = (int) (from - chunk.from());
        if (text == null) {
            out.bytes(bytes, start, chunk.length() - start);
        } else {
            text.bytes(bytes, start, chunk.length(), held.segment().sealedNanos());
        }
    }

    /** Of a file that was cut off when the ring was lost, the rest comes as another file. */
    private boolean isCapturedAgain(SourceContent.FileContent file, Entry.Gap gap) {
        return gap.cause() == Entry.GapCause.RING_LOST
                && content.files().values().stream()
                        .map(SourceContent.FileContent::before)
                        .anyMatch(before -> before != null && before.id() == file.id());
    }

    /** A file that was captured again after the ring was lost goes on where it had come to, if it is the same by its bytes. */
    private void leaveOutWhatWasShown(FileTable.Followed before, Piece.Held held, Shown state) throws IOException {
        int length = before.fingerprint().length();
        try {
            boolean same = held.chunk().length() >= length
                    && Sha256.of(ByteBuffer.wrap(reader.read(held), 0, length))
                            .equals(before.fingerprint().sha256());
            if (same) {
                state.offset = before.offset();
                state.shownBefore = before.offset();
            } else {
                breakText();
                note("what %s held from byte %d on when the node lost its ring is lost: it was replaced since"
                        .formatted(content.path(), before.offset()));
            }
        } catch (DamagedException damaged) {
            // It is told when the bytes are to be shown.
        }
    }

    private void noteLateness(SourceContent.FileContent file) throws IOException {
        if (file.id() < newestShown && heldBy == file.id()) {
            heldBy = 0;
            note("what follows was written to %s before it was rotated, and came late".formatted(content.path()));
        }
        newestShown = Math.max(newestShown, file.id());
    }

    private void tell(Entry.Gap gap, Shown state) throws IOException {
        if (gap.from() > state.offset) {
            missing(state.offset, gap.from() - 1, "are not in the store, and no gap declares them");
        }
        breakText();
        String cause = "%s, noticed %s%s".formatted(gap.cause(), Sources.instant(gap.wallNanos()), detail(gap));
        if (gap.to() == Entry.UNKNOWN) {
            note("what %s held from byte %d on is lost: %s".formatted(content.path(), gap.from(), cause));
        } else {
            note("bytes %d to %d of %s are lost: %s".formatted(gap.from(), gap.to() - 1, content.path(), cause));
            state.offset = Math.max(state.offset, gap.to());
        }
    }

    static String detail(Entry.Gap gap) {
        return gap.detail().isEmpty() ? "" : ": " + gap.detail();
    }

    private void missing(long from, long to, String why) throws IOException {
        whole = false;
        breakText();
        note("bytes %d to %d of %s %s".formatted(from, to, content.path(), why));
    }

    private void breakText() throws IOException {
        if (text != null) {
            text.broken();
        }
    }

    private void note(String sentence) throws IOException {
        out.note(sentence);
    }
}
