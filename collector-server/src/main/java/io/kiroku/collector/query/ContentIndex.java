package io.kiroku.collector.query;

import io.kiroku.collector.store.CatalogueEntry;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds where the bytes of selected sources lie, by the manifests alone. Grows with the number of their chunks; what has
 * been shown may be taken out again.
 */
final class ContentIndex {
    private record Key(Octets stream, FilePath path) {}

    private record FileKey(Octets stream, int file) {}

    private final BiPredicate<Octets, FilePath> includes;
    private final Map<Key, SourceContent> sources = new LinkedHashMap<>();
    private final Map<FileKey, SourceContent> byFile = new HashMap<>();
    private final Map<Octets, StreamLosses> losses = new HashMap<>();
    private final Set<Octets> stepped = new HashSet<>();
    private final List<Entry.Gap> nodeGaps = new ArrayList<>();

    /** @param includes which sources, by stream and path */
    ContentIndex(BiPredicate<Octets, FilePath> includes) {
        this.includes = includes;
    }

    /** The selected sources that have a file so far, in the order in which they appeared. */
    Collection<SourceContent> sources() {
        return sources.values();
    }

    @Nullable
    SourceContent get(Octets stream, FilePath path) {
        return sources.get(new Key(stream, path));
    }

    /** Whether the clock of the stream's node was ever seen to step, so that its times do not only grow. */
    boolean clockStepped(Octets stream) {
        return stepped.contains(stream);
    }

    /** The losses, in streams with selected sources, of which it is not known which file they concern. */
    List<Entry.Gap> nodeGaps() {
        return nodeGaps;
    }

    /** Takes in a stored segment; those of one stream in the order in which they are stored. */
    void add(CatalogueEntry stored) {
        Octets stream = stored.header().stream();
        Piece.Stored segment = new Piece.Stored(
                stored.place(),
                stream,
                stored.header().sequence(),
                stored.header().sealed().wallNanos());
        StreamLosses ofStream = losses.computeIfAbsent(stream, _ -> new StreamLosses());
        for (StreamLosses.Loss loss : ofStream.add(stored)) {
            if (!loss.stated() && loss.gap().length() != 0) {
                loseBehindHand(stream, loss);
            }
        }
        Set<Integer> restated = new HashSet<>();
        int at = 0;
        for (Entry entry : stored.entries()) {
            switch (entry) {
                case Entry.File file -> {
                    restated.add(file.file());
                    declare(stream, file, ofStream);
                }
                case Entry.Chunk chunk -> {
                    SourceContent source = byFile.get(new FileKey(stream, chunk.file()));
                    if (source != null) {
                        source.file(chunk.file()).pieces().add(new Piece.Held(segment, at, chunk));
                    }
                    at += chunk.length();
                }
                case Entry.Gap gap -> lose(stream, gap);
                case Entry.Event event -> happen(stream, event);
                case Entry.Epoch _, Entry.FingerprintTaken _, Entry.Position _, Entry.Clock _, Entry.SegmentGap _ -> {}
            }
        }
        if (stored.header().restates()) {
            endAllBut(stream, restated);
        }
    }

    private void declare(Octets stream, Entry.File file, StreamLosses ofStream) {
        if (!includes.test(stream, file.source())) {
            return;
        }
        SourceContent source = sources.computeIfAbsent(
                new Key(stream, file.source()), key -> new SourceContent(key.stream(), key.path()));
        if (byFile.putIfAbsent(new FileKey(stream, file.file()), source) == null) {
            source.file(file.file()).capturedAgain(ofStream.before(file));
        }
    }

    private void lose(Octets stream, Entry.Gap gap) {
        SourceContent source = byFile.get(new FileKey(stream, gap.file()));
        if (source != null) {
            SourceContent.FileContent file = source.file(gap.file());
            file.pieces().add(new Piece.Lost(gap));
            if (gap.to() == Entry.UNKNOWN) {
                file.end();
            }
        } else if (gap.file() == Entry.NO_FILE
                && sources.keySet().stream().anyMatch(key -> key.stream().equals(stream))) {
            nodeGaps.add(gap);
        }
    }

    /** A loss that was declared after the bytes that lie behind it came. */
    private void loseBehindHand(Octets stream, StreamLosses.Loss loss) {
        Entry.Gap gap = loss.gap();
        FilePath path = loss.source();
        if (path == null) {
            lose(stream, gap);
            return;
        }
        if (!includes.test(stream, path)) {
            return;
        }
        SourceContent source =
                sources.computeIfAbsent(new Key(stream, path), key -> new SourceContent(key.stream(), key.path()));
        SourceContent.FileContent file = source.file(gap.file());
        file.insert(gap);
        boolean isKnownByItsLossAlone = byFile.putIfAbsent(new FileKey(stream, gap.file()), source) == null;
        if (isKnownByItsLossAlone || gap.to() == Entry.UNKNOWN) {
            file.end();
        }
    }

    private void happen(Octets stream, Entry.Event event) {
        if (event.kind() == Entry.EventKind.CLOCK_STEPPED) {
            stepped.add(stream);
        }
        SourceContent source = byFile.get(new FileKey(stream, event.file()));
        if (source != null && event.kind() == Entry.EventKind.ENDED) {
            source.file(event.file()).end();
        }
    }

    /** A segment that restates names every file that is followed: of the others nothing more comes. */
    private void endAllBut(Octets stream, Set<Integer> restated) {
        for (SourceContent source : sources.values()) {
            if (source.stream().equals(stream)) {
                source.files().values().stream()
                        .filter(file -> !restated.contains(file.id()))
                        .forEach(SourceContent.FileContent::end);
            }
        }
    }
}
