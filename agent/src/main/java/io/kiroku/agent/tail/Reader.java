package io.kiroku.agent.tail;

import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.FileStat;
import io.kiroku.agent.os.Kernel;
import io.kiroku.agent.os.WatchEvent;
import io.kiroku.agent.os.WatchMask;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.Sha256;
import java.nio.ByteBuffer;
import java.util.ArrayList;
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

    /** A slice that does not end the file is cut at a newline found in the last such part of it: for readers' sake only. */
    private static final int NEWLINE_PART = 8;

    private static final long POLL = 100_000_000L;
    private static final long IDLE_AFTER = 2_000_000_000L;

    /** Where nobody can say whether a deleted file still has a writer, it ends after being quiet for so long. */
    private static final long GIVE_UP_AFTER = 10_000_000_000L;

    private final Kernel kernel;
    private final Draft draft;
    private final FileSet files;
    private final Naming naming;
    private final Pins pins;
    private final RotationForecast forecast;
    private final ReadQueue queue = new ReadQueue();
    private final List<LogFile> polled = new ArrayList<>();
    private final List<LogFile> slow = new ArrayList<>();
    private final Map<Integer, LogFile> byWatch = new HashMap<>();

    private final ByteBuffer head = ByteBuffer.allocateDirect(Fingerprint.MOST);
    private final Sha256 sha256 = new Sha256();

    private long nextPoll = Long.MAX_VALUE;
    private long bytesRead;

    Reader(Kernel kernel, Draft draft, FileSet files, Naming naming, Pins pins, RotationForecast forecast) {
        this.kernel = kernel;
        this.draft = draft;
        this.files = files;
        this.naming = naming;
        this.pins = pins;
        this.forecast = forecast;
    }

    long bytesRead() {
        return bytesRead;
    }

    /** Bytes that are known to be there and were not read. */
    long bytesPending() {
        return queue.bytesPending();
    }

    boolean hasMore() {
        return !queue.isEmpty();
    }

    /** When the files that were read to their end are to be read again, on the boot-time clock in nanoseconds. */
    long nextPoll() {
        return nextPoll;
    }

    /** The file is to be read soon; if it is about to be anyway, it only takes the place that it is due by now. */
    void add(LogFile file) {
        if (file.closed) {
            return;
        }
        if (!file.queued) {
            file.queued = true;
            queue.addFirst(file);
        } else if (file.urgent) {
            queue.promote(file);
        }
    }

    /** Takes an event of a file's watch. */
    void take(WatchEvent event) {
        LogFile file = byWatch.remove(event.watch());
        if (file != null) {
            file.watch = LogFile.NOT_WATCHED;
            file.quietSince = draft.now().bootNanos();
            add(file);
        }
    }

    /** Everything must be read: events were lost, and with them, it may be, the only one of a watch. */
    void wakeAll() {
        byWatch.values().forEach(file -> file.watch = LogFile.NOT_WATCHED);
        byWatch.clear();
        pollAll();
        files.all().forEach(this::add);
    }

    /** Reads the files again that could not be read, or not be watched. */
    void retry() {
        slow.forEach(this::add);
        slow.clear();
    }

    /** Lets the files that were read to their end have their turn again, if it is time. */
    void poll(Timestamp now) {
        if (now.bootNanos() >= nextPoll) {
            pollAll();
        }
    }

    private void pollAll() {
        polled.forEach(queue::addLast);
        polled.clear();
        nextPoll = Long.MAX_VALUE;
    }

    /** Reads a slice of the next file. */
    void readSlice() {
        LogFile file = queue.poll();
        if (file == null) {
            return;
        }
        file.queued = false;
        if (file.closed) {
            return;
        }
        try {
            read(file);
            file.failingSince = 0;
        } catch (ErrnoException refused) {
            failed(file, String.valueOf(refused.getMessage()));
        } catch (MalformedException damaged) {
            files.lost(file, String.valueOf(damaged.getMessage()));
        }
    }

    private void failed(LogFile file, String sentence) {
        long now = draft.now().bootNanos();
        if (file.failingSince == 0) {
            file.failingSince = now;
            draft.event(Entry.EventKind.UNREADABLE, file, sentence);
        }
        if (now - file.failingSince > GIVE_UP_AFTER && isDeleted(file)) {
            forget(file);
            files.lost(file, sentence);
        } else {
            slow.add(file);
        }
    }

    private boolean isDeleted(LogFile file) {
        try {
            return pins.namesOf(file, kernel.stat(file.fd)) == 0;
        } catch (ErrnoException refused) {
            return file.deleted;
        }
    }

    private void read(LogFile file) throws ErrnoException, MalformedException {
        ByteBuffer raw = draft.raw();
        int wanted = Math.min(SLICE, raw.remaining());
        int limit = raw.limit();
        int start = raw.position();
        raw.limit(start + wanted);
        int length;
        boolean hasFirst = false;
        try {
            length = file.content.read(file.offset, raw);
            hasFirst = length == 0 || hasFirstBytes(file);
        } finally {
            raw.limit(limit);
            if (!hasFirst) {
                raw.position(start);
            }
        }
        if (length == 0) {
            atEnd(file);
            return;
        }
        if (!hasFirst) {
            truncated(file, kernel.stat(file.fd).size());
            return;
        }
        if (length == wanted) {
            length = uptoNewline(raw, start, length);
            raw.position(start + length);
        }
        draft.captured(file, length);
        bytesRead += length;
        file.quietSince = draft.now().bootNanos();
        if (file.content.isCompressed()) {
            again(file);
        } else if (length + wanted / NEWLINE_PART >= wanted) {
            if (file.size < file.offset + SLICE) {
                grown(file, kernel.stat(file.fd).size());
            }
            again(file);
        } else {
            grown(file, file.offset);
            pollLater(file);
        }
    }

    private void again(LogFile file) {
        file.queued = true;
        queue.addLast(file);
    }

    /** What is about to be rotated is about to be compressed and deleted, too. */
    private void grown(LogFile file, long size) {
        long now = draft.now().bootNanos();
        file.urgent |= forecast.isNear(size, file.earlierSize, now - file.earlierSizeAt);
        if (now - file.earlierSizeAt >= POLL) {
            file.earlierSize = size;
            file.earlierSizeAt = now;
        }
        file.size = Math.max(file.size, size);
    }

    /**
     * Cut off and written anew beyond where reading stood, a file looks as if it had only grown. Its first bytes tell, if
     * they are looked at after the others: these are then from before the cut, or it is noticed.
     */
    private boolean hasFirstBytes(LogFile file) throws ErrnoException, MalformedException {
        if (file.content.isCompressed()) {
            return true;
        }
        FirstBytes first = file.first;
        head.clear().limit(first == null ? file.fingerprint.length() : first.length());
        file.content.readFirst(head);
        if (first != null) {
            return first.matches(head);
        }
        return head.remaining() == file.fingerprint.length()
                && sha256.update(head).finish().equals(file.fingerprint.sha256());
    }

    /** The length up to and with the last newline near the end; the whole length if there is none. */
    private static int uptoNewline(ByteBuffer raw, int start, int length) {
        int end = start + length;
        int least = end - length / NEWLINE_PART;
        for (int i = end - 1; i >= least; i--) {
            if (raw.get(i) == '\n') {
                return i + 1 - start;
            }
        }
        return length;
    }

    private void atEnd(LogFile file) throws ErrnoException, MalformedException {
        if (file.content.isCompressed()) {
            files.ended(file);
            return;
        }
        FileStat stat = kernel.stat(file.fd);
        if (stat.size() < file.offset) {
            truncated(file, stat.size());
            return;
        }
        file.size = stat.size();
        if (stat.size() > file.offset) {
            add(file);
            return;
        }
        if (pins.namesOf(file, stat) == 0) {
            naming.deleted(file);
        }
        long quiet = draft.now().bootNanos() - file.quietSince;
        Kernel.Writers writers = file.deleted ? kernel.writers(file.fd) : Kernel.Writers.SOME;
        boolean mayEnd = writers == Kernel.Writers.NONE || (writers == Kernel.Writers.UNKNOWN && quiet > GIVE_UP_AFTER);
        if (mayEnd && (file.adrift || file.directory != null)) {
            // Its compressed sibling is recognised by what it holds, once its directory is looked at.
            pollLater(file);
        } else if (mayEnd) {
            endIfUnchanged(file);
        } else if (quiet < IDLE_AFTER || writers == Kernel.Writers.UNKNOWN) {
            pollLater(file);
        } else {
            sleep(file);
        }
    }

    /** Without a name and without a writer, a file that was read to its end stays as it is for ever. */
    private void endIfUnchanged(LogFile file) throws ErrnoException, MalformedException {
        if (kernel.stat(file.fd).size() != file.offset) {
            add(file);
        } else if (isUnchanged(file)) {
            forget(file);
            files.ended(file);
        }
    }

    /** If it is not, it begins anew. */
    private boolean isUnchanged(LogFile file) throws ErrnoException, MalformedException {
        if (hasFirstBytes(file)) {
            return true;
        }
        truncated(file, file.size);
        return false;
    }

    private void truncated(LogFile file, long size) {
        files.truncated(file, size);
        add(file);
    }

    /** The file wakes the agent when something happens to it. It is read once more first: something may just have. */
    private void sleep(LogFile file) throws ErrnoException, MalformedException {
        if (file.watch != LogFile.NOT_WATCHED || !isUnchanged(file)) {
            return;
        }
        try {
            file.watch = kernel.watch(
                    file.fd, WatchMask.MODIFY | WatchMask.CLOSE_WRITE | WatchMask.ATTRIB | WatchMask.ONE_SHOT);
            byWatch.put(file.watch, file);
            pollLater(file);
        } catch (ErrnoException noWatches) {
            slow.add(file);
        }
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
}
