package io.kiroku.agent.tail;

import io.kiroku.agent.journal.JournalFile;
import io.kiroku.agent.journal.JournalReader;
import io.kiroku.agent.journal.JournalReader.Step;
import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.Kernel;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.record.Fingerprint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts what a journal gives into the segment under way, as the bytes of a file that has no other form. Where entries are
 * missing the file ends with the gap, and another of the same source begins.
 *
 * <p>An entry is not divided between two segments unless it is longer than one may be.
 */
final class JournalTail {
    private static final int SLICE = 64 << 10;

    /** Steps in one slice: those over entries of other units put nothing into it. */
    private static final int MOST_STEPS = 256;

    private static final long POLL = 100_000_000L;
    private static final long LOOK = 1_000_000_000L;
    private static final long IDLE_AFTER = 2_000_000_000L;
    private static final long OPEN_AGAIN_AFTER = 10_000_000_000L;

    /** Files that are said to be damaged at most. */
    private static final int MOST_DAMAGED = 1000;

    private static final FileIdentity NO_FILE = new FileIdentity(0, 0, 0);

    private final Kernel kernel;
    private final Draft draft;
    private final FileSet files;
    private final JournalReader reader;
    private final FilePath source;
    private final long end;
    private final Complaints complaints;
    private final Set<String> damaged = new HashSet<>();

    private @Nullable LogFile file;
    private Entry.@Nullable Position position;
    private Entry.@Nullable Position stated;
    private Entry.@Nullable Position sealed;

    /** The bytes of the entry under way that were captured, and all that it has; equal if none is. */
    private int captured;

    private int length;

    private boolean hasMore;
    private long nextLook;
    private long quietSince;
    private long bytesRead;
    private String complaint = "";

    /** @param end when the chain's last segment was sealed: damage that is older has been told */
    JournalTail(Kernel kernel, Draft draft, FileSet files, JournalReader reader, long end, Complaints complaints) {
        this.kernel = kernel;
        this.draft = draft;
        this.files = files;
        this.reader = reader;
        this.source = reader.source();
        this.end = end;
        this.complaints = complaints;
    }

    /** Goes on where the chain says that reading stood. */
    void resume(FileTable.Followed known) {
        LogFile resumed = new LogFile(
                known.id(),
                LogFile.NOT_WATCHED,
                Content.plain(kernel, LogFile.NOT_WATCHED),
                source,
                source,
                NO_FILE,
                known.offset(),
                known.fingerprint());
        resumed.sealed = true;
        resumed.first = null;
        file = resumed;
        position = known.position();
        stated = position;
        sealed = position;
    }

    boolean isFollowed() {
        return file != null;
    }

    boolean hasMore() {
        return hasMore;
    }

    long nextLook() {
        return nextLook;
    }

    long bytesRead() {
        return bytesRead;
    }

    void wake() {
        nextLook = 0;
    }

    /** Looks for new entries, if it is time. */
    void look() {
        long now = draft.now().bootNanos();
        if (now < nextLook) {
            return;
        }
        nextLook = now + (now - quietSince < IDLE_AFTER ? POLL : LOOK);
        try {
            if (reader.isOpen()) {
                if (reader.look()) {
                    tellDamaged();
                }
            } else {
                open();
            }
            hasMore = reader.isOpen();
        } catch (IOException refused) {
            failed(refused);
        }
    }

    private void open() throws IOException {
        reader.open();
        Entry.Position at = position;
        if (at != null && file != null) {
            // What was captured of an entry that is not whole is known by where it began.
            reader.goOn(at.cursor(), file.offset >= at.to());
            captured = 0;
            length = 0;
        }
        tellDamaged();
    }

    private void failed(IOException refused) {
        reader.close();
        hasMore = false;
        String sentence = String.valueOf(refused.getMessage());
        boolean isNotThere = refused instanceof ErrnoException errno && errno.isNotFound();
        // Without the library there is nothing to wait for.
        nextLook = refused instanceof ErrnoException ? draft.now().bootNanos() + OPEN_AGAIN_AFTER : Long.MAX_VALUE;
        if (!isNotThere && !sentence.equals(complaint) && draft.hasRoomForEntries()) {
            complaint = sentence;
            complaints.about(source, sentence);
        }
    }

