package io.kiroku.collector.query;

import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The whole lines of sources, each with the segment in which it ends. One at the end of a file that may go on is none yet. A line of which bytes are lost, or that is longer than
 * {@link #MOST_LINE}, is left out and told in a note. Of a file that was captured again after a ring was lost, lines come twice.
 * For use by one thread, once.
 */
public final class SourceLines {
    /** Bytes of a line, at most. */
    public static final int MOST_LINE = 4 << 20;

    /** Notes on one source, at most. */
    private static final int MOST_NOTES = 20;

    /** Takes a line. */
    @FunctionalInterface
    public interface Taker {
        /**
         * Takes the next.
         *
         * @param segment the sequence of the segment in which the line ends
         * @param line without its line feed; the array belongs to the caller again afterwards
         */
        void line(Source source, long segment, byte[] line, int length);
    }

    private record Key(Octets stream, FilePath path) {}

    private final StoreReader store;
    private final List<Source> sources;
    private final List<String> notes = new ArrayList<>();
    private Instant from = Instant.MIN;
    private byte[] line = new byte[8 << 10];
    private int length;
    private boolean skipping;

    /** @param now by which it is judged whether an agent has fallen silent */
    public SourceLines(StoreReader store, Predicate<Source> which, Instant now) throws IOException {
        this.store = store;
        Sources all = new Sources();
        store.scan(Position.START, all::add);
        this.sources = all.list(now).stream().filter(which).toList();
    }

    /** The sources that are read. */
    public List<Source> sources() {
        return sources;
    }

    /** Segments that were sealed before that time need not be read. */
    public void from(Optional<Instant> time) {
        from = time.orElse(Instant.MIN);
    }

    /** Reads all lines, source after source. Returns what is worth knowing, a sentence each. */
    public List<String> read(Taker taker) throws IOException {
        Set<Key> wanted = new HashSet<>();
        sources.forEach(source -> wanted.add(new Key(source.stream(), source.path())));
        ContentIndex index = new ContentIndex((stream, path) -> wanted.contains(new Key(stream, path)));
        store.scan(Position.START, index::add);
        ChunkReader reader = new ChunkReader(store);
        for (Source source : sources) {
            SourceContent content = index.get(source.stream(), source.path());
            if (content == null) {
                continue;
            }
            int before = notes.size();
            Instant start = index.clockStepped(source.stream()) ? Instant.MIN : from;
            for (SourceContent.FileContent file : content.files().values()) {
                read(source, file, start, reader, taker);
            }
            int told = notes.size() - before;
            if (told > MOST_NOTES) {
                notes.subList(before + MOST_NOTES, notes.size()).clear();
                notes.add("%s: %d more of that kind".formatted(source.path(), told - MOST_NOTES));
            }
        }
        return List.copyOf(notes);
    }

    private void read(Source source, SourceContent.FileContent file, Instant start, ChunkReader reader, Taker taker)
            throws IOException {
        List<Piece> pieces = file.pieces();
        int first = 0;
        // One more than needed: where in it a line begins is not known, and the next one's first line may begin in it.
        while (first + 1 < pieces.size() && isBefore(pieces.get(first + 1), start)) {
            first++;
        }
        length = 0;
        skipping = first > 0;
        long offset = -1;
        for (Piece piece : pieces.subList(first, pieces.size())) {
            if (offset >= 0 && piece.from() > offset) {
                lose("bytes %d to %d of %s are not in the store, and no gap declares them"
                        .formatted(offset, piece.from() - 1, source.path()));
            }
            switch (piece) {
                case Piece.Held held -> {
                    read(source, held, offset, reader, taker);
                    offset = Math.max(offset, held.chunk().to());
                }
                case Piece.Lost lost -> {
                    lose("of %s, bytes from %d on are lost: %s, noticed %s"
                            .formatted(
                                    source.path(),
                                    lost.gap().from(),
                                    lost.gap().cause(),
                                    Sources.instant(lost.gap().wallNanos())));
                    offset = lost.gap().to() == Entry.UNKNOWN
                            ? offset
                            : Math.max(offset, lost.gap().to());
                }
            }
        }
        if (length > 0 && !skipping && file.ended()) {
            taker.line(source, lastSegment(pieces), line, length);
        }
    }

    private static long lastSegment(List<Piece> pieces) {
        return pieces.reversed().stream()
                .filter(Piece.Held.class::isInstance)
                .map(piece -> ((Piece.Held) piece).segment().sequence())
                .findFirst()
                .orElse(0L);
    }

    private static boolean isBefore(Piece piece, Instant start) {
        return switch (piece) {
            case Piece.Held held ->
                Sources.instant(held.segment().sealedNanos()).isBefore(start);
            case Piece.Lost lost -> Sources.instant(lost.gap().wallNanos()).isBefore(start);
        };
    }

    private void read(Source source, Piece.Held held, long offset, ChunkReader reader, Taker taker) throws IOException {
        byte[] bytes;
        try {
            bytes = reader.read(held);
        } catch (DamagedException damaged) {
            lose("bytes %d to %d of %s are not shown: %s"
                    .formatted(held.chunk().from(), held.chunk().to() - 1, source.path(), damaged.sentence()));
            return;
        }
        int at = Math.clamp(offset - held.chunk().from(), 0, held.chunk().length());
        for (int i = at; i < held.chunk().length(); i++) {
            if (bytes[i] != '\n') {
                continue;
            }
            append(source, bytes, at, i);
            if (!skipping) {
                taker.line(source, held.segment().sequence(), line, length);
            }
            length = 0;
            skipping = false;
            at = i + 1;
        }
        append(source, bytes, at, held.chunk().length());
    }

    private void append(Source source, byte[] bytes, int start, int end) {
        if (skipping) {
            return;
        }
        if (length + end - start > MOST_LINE) {
            lose("a line of %s is longer than %d bytes and is not shown".formatted(source.path(), MOST_LINE));
            return;
        }
        if (length + end - start > line.length) {
            line = Arrays.copyOf(line, Math.max(2 * line.length, length + end - start));
        }
        System.arraycopy(bytes, start, line, length, end - start);
        length += end - start;
    }

    /** The line under way is not whole. */
    private void lose(String sentence) {
        notes.add(sentence);
        length = 0;
        skipping = true;
    }
}
