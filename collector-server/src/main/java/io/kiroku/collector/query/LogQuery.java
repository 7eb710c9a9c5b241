package io.kiroku.collector.query;

import io.kiroku.collector.access.Rights;
import io.kiroku.collector.store.OwnNode;
import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.journal.JournalPath;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.NodeClock;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The answer to one request for logs, read from a store that may be written meanwhile. Only segments that hold something
 * of the selected sources are read, and none is shown that is not what was sealed. Memory grows with the number of the
 * selected sources' chunks, not with their bytes. For use by one thread.
 */
public final class LogQuery {
    /** How often the store is looked at for more. */
    private static final Duration POLL = Duration.ofMillis(200);

    /** How long a log that has ended is watched for a rotated file that was not seen yet. */
    private static final Duration GRACE = Duration.ofSeconds(3);

    /** A clock that is off by less, in nanoseconds, is not worth a note. */
    private static final long OFF = 1_000_000_000L;

    private static final FilePath OWN = FilePath.of("/kiroku/");

    /** Takes nothing: for counting lines. */
    private static final LogOutput NOWHERE = new LogOutput() {
        @Override
        public void bytes(byte[] from, int offset, int length) {}

        @Override
        public void note(String sentence) {}

        @Override
        public void flush() {}

        @Override
        public boolean isOpen() {
            return true;
        }
    };

    private final StoreReader store;
    private final LogRequest request;
    private final Selected selected;
    private final ContentIndex index;
    private final ChunkReader reader;
    private final List<SourcePrinter> printers = new ArrayList<>();
    private final boolean tellsOfNodes;

    private LogQuery(StoreReader store, LogRequest request, Selected selected, boolean tellsOfNodes) {
        this.tellsOfNodes = tellsOfNodes;
        this.store = store;
        this.request = request;
        this.selected = selected;
        this.index = new ContentIndex(selected.includes());
        this.reader = new ChunkReader(store);
    }

    /** The same for whoever has the store itself. */
    public static LogQuery prepare(StoreReader store, LogRequest request, Instant now)
            throws IOException, SelectionException {
        return prepare(store, request, now, Rights.ALL);
    }

    /**
     * Finds what the request means among the sources that the caller may read; of the others he learns nothing.
     *
     * @param now by which it is judged whether an agent has fallen silent
     * @throws SelectionException if it means nothing, or not one thing
     */
    public static LogQuery prepare(StoreReader store, LogRequest request, Instant now, Rights rights)
            throws IOException, SelectionException {
        Sources sources = new Sources();
        store.scan(Position.START, sources::add);
        List<Source> all = sources.list(now);
        List<Source> readable = all.stream()
                .filter(source -> Reading.isAllowed(rights, source.node(), source.path()))
                .toList();
        Selected selected = SourceSelector.select(request.selection(), readable);
        Map<Octets, String> nodes = new HashMap<>();
        all.forEach(source -> nodes.put(source.stream(), source.node()));
        Selected allowed = new Selected(
                selected.sources(),
                selected.notes(),
                (stream, path) -> selected.includes().test(stream, path)
                        && Reading.isAllowed(rights, nodes.getOrDefault(stream, unknown(path)), path));
        return new LogQuery(store, request, allowed, rights.reads(Optional.empty()));
    }

    /** Of a stream that begins while the answer is written, it is not known whose it is: it may be the collector's own. */
    private static String unknown(FilePath path) {
        return path.startsWith(OWN) ? OwnNode.NAME : "";
    }

    /** The sources whose content the answer begins with. */
    public List<Source> sources() {
        return selected.sources();
    }

    /**
     * Writes the answer. Returns when all is written; if more is to be followed, when nobody takes it any more, or when
     * the followed instance has ended.
     *
     * @return false if bytes that should have been shown could not be: damaged, or missing without a declared gap
     */
    public boolean write(LogOutput out) throws IOException, InterruptedException {
        for (String note : selected.notes()) {
            out.note(note);
        }
        noteClocks(out);
        Position position = store.scan(Position.START, index::add);
        Headings headings = new Headings(out);
        for (Source source : selected.sources()) {
            SourceContent content = index.get(source.stream(), source.path());
            if (content != null) {
                print(addPrinter(content, headings), headings, true);
            }
            if (request.follow() && source.state() == Source.State.STALE) {
                out.note("%s: nothing has come from node %s since %s: its agent is down or cut off"
                        .formatted(source.path(), source.node(), source.last()));
            }
        }
        for (Entry.Gap gap : index.nodeGaps()) {
            // The detail may name a file of somebody else's pod.
            out.note("of some file of the node, bytes were lost: %s, noticed %s%s"
                    .formatted(
                            gap.cause(),
                            Sources.instant(gap.wallNanos()),
                            tellsOfNodes ? SourcePrinter.detail(gap) : ""));
        }
        out.flush();
        if (request.follow()) {
            follow(position, headings, out);
        }
        return printers.stream().allMatch(SourcePrinter::whole);
    }

