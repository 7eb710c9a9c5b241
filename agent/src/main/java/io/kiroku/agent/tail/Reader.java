package io.kiroku.agent.tail;

import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.FileStat;
import io.kiroku.agent.os.Kernel;
import io.kiroku.agent.os.WatchEvent;
import io.kiroku.agent.os.WatchMask;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.record.Timestamp;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads files in turn, a bounded slice each. A file with more to read comes round again at once; one that was read to its
 * end is read again at the next poll; one that stayed quiet gets a one-shot watch and costs nothing until it is written
 * to. So a busy file costs no event per write, and a thousand quiet ones cost no system call.
 */
final class Reader {
    /** Bytes read of one file before the next has its turn. */
    private static final int SLICE = 256 << 10;

    /** A slice that does not end the file is cut at a newline found so close to its end: for readers' sake only. */
    private static final int NEWLINE_SEARCH = 32 << 10;

    private static final int SHORT_FILE = 16 << 10;
    private static final long LONG_PAUSE = 1_000_000_000L;
    private static final long POLL = 50_000_000L;
    private static final long IDLE_AFTER = 2_000_000_000L;

    /** Where nobody can say whether a deleted file still has a writer, it ends after being quiet for so long. */
    private static final long GIVE_UP_AFTER = 10_000_000_000L;

    private final Kernel kernel;
    private final Draft draft;
    private final FileSet files;
    private final Deque<LogFile> hot = new ArrayDeque<>();
    private final List<LogFile> polled = new ArrayList<>();
    private final List<LogFile> failed = new ArrayList<>();
    private final Map<Integer, LogFile> byWatch = new HashMap<>();

    private long nextPoll = Long.MAX_VALUE;
    private long bytesRead;

    Reader(Kernel kernel, Draft draft, FileSet files) {
        this.kernel = kernel;
        this.draft = draft;
        this.files = files;
    }

    long bytesRead() {
        return bytesRead;
    }

    /** Bytes that are known to be there and were not read. */
    long bytesPending() {
        long pending = 0;
        for (LogFile file : hot) {
            pending += file.pending();
        }
        return pending;
    }

    boolean hasMore() {
        return !hot.isEmpty();
    }

    /** When the files that were read to their end are to be read again, on the boot-time clock in nanoseconds. */
    long nextPoll() {
        return nextPoll;
    }

    /** The file is to be read soon; nothing happens if it is about to be anyway. */
    void add(LogFile file) {
        if (!file.queued) {
            file.queued = true;
            hot.addFirst(file);
        }
    }

    /** Takes an event of a file's watch. */
    void take(WatchEvent event) {
        LogFile file = byWatch.get(event.watch());
        if (file != null) {
            byWatch.remove(event.watch());
            file.watch = LogFile.NOT_WATCHED;
            file.quietSince = draft.now().bootNanos();
            add(file);
        }
    }

    void wakeAll() {
        hot.addAll(polled);
        polled.clear();
        files.all().forEach(this::add);
    }

    void retryFailed() {
        failed.forEach(this::add);
        failed.clear();
    }

    /** Lets the files that were read to their end have their turn again, if it is time. */
    void poll(Timestamp now) {
        if (now.bootNanos() >= nextPoll) {
            hot.addAll(polled);
            polled.clear();
            nextPoll = Long.MAX_VALUE;
        }
    }

    /** Reads a slice of the next file. */
    void readSlice() {
        LogFile file = hot.poll();
        if (file == null) {
            return;
        }
        file.queued = false;
        try {
            read(file);
            file.failedAt = 0;
        } catch (ErrnoException refused) {
            if (file.failedAt == 0) {
                draft.event(Entry.EventKind.UNREADABLE, file, String.valueOf(refused.getMessage()));
            }
            file.failedAt = draft.now().bootNanos();
            failed.add(file);
        }
    }

    private void read(LogFile file) throws ErrnoException {
        ByteBuffer raw = draft.raw();
        int wanted = Math.min(SLICE, raw.remaining());
        int limit = raw.limit();
        int start = raw.position();
        raw.limit(start + wanted);
        int length;
        try {
            length = kernel.read(file.fd, file.offset, raw);
        } finally {
            raw.limit(limit);
        }
        if (length == 0) {
            atEnd(file);
            return;
        }
        if (mayBeAnother(file) && !hasFingerprint(file)) {
            raw.position(start);
            files.truncated(file, kernel.stat(file.fd).size());
            add(file);
            return;
        }
        if (length == wanted) {
            length = uptoNewline(raw, start, length);
            raw.position(start + length);
        }
        draft.captured(file, length);
        bytesRead += length;
        file.quietSince = draft.now().bootNanos();
        if (length + NEWLINE_SEARCH >= wanted) {
            if (file.size < file.offset + SLICE) {
                file.size = Math.max(file.size, kernel.stat(file.fd).size());
            }
            file.queued = true;
            hot.addLast(file);
        } else {
            file.size = file.offset;
            pollLater(file);
        }
    }

