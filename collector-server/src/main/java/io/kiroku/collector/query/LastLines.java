package io.kiroku.collector.query;

import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How the logs of some container instances end: their last lines, verified, with what is known to be missing between them. */
public final class LastLines {
    /** Lines of one source, at most. */
    public static final int MOST_LINES = 100;

    /** Bytes of one line that are kept. */
    static final int MOST_LINE = 2 << 10;

    /**
     * A line, or a sentence about lines that are missing.
     *
     * @param at when it was written; empty for a sentence, and for a line without a time
     * @param text what was written, its first {@link #MOST_LINE} bytes
     * @param cut how many bytes of the line were left out here
     * @param isNote whether it is a sentence
     */
    public record Said(Optional<Instant> at, String text, long cut, boolean isNote) {}

    /**
     * The end of one log.
     *
     * @param begun the time of its first line, if that is held
     * @param said its last lines, in their order
     * @param whole false if bytes that should have been shown could not be
     */
    public record End(Optional<Instant> begun, List<Said> said, boolean whole) {
        /** Of a log without lines. */
        public static final End NOTHING = new End(Optional.empty(), List.of(), true);

        /** Copies the lines. */
        public End {
            said = List.copyOf(said);
        }
    }

    private record Key(Octets stream, FilePath path) {
        static Key of(Source source) {
            return new Key(source.stream(), source.path());
        }
    }

    private LastLines() {}

    /**
     * Reads how these sources end.
     *
     * @param sources container instances'
     * @param lines of each, from 0 to {@link #MOST_LINES}
     */
    public static Map<Source, End> read(StoreReader store, Collection<Source> sources, int lines) throws IOException {
        if (lines < 0 || lines > MOST_LINES) {
            throw new IllegalArgumentException("expected 0 to %d lines, found %d".formatted(MOST_LINES, lines));
        }
        Set<Key> wanted = new HashSet<>();
        sources.forEach(source -> wanted.add(Key.of(source)));
        ContentIndex index = new ContentIndex((stream, path) -> wanted.contains(new Key(stream, path)));
        store.scan(Position.START, index::add);
        ChunkReader reader = new ChunkReader(store);
        Map<Source, End> ends = new HashMap<>();
        for (Source source : sources) {
            SourceContent content = index.get(source.stream(), source.path());
            ends.put(source, content == null ? End.NOTHING : end(content, reader, lines));
        }
        return ends;
    }

    private static End end(SourceContent content, ChunkReader reader, int lines) throws IOException {
        Lines kept = new Lines();
        SourcePrinter printer = printer(content, reader, kept);
        Start start = Start.find(content, reader, Instant.MIN, lines, () -> printer(content, reader, LogQuery.NOWHERE));
        printer.lines().skip(start.skip());
        printer.startAt(start);
        printer.showAll();
        printer.finish();
        kept.end();
        return new End(begun(content, reader), kept.said, printer.whole());
    }

    private static SourcePrinter printer(SourceContent content, ChunkReader reader, LogOutput out) {
        LineOutput lines = new LineOutput(out, null, null, true);
        return new SourcePrinter(content, reader, out, new CriText(lines), lines, true);
    }

    private static Optional<Instant> begun(SourceContent content, ChunkReader reader) throws IOException {
        if (content.files().isEmpty()
                || content.files().firstEntry().getValue().pieces().isEmpty()
                || !(content.files().firstEntry().getValue().pieces().getFirst() instanceof Piece.Held held)
                || held.chunk().from() != 0) {
            return Optional.empty();
        }
        try {
            byte[] bytes = reader.read(held);
            CriLine line = new CriLine();
            return line.parse(bytes, 0, Math.min(held.chunk().length(), CriLine.MOST_HEAD))
                    ? Optional.of(Sources.instant(line.nanos()))
                    : Optional.empty();
        } catch (DamagedException untold) {
            return Optional.empty();
        }
    }

    /** Makes lines of bytes again. */
    private static final class Lines implements LogOutput {
        private final List<Said> said = new ArrayList<>();
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();
        private long cut;

        @Override
        public void bytes(byte[] from, int offset, int length) {
            for (int i = offset; i < offset + length; i++) {
                if (from[i] == '\n') {
                    take();
                } else if (line.size() < MOST_LINE) {
                    line.write(from[i]);
                } else {
                    cut++;
                }
            }
        }

        private void take() {
            String text = line.toString(StandardCharsets.UTF_8);
            int space = text.indexOf(' ');
            @Nullable Instant at = space < 0 ? null : time(text.substring(0, space));
            said.add(new Said(Optional.ofNullable(at), at == null ? text : text.substring(space + 1), cut, false));
            line.reset();
            cut = 0;
        }

        private static @Nullable Instant time(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            long nanos = Rfc3339.parse(bytes, 0, bytes.length);
            return nanos == Rfc3339.NONE ? null : Sources.instant(nanos);
        }

        private void end() {
            if (line.size() > 0) {
                take();
            }
        }

        @Override
        public void note(String sentence) {
            end();
            said.add(new Said(Optional.empty(), sentence, 0, true));
        }

        @Override
        public void flush() {}

        @Override
        public boolean isOpen() {
            return true;
        }
    }
}