    /** Who asks for times is told if they are those of a clock that was off. */
    private void noteClocks(LogOutput out) throws IOException {
        if (!request.timestamps()
                && request.since().isEmpty()
                && request.until().isEmpty()) {
            return;
        }
        Set<Octets> told = new HashSet<>();
        for (Source source : selected.sources()) {
            NodeClock.Stated farthest = source.clock().farthest();
            NodeClock.Stated last = source.clock().last();
            if (farthest != null && last != null && farthest.clock().isOffBy(OFF) && told.add(source.stream())) {
                out.note("the times are those of node %s, whose clock was %s, as measured %s%s"
                        .formatted(
                                source.node(),
                                farthest.clock().inWords(),
                                Sources.instant(farthest.clock().wallNanos()),
                                last.equals(farthest)
                                        ? ""
                                        : "; later, %s, it was %s"
                                                .formatted(
                                                        Sources.instant(
                                                                last.clock().wallNanos()),
                                                        last.clock().inWords())));
            }
        }
    }

    private void follow(Position from, Headings headings, LogOutput out) throws IOException, InterruptedException {
        Position position = from;
        long endedSince = 0;
        while (out.isOpen()) {
            TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
            position = store.scan(position, index::add);
            for (SourceContent content : index.sources()) {
                if (printers.stream().noneMatch(printer -> printer.content() == content)) {
                    addPrinter(content, headings);
                }
            }
            for (SourcePrinter printer : printers) {
                if (printer.hasMore()) {
                    print(printer, headings, false);
                }
            }
            out.flush();
            if (!mayGrow() && printers.stream().allMatch(SourcePrinter::hasEnded)) {
                long now = System.nanoTime();
                endedSince = endedSince == 0 ? now : endedSince;
                if (now - endedSince > GRACE.toNanos()) {
                    for (SourcePrinter printer : printers) {
                        printer.finish();
                    }
                    out.flush();
                    return;
                }
            } else {
                endedSince = 0;
            }
        }
    }

    /** Whether sources may come that belong to the selection although they are not there yet. */
    private boolean mayGrow() {
        return request.selection().pod().isEmpty() || request.selection().restart() instanceof Restart.All;
    }

    private void print(SourcePrinter printer, Headings headings, boolean first) throws IOException {
        headings.enter(printer);
        if (request.follow()) {
            printer.showNew(System.nanoTime());
        } else if (first) {
            printer.showAll();
            printer.finish();
        }
    }

    private SourcePrinter addPrinter(SourceContent content, Headings headings) throws IOException {
        SourcePrinter printer = printer(content, headings);
        if (!request.raw()) {
            Instant since = index.clockStepped(content.stream())
                    ? Instant.MIN
                    : request.since().orElse(Instant.MIN);
            long tail = request.tail().orElse(Long.MAX_VALUE);
            Start start = Start.find(content, reader, since, tail, () -> printer(content, NOWHERE));
            printer.lines().skip(start.skip());
            printer.startAt(start);
        }
        printers.add(printer);
        return printer;
    }

    private SourcePrinter printer(SourceContent content, LogOutput to) {
        LineOutput lines =
                new LineOutput(to, request.since().orElse(null), request.until().orElse(null), request.timestamps());
        return new SourcePrinter(
                content, reader, to, text(content.path(), lines), lines, index.clockStepped(content.stream()));
    }

    private @Nullable LogText text(FilePath path, LineOutput lines) {
        boolean isJournal = JournalPath.isJournal(path);
        if (request.raw() && !(isJournal && request.unit().isPresent())) {
            return null;
        }
        if (isJournal) {
            return new JournalText(lines, request.units(), request.raw());
        }
        return PodLogPath.parse(path).isPresent() ? new CriText(lines) : new PlainText(lines);
    }

    /** Says which source the lines that follow are of, as tail(1) does, where there are several. */
    private final class Headings implements LogOutput {
        private final LogOutput out;
        private @Nullable SourcePrinter current;
        private @Nullable SourcePrinter headed;
        private boolean any;

        private Headings(LogOutput out) {
            this.out = out;
        }

        private void enter(SourcePrinter printer) throws IOException {
            SourcePrinter before = current;
            if (before != null && before != printer) {
                before.lines().interrupt();
            }
            current = printer;
        }

        @Override
        public void bytes(byte[] from, int offset, int length) throws IOException {
            SourcePrinter printer = current;
            if (printer != null && printer != headed && wanted()) {
                headed = printer;
                byte[] heading = "%s==> %s <==\n"
                        .formatted(any ? "\n" : "", printer.content().path())
                        .getBytes(StandardCharsets.UTF_8);
                any = true;
                out.bytes(heading, 0, heading.length);
            }
            out.bytes(from, offset, length);
        }

        private boolean wanted() {
            return !request.raw()
                    && request.selection().pod().isEmpty()
                    && (selected.sources().size() > 1 || printers.size() > 1);
        }

        @Override
        public void note(String sentence) throws IOException {
            out.note(sentence);
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public boolean isOpen() {
            return out.isOpen();
        }
    }
}
