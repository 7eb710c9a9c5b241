package io.kiroku.agent.tail;

import io.kiroku.agent.seal.Sealer;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.SegmentWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The segment under way: what was read and noticed since the last seal.
 *
 * <p>It is sealed at once when it is full or a file in it has ended; at 16 KiB once the last seal is 100 ms ago, unless more
 * is there to be read, which then makes it fuller; at 1 s whatever it holds; and empty after 10 s of silence, so that
 * silence is a fact and not a guess.
 */
final class Draft {
    private static final int WORTH_SEALING = 16 << 10;

    /** What the kernel says of a file that nobody saw. */
    private static final FileIdentity UNSEEN = new FileIdentity(0, 0, 0);

    private static final long SHORT_WAIT = 100_000_000L;
    private static final long LONG_WAIT = 1_000_000_000L;
    private static final long HEARTBEAT = 10_000_000_000L;

    private final Sealer sealer;
    private final SegmentWriter writer;

    /** Less room than this for log bytes is not worth a read: the draft is full. 16 KiB where it may hold 1 MiB. */
    private final int leastRoom;

    /** A manifest of so many bytes makes the draft full. 256 KiB where it may hold 1 MiB of log. */
    private final int mostManifest;

    private final List<LogFile> touched = new ArrayList<>();
    private final List<Entry.File> endedStanding = new ArrayList<>();

    private Timestamp now;
    private long since;
    private long lastSealed;
    private boolean urgent;
    private final Map<Entry.GapCause, Long> gaps = new EnumMap<>(Entry.GapCause.class);
    private int firstNewFile;

    /** @param nextFile the lowest file id that the chain has not used */
    Draft(Sealer sealer, int nextFile, Timestamp now) {
        this.sealer = sealer;
        this.writer = sealer.writer();
        this.leastRoom = writer.raw().capacity() / 64;
        this.mostManifest = writer.raw().capacity() / 4;
        this.firstNewFile = nextFile;
        this.now = now;
        this.since = now.bootNanos();
        this.lastSealed = now.bootNanos();
    }

    /** All that follows happens now. */
    void at(Timestamp moment) {
        if (writer.isEmpty()) {
            since = moment.bootNanos();
        }
        now = moment;
    }

    Timestamp now() {
        return now;
    }

    /** Losses recorded since the start, by cause. */
    Map<Entry.GapCause, Long> gaps() {
        return Map.copyOf(gaps);
    }

    /** Where the next bytes of log are read to. */
    ByteBuffer raw() {
        return writer.raw();
    }

    /** Whether it must be sealed before more can be read. */
    boolean isFull() {
        return writer.raw().remaining() < leastRoom || writer.manifestLength() > mostManifest;
    }

    /** Whether more may be noticed before the next seal: also while the ring has no room, a segment must fit into it. */
    boolean hasRoomForEntries() {
        return writer.manifestLength() <= 2 * mostManifest;
    }

    void declare(LogFile file) {
        writer.state(file.standing());
        touch(file);
    }

    /** The last bytes put into {@link #raw()} are the file's next. */
    void captured(LogFile file, int length) {
        if (file.first != null) {
            file.first.captured(raw(), raw().position() - length, length);
        }
        writer.captured(file.id, file.offset, length);
        file.offset += length;
        touch(file);
    }

    void event(Entry.EventKind kind, LogFile file, String detail) {
        writer.state(new Entry.Event(kind, file.id, now.wallNanos(), detail));
    }

    void event(Entry.EventKind kind, String detail) {
        writer.state(new Entry.Event(kind, Entry.NO_FILE, now.wallNanos(), detail));
    }

    /** How far reading has come in a journal. */
    void position(Entry.Position position) {
        writer.state(position);
    }

    /** From where reading stands on, nothing more of the file can be had. */
    void lost(LogFile file, Entry.GapCause cause, String detail) {
        fingerprint(file, true);
        gap(file.id, file.offset, cause, detail);
        forget(file);
    }