    /**
     * Cut off and written anew beyond where reading stood, a file looks as if it had only grown. A short file can do so
     * between two polls, a long one only if it was not read for a while; then its first bytes are compared.
     */
    private boolean mayBeAnother(LogFile file) {
        return file.fingerprint.length() > 0
                && (file.offset <= SHORT_FILE || draft.now().bootNanos() - file.quietSince > LONG_PAUSE);
    }

    private boolean hasFingerprint(LogFile file) throws ErrnoException {
        return FirstBytes.of(kernel, file.fd, file.fingerprint.length()).equals(file.fingerprint);
    }

    /** The length up to and with the last newline near the end; the whole length if there is none. */
    private static int uptoNewline(ByteBuffer raw, int start, int length) {
        int end = start + length;
        int least = Math.max(start + length / 2, end - NEWLINE_SEARCH);
        for (int i = end - 1; i >= least; i--) {
            if (raw.get(i) == '\n') {
                return i + 1 - start;
            }
        }
        return length;
    }

    private void atEnd(LogFile file) throws ErrnoException {
        FileStat stat = kernel.stat(file.fd);
        if (stat.size() < file.offset) {
            files.truncated(file, stat.size());
            add(file);
            return;
        }
        file.size = stat.size();
        if (stat.size() > file.offset) {
            add(file);
            return;
        }
        file.deleted |= stat.links() == 0;
        long quiet = draft.now().bootNanos() - file.quietSince;
        if (file.deleted && hasEnded(file, quiet)) {
            forget(file);
            files.ended(file);
        } else if (quiet < IDLE_AFTER || !watch(file)) {
            pollLater(file);
        }
    }

    /** Without a name and without a writer, a file that was read to its end stays as it is for ever. */
    private boolean hasEnded(LogFile file, long quiet) throws ErrnoException {
        return switch (kernel.writers(file.fd)) {
            case NONE -> kernel.stat(file.fd).size() == file.offset;
            case SOME -> false;
            case UNKNOWN -> quiet > GIVE_UP_AFTER;
        };
    }

    /** True if the file now wakes the agent when something happens to it, and nothing has happened since it was read. */
    private boolean watch(LogFile file) throws ErrnoException {
        if (file.watch != LogFile.NOT_WATCHED) {
            return true;
        }
        try {
            file.watch = kernel.watch(
                    file.fd, WatchMask.MODIFY | WatchMask.CLOSE_WRITE | WatchMask.ATTRIB | WatchMask.ONE_SHOT);
        } catch (ErrnoException noWatches) {
            return false;
        }
        byWatch.put(file.watch, file);
        return kernel.stat(file.fd).size() == file.offset;
    }

    private void forget(LogFile file) {
        if (file.watch != LogFile.NOT_WATCHED) {
            byWatch.remove(file.watch);
            kernel.unwatch(file.watch);
        }
    }

    private void pollLater(LogFile file) {
        if (file.queued) {
            return;
        }
        file.queued = true;
        polled.add(file);
        nextPoll = Math.min(nextPoll, draft.now().bootNanos() + POLL);
    }

    /** States the first bytes of the files that the draft touches, once there are any and once there are enough. */
    void takeFingerprints() {
        for (LogFile file : draft.touched()) {
            int known = file.fingerprint.length();
            boolean worthIt =
                    known == 0 ? file.offset > 0 : known < Fingerprint.MOST && file.offset >= Fingerprint.MOST;
            if (worthIt) {
                takeFingerprint(file);
            }
        }
    }

    private void takeFingerprint(LogFile file) {
        int length = (int) Math.min(file.offset, Fingerprint.MOST);
        try {
            Fingerprint taken = FirstBytes.of(kernel, file.fd, length);
            if (taken.length() == length) {
                draft.fingerprint(file, taken);
            }
        } catch (ErrnoException unreadable) {
            // The next read of the file meets the same error, and records it.
        }
    }
}