    /** A file that is no journal file any more cannot even say what it held. */
    private void tellDamaged() {
        for (JournalFile damage : reader.damaged()) {
            boolean isNew = damage.isSettled(draft.now().wallNanos())
                    && (sealed == null || damage.changedNanos() > end)
                    && damaged.size() < MOST_DAMAGED
                    && damaged.add(damage.path().toString());
            if (isNew && draft.hasRoomForEntries()) {
                files.vanished(
                        source,
                        Entry.GapCause.READ_ERROR,
                        "%s is passed over, and what it held is not known: %s"
                                .formatted(damage.path(), damage.damage()));
            }
        }
    }

    /**
     * Reads a slice.
     *
     * @return false if the next entry does not fit into what is left of the segment under way
     */
    boolean readSlice() throws IOException {
        int room = SLICE;
        try {
            for (int i = 0; i < MOST_STEPS && room > 0 && hasMore; i++) {
                if (!draft.hasRoomForEntries()) {
                    return false;
                }
                if (captured == length && !step()) {
                    return true;
                }
                int before = draft.raw().position();
                if (captured < length && !capture()) {
                    return false;
                }
                room -= draft.raw().position() - before;
            }
        } catch (ErrnoException refused) {
            failed(refused);
        }
        return true;
    }

    /** Goes to the next entry. False if there is none now. */
    private boolean step() throws ErrnoException {
        switch (reader.next()) {
            case Step.End _ -> {
                hasMore = false;
                return false;
            }
            case Step.Captured entry -> begin(entry);
            case Step.PassedOver entry -> {
                LogFile into = file();
                position = new Entry.Position(into.id, into.offset, into.offset, entry.cursor());
            }
            case Step.Lost lost -> {
                lose(lost);
                // What is missing stood before an entry: the two are told together, so that no segment ends between.
                return lost.cursor() != null || step();
            }
        }
        quietSince = draft.now().bootNanos();
        return true;
    }

    /** An entry that was captured in part, and is gone, ends the file where it was captured to. */
    private void lose(Step.Lost lost) {
        draft.lost(file(), lost.cause(), lost.detail());
        file = null;
        String cursor = lost.cursor() != null ? lost.cursor() : position == null ? null : position.cursor();
        LogFile next = file();
        position = cursor == null ? null : new Entry.Position(next.id, 0, 0, cursor);
        stated = null;
    }

    private void begin(Step.Captured entry) {
        Entry.Position at = position;
        boolean goesOn = at != null && at.cursor().equals(entry.cursor()) && file().offset < at.to();
        if (goesOn && at != null && at.to() - at.from() != entry.length()) {
            lose(new Step.Lost(
                    null, Entry.GapCause.READ_ERROR, "entry %s is not as long as it was".formatted(entry.cursor())));
            goesOn = false;
        }
        LogFile into = file();
        long from = goesOn && at != null ? at.from() : into.offset;
        captured = (int) (into.offset - from);
        length = entry.length();
        position = new Entry.Position(into.id, from, from + length, entry.cursor());
    }

    /** Captures what is left of the entry, or as much as a segment takes of a longer one. */
    private boolean capture() {
        ByteBuffer raw = draft.raw();
        int left = length - captured;
        boolean isLong = left > raw.capacity();
        if (left > raw.remaining() && !(isLong && raw.position() == 0)) {
            return false;
        }
        int more = Math.min(left, raw.remaining());
        raw.put(reader.bytes(), captured, more);
        draft.captured(file(), more);
        captured += more;
        bytesRead += more;
        return true;
    }

    private LogFile file() {
        LogFile known = file;
        if (known != null) {
            return known;
        }
        LogFile begun = new LogFile(
                files.takeId(),
                LogFile.NOT_WATCHED,
                Content.plain(kernel, LogFile.NOT_WATCHED),
                source,
                source,
                NO_FILE,
                0,
                Fingerprint.NONE);
        draft.declare(begun);
        file = begun;
        return begun;
    }

    void statePosition() {
        Entry.Position now = position;
        if (now != null && !now.equals(stated)) {
            draft.position(now);
            stated = now;
        }
    }

    List<Entry> standing() {
        List<Entry> standing = new ArrayList<>();
        LogFile known = file;
        if (known != null && known.sealed) {
            standing.add(known.standing());
            if (sealed != null) {
                standing.add(sealed);
            }
        }
        return standing;
    }

    void sealed() {
        sealed = stated;
    }

    void close() {
        reader.close();
    }
}