    /** As {@link #lost}, for a file that the chain knows and that was not found again, or for none in particular. */
    void gap(int file, long from, Entry.GapCause cause, String detail) {
        writer.state(new Entry.Gap(file, from, Entry.UNKNOWN, cause, now.wallNanos(), detail));
        gaps.merge(cause, 1L, Long::sum);
    }

    /** A file of the source came and went, and nothing of it was captured. It gets an id only to be missed by. */
    void missed(int id, FilePath source, Entry.GapCause cause, String detail) {
        writer.state(new Entry.File(id, source, source, UNSEEN, 0, Fingerprint.NONE));
        gap(id, 0, cause, detail);
    }

    /** The file's bytes up to there are given up; what comes behind them, if anything, is not known of. */
    void givenUp(LogFile file, long to, Entry.GapCause cause, String detail) {
        fingerprint(file, true);
        writer.state(new Entry.Gap(file.id, file.offset, to, cause, now.wallNanos(), detail));
        gaps.merge(cause, 1L, Long::sum);
        file.offset = to;
    }

    /** The file was read to its end. Somebody may wait for just this, so it is sealed at once. */
    void ended(LogFile file) {
        fingerprint(file, true);
        event(Entry.EventKind.ENDED, file, "");
        forget(file);
        urgent = true;
    }

    /** A segment that restates must name it once more, since it was followed when the segment began. */
    private void forget(LogFile file) {
        if (file.sealed) {
            endedStanding.add(file.standing());
        }
    }

    /** The chain's word on a file that was not found again: it was followed until this segment. */
    void resumedInVain(Entry.File standing) {
        endedStanding.add(standing);
    }

    /**
     * States the first bytes of a file, once there are any and each time that there are twice as many.
     *
     * @param last whether this is the last time that it can be done
     */
    private void fingerprint(LogFile file, boolean last) {
        FirstBytes first = file.first;
        if (first == null) {
            return;
        }
        int known = file.fingerprint.length();
        boolean worthIt = last || first.isComplete() || first.length() >= 2 * known;
        if (worthIt && first.length() > known) {
            file.fingerprint = first.fingerprint();
            writer.state(new Entry.FingerprintTaken(file.id, file.fingerprint));
        }
        if (first.isComplete()) {
            file.first = null;
        }
    }

    private void touch(LogFile file) {
        if (!file.touched) {
            file.touched = true;
            touched.add(file);
        }
    }

    /**
     * Whether it is time to seal.
     *
     * @param hasMore whether more is there to be read at once
     */
    boolean isDue(boolean hasMore) {
        long moment = now.bootNanos();
        return hasMore ? isFull() || urgent || moment >= since + LONG_WAIT : moment >= dueAt();
    }

    /** When it will be time to seal if nothing more comes, on the boot-time clock in nanoseconds. */
    long dueAt() {
        if (urgent || isFull()) {
            return now.bootNanos();
        }
        if (writer.isEmpty()) {
            return lastSealed + HEARTBEAT;
        }
        boolean worthIt = writer.raw().position() >= WORTH_SEALING;
        return worthIt ? Math.min(lastSealed + SHORT_WAIT, since + LONG_WAIT) : since + LONG_WAIT;
    }

    /**
     * Seals it and begins the next.
     *
     * @param files the files that are followed
     * @param journals the journals that are
     * @return false if the ring has no room; nothing is lost, and it must be tried again before more is read
     */
    boolean seal(FileSet files, Journals journals) throws IOException {
        for (LogFile file : touched) {
            if (!file.closed) {
                fingerprint(file, false);
            }
        }
        journals.statePositions();
        boolean kept = sealer.seal(now, firstNewFile, () -> {
            List<Entry> standing = new ArrayList<>(files.standing());
            standing.addAll(journals.standing());
            standing.addAll(endedStanding);
            return standing;
        });
        if (!kept) {
            return false;
        }
        for (LogFile file : touched) {
            file.sealedOffset = file.offset;
            file.sealed = true;
            file.touched = false;
        }
        firstNewFile = files.nextId();
        touched.clear();
        endedStanding.clear();
        urgent = false;
        lastSealed = now.bootNanos();
        since = now.bootNanos();
        return true;
    }
}
