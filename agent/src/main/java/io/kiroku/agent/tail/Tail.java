package io.kiroku.agent.tail;

import io.kiroku.agent.journal.JournalReader;
import io.kiroku.agent.os.DirectoryEntry;
import io.kiroku.agent.os.Kernel;
import io.kiroku.agent.os.WatchEvent;
import io.kiroku.agent.seal.Sealer;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.record.Timestamp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Follows log files and seals what is in them. One turn does a bounded piece of each kind of work and says how long
 * nothing more will be due; who calls it, and when, is not its concern.
 *
 * <p>When the ring is full it stops reading and holds what it has; it goes on opening files, because a descriptor keeps
 * the bytes of a file that is deleted meanwhile.
 */
public final class Tail implements AutoCloseable {
    /** Directories looked at in one turn. */
    private static final int MOST_LOOKS = 64;

    /** Slices read in one turn: together about as much as a segment holds. */
    private static final int MOST_SLICES = 16;

    /** Pins dropped in one turn: removing names may take the file system long. */
    private static final int MOST_DROPS = 16;

    /** Kernel buffers of events drained in one turn. */
    private static final int MOST_DRAINS = 8;

    /** Between two slices events are drained at most so often: a file that comes and goes is held if it is opened soon. */
    private static final long DRAIN_INTERVAL = 500_000L;

    private static final long SECOND = 1_000_000_000L;
    private static final long MINUTE = 60 * SECOND;

    /** While something cannot be looked at, a file that was followed before may be there; for so long it is waited for. */
    private static final long PATIENCE = 60 * SECOND;

    /** The wall clock may differ from the boot-time clock by so much from turn to turn before that is a step. */
    private static final long STEP = 500_000_000L;

    /**
     * How much may be followed and held.
     *
     * @param files how many files are held open at most
     * @param restatedBytes how many bytes a segment may take to restate them all
     * @param pinnedBytes how many bytes may be on disk only because the agent holds them
     */
    public record Limits(int files, long restatedBytes, long pinnedBytes) {}

    /**
     * What the chain says.
     *
     * @param files the files followed before
     * @param nextFile the lowest file id that it has not used
     * @param wholeFrom from which file id on all that was followed before is in {@code files} or has ended: what has a lower
     *     one may have been lost with a ring
     * @param end when its last segment was sealed, on the wall clock in nanoseconds; {@link #NO_END} if
     *     the chain begins now, or does not say what was captured before
     * @param acknowledged up to which segment there is a receipt; asked again and again
     */
    public record Chain(FileTable files, int nextFile, int wholeFrom, long end, LongSupplier acknowledged) {
        public static final long NO_END = Long.MAX_VALUE;
    }

    /** What is known at a moment. */
    public record Standing(
            long sources,
            long openFiles,
            long directories,
            long bytesRead,
            long bytesPending,
            Map<Entry.GapCause, Long> gaps,
            long pins,
            long heldBytes,
            String pinRefusal,
            boolean blocked,
            boolean caughtUp,
            String notice) {}

    private final Supplier<Timestamp> clock;
    private final Kernel kernel;
    private final Sealer sealer;
    private final LongSupplier acknowledged;
    private final Draft draft;
    private final Resumption resumption;
    private final Pins pins;
    private final FileSet files;
    private final PinBudget budget;
    private final Absence absence;
    private final CompressedFiles compressed;
    private final Tree tree;
    private final Reader reader;
    private final Journals journals;

    private boolean blocked;
    private boolean hasPinsToDrop;
    private boolean concluded;
    private long nextSecond;
    private long nextMinute;
    private final long patientUntil;
    private long nextGivingUp;
    private long clockDifference;
    private String notice = "";

