package io.kiroku.collector.query;

import io.kiroku.evidence.record.Entry;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Where showing a source begins when not all of it is asked for, so that no more is read than that needs.
 *
 * @param file the file's id
 * @param piece index of the first piece in it
 * @param offset of that piece in the file
 * @param insideLine whether the piece begins inside a line
 * @param skip how many lines after it are not asked for
 */
record Start(int file, int piece, long offset, boolean insideLine, long skip) {
    /** The first look for the end of a log takes in so many bytes; each further one four times as many. */
    private static final long FIRST_LOOK = 256 << 10;

    /** All pieces of a source in their order. */
    private record Flat(int file, int index, Piece piece) {}

    /**
     * Where to begin.
     *
     * @param since the time of the first line asked for, where segments sealed before it hold no later line; or the far past
     * @param tail how many lines at the end are asked for; the largest long for all
     * @param counters makes printers that show nothing, and count lines as the real one would
     */
    static Start find(
            SourceContent content, ChunkReader reader, Instant since, long tail, Supplier<SourcePrinter> counters)
            throws IOException {
        List<Flat> pieces = flatten(content);
        int first = 0;
        while (first < pieces.size() && isBefore(pieces.get(first).piece(), since)) {
            first++;
        }
        if (tail == Long.MAX_VALUE || pieces.isEmpty()) {
            return at(pieces, first, 0, reader);
        }
        for (long look = FIRST_LOOK; ; look *= 4) {
            int index = back(pieces, first, look);
            Start start = at(pieces, index, 0, reader);
            SourcePrinter count = counters.get();
            count.lines().count();
            count.startAt(start);
            count.showAll();
            count.finish();
            long lines = count.lines().lines();
            if (lines >= tail || index == first) {
                return new Start(
                        start.file(), start.piece(), start.offset(), start.insideLine(), Math.max(0, lines - tail));
            }
        }
    }

    private static List<Flat> flatten(SourceContent content) {
        List<Flat> all = new ArrayList<>();
        for (SourceContent.FileContent file : content.files().values()) {
            for (int i = 0; i < file.pieces().size(); i++) {
                all.add(new Flat(file.id(), i, file.pieces().get(i)));
            }
        }
        return all;
    }

    private static boolean isBefore(Piece piece, Instant since) {
        return switch (piece) {
            case Piece.Held held ->
                Sources.instant(held.segment().sealedNanos()).isBefore(since);
            case Piece.Lost lost -> Sources.instant(lost.gap().wallNanos()).isBefore(since);
        };
    }

    /** The last index from which on the pieces hold at least so many bytes. */
    private static int back(List<Flat> pieces, int first, long bytes) {
        int index = pieces.size();
        long sum = 0;
        while (index > first && sum < bytes) {
            index--;
            if (pieces.get(index).piece() instanceof Piece.Held(Piece.Stored _, int _, Entry.Chunk chunk)) {
                sum += chunk.length();
            }
        }
        return index;
    }

    private static Start at(List<Flat> pieces, int index, long skip, ChunkReader reader) throws IOException {
        boolean insideLine =
                index > 0 && pieces.get(index - 1).piece() instanceof Piece.Held before && !endsLine(before, reader);
        if (index == pieces.size()) {
            return new Start(Integer.MAX_VALUE, 0, 0, insideLine, skip);
        }
        Flat flat = pieces.get(index);
        long offset = index == 0 ? 0 : flat.piece().from();
        return new Start(flat.file(), flat.index(), offset, insideLine, skip);
    }

    private static boolean endsLine(Piece.Held held, ChunkReader reader) throws IOException {
        try {
            return reader.read(held)[held.chunk().length() - 1] == '\n';
        } catch (DamagedException unknown) {
            return true;
        }
    }
}