    /**
     * @param patterns which files to follow
     * @param journalReaders the journals to follow
     * @param pinDirectory where followed files are pinned, a directory of the agent's own; null for nowhere
     */
    public Tail(
            Kernel kernel,
            List<PathPattern> patterns,
            List<JournalReader> journalReaders,
            @Nullable FilePath pinDirectory,
            Sealer sealer,
            Chain chain,
            Limits limits,
            Supplier<Timestamp> clock) {
        Timestamp now = clock.get();
        this.clock = clock;
        this.kernel = kernel;
        this.sealer = sealer;
        this.acknowledged = chain.acknowledged();
        this.draft = new Draft(sealer, chain.nextFile(), now);
        this.resumption = new Resumption(
                kernel,
                draft,
                chain.files(),
                chain.nextFile(),
                source -> journalReaders.stream()
                        .anyMatch(journal -> journal.source().equals(source)));
        this.tree = new Tree(kernel, patterns, this::complain);
        this.pins = new Pins(kernel, pinDirectory, this::complain);
        RotationForecast forecast = new RotationForecast();
        Naming naming = new Naming(kernel, draft, pins, forecast);
        this.files = new FileSet(kernel, draft, resumption, tree, this::complain, pins, naming, limits);
        this.budget = new PinBudget(kernel, files, pins, limits.pinnedBytes());
        this.compressed = new CompressedFiles(kernel, draft, resumption, pins, files, this::isAwaited, chain.end());
        this.absence = new Absence(
                kernel,
                draft,
                resumption,
                pins,
                files,
                compressed,
                chain.wholeFrom(),
                sealer.lastSequence(),
                this::notice);
        this.reader = new Reader(kernel, draft, files, naming, pins, forecast);
        this.journals = new Journals(kernel, draft, files, journalReaders, chain, this::complain);
        this.patientUntil = now.bootNanos() + PATIENCE;
        this.clockDifference = difference(now);
        draft.event(Entry.EventKind.AGENT_STARTED, "");
    }

    /**
     * Does what is due.
     *
     * @return for how many nanoseconds nothing will be due unless the kernel reports something; 0 if there is more now
     */
    public long turn() throws IOException {
        Timestamp now = clock.get();
        draft.at(now);
        noticeClock(now);
        drain();
        if (now.bootNanos() >= nextSecond) {
            nextSecond = now.bootNanos() + SECOND;
            tree.lookAgainNow();
            files.lookAgainIfThereIsRoom();
            reader.retry();
            absence.retry(now.bootNanos() < patientUntil);
            budget.enforce();
        }
        hasPinsToDrop = pins.acknowledged(acknowledged.getAsLong(), MOST_DROPS);
        if (now.bootNanos() >= nextMinute) {
            nextMinute = now.bootNanos() + MINUTE;
            pins.dropUnnamed();
        }
        look();
        reader.poll(now);
        readSlices();
        readJournals();
        return waitFor(draft.now());
    }

    private void readSlices() throws IOException {
        long drained = draft.now().bootNanos();
        for (int i = 0; i < MOST_SLICES && !blocked && reader.hasMore(); i++) {
            // What is sealed must not seem to be older than what the look before it found: see CompressedFiles.
            draft.at(clock.get());
            reader.readSlice();
            if (draft.isDue(reader.hasMore())) {
                seal();
            }
            long now = draft.now().bootNanos();
            if (now - drained >= DRAIN_INTERVAL) {
                drained = now;
                drain();
                look();
            }
        }
        if (draft.isDue(!blocked && reader.hasMore())) {
            seal();
        }
    }

    private void readJournals() throws IOException {
        journals.look();
        for (int i = 0; i < MOST_SLICES && !blocked && journals.hasMore(); i++) {
            draft.at(clock.get());
            boolean fits = journals.readSlice();
            if (!fits || draft.isDue(reader.hasMore() || journals.hasMore())) {
                seal();
            }
            drain();
            look();
        }
    }

    private long waitFor(Timestamp now) {
        if (blocked) {
            return SECOND / 10;
        }
        if (reader.hasMore() || journals.hasMore() || hasPinsToDrop || (tree.hasDirty() && !absence.isWaiting())) {
            return 0;
        }
        long due = Math.min(Math.min(draft.dueAt(), journals.nextLook()), Math.min(nextSecond, reader.nextPoll()));
        return Math.max(0, due - now.bootNanos());
    }

    private void noticeClock(Timestamp now) {
        if (!hasStepped(now)) {
            clockDifference = difference(now);
            return;
        }
        // Asked again: the thread may have been held up between the readings of the two clocks.
        Timestamp again = clock.get();
        if (hasStepped(again) && draft.hasRoomForEntries()) {
            long step = difference(again) - clockDifference;
            draft.at(again);
            draft.event(Entry.EventKind.CLOCK_STEPPED, "by %d ms".formatted(step / 1_000_000));
            clockDifference += step;
        }
    }

    private boolean hasStepped(Timestamp now) {
        return Math.abs(difference(now) - clockDifference) > STEP;
    }

    private static long difference(Timestamp now) {
        return now.wallNanos() - now.bootNanos();
    }

    private void drain() {
        for (int i = 0; i < MOST_DRAINS; i++) {
            if (kernel.drain(this::take) == 0) {
                tree.settled();
                return;
            }
        }
    }

    private void take(WatchEvent event) {
        if (event.isOverflow()) {
            if (draft.hasRoomForEntries()) {
                draft.event(Entry.EventKind.QUEUE_OVERFLOWED, "");
            }
            tree.overflowed();
            reader.wakeAll();
        } else if (!tree.take(event)) {
            reader.take(event);
        }
    }

    private void look() {
        if (absence.hasPins()) {
            absence.takeUpPins().reversed().forEach(reader::add);
            return;
        }
        for (int i = 0; i < MOST_LOOKS && tree.hasDirty() && draft.hasRoomForEntries(); i++) {
            Directory directory = tree.nextDirty();
            Map<FilePath, DirectoryEntry> entries = directory == null ? null : tree.look(directory);
            if (directory != null && entries != null) {
                // Backwards, as each goes to the front: what was written first is read first.
                look(directory, entries).reversed().forEach(reader::add);
            }
        }
        long now = draft.now().bootNanos();
        if ((!resumption.isEmpty() || !concluded) && now >= nextGivingUp && !tree.hasDirty()) {
            nextGivingUp = now + SECOND;
            if (now >= patientUntil || tree.isReadable()) {
                resumption.giveUp(tree, this::isAwaited);
                concluded = absence.conclude();
            }
        }
    }

    private List<LogFile> look(Directory directory, Map<FilePath, DirectoryEntry> entries) {
        List<LogFile> changed = new ArrayList<>();
        if (compressed.look(directory, entries, changed)) {
            changed.addAll(files.reconcile(directory, entries));
        } else {
            tree.lookAgain(directory);
        }
        return changed;
    }

    private boolean isAwaited(int file) {
        return absence.awaits(file);
    }

    private void notice(String sentence) {
        notice = sentence;
    }

    private void complain(FilePath path, String sentence) {
        notice = path + ": " + sentence;
        draft.event(Entry.EventKind.UNREADABLE, notice);
    }

    private void seal() throws IOException {
        boolean kept = draft.seal(files, journals);
        if (kept && blocked) {
            draft.event(Entry.EventKind.RESUMED, "");
        } else if (!kept && !blocked) {
            draft.event(Entry.EventKind.BLOCKED, "the ring is full of segments without a receipt");
        }
        if (kept) {
            pins.sealed(sealer.lastSequence());
            journals.sealed();
        }
        blocked = !kept;
    }

    /**
     * Reads on until nothing more is there or the time is over, and seals what was read with the agent's last word.
     *
     * @return false if the ring had no room for it
     */
    public boolean finish(long mostNanos) throws IOException {
        long end = clock.get().bootNanos() + mostNanos;
        reader.wakeAll();
        journals.wake();
        boolean hasMore = true;
        while (hasMore && !blocked && clock.get().bootNanos() < end) {
            hasMore = turn() == 0 || reader.hasMore() || journals.hasMore();
        }
        draft.at(clock.get());
        draft.event(Entry.EventKind.AGENT_STOPPED, "");
        seal();
        return !blocked;
    }

    /** Gives up the descriptors. Nothing more is read. */
    @Override
    public void close() {
        files.closeAll();
        journals.close();
    }

    public Standing standing() {
        long pending = reader.bytesPending();
        return new Standing(
                files.sources() + journals.sources(),
                files.all().size(),
                tree.size(),
                reader.bytesRead() + journals.bytesRead(),
                pending,
                draft.gaps(),
                pins.pinned(),
                budget.held(),
                pins.refusal(),
                blocked,
                resumption.isEmpty() && !blocked && !reader.hasMore() && !journals.hasMore() && pending == 0,
                notice);
    }
}
