package io.kiroku.evidence.record;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One statement in a segment's manifest. Their order is the order in which the agent saw things happen. */
public sealed interface Entry {

    /** A constant that is written as a number. */
    sealed interface Coded permits EpochReason, GapCause, EventKind {
        int code();
    }

    /** The id of "no particular file" in a {@link Gap} or an {@link Event} that concerns the whole node. */
    int NO_FILE = 0;

    /** The end of a gap whose length nobody can know. */
    long UNKNOWN = -1;

    /**
     * The agent's identity vouches for the key of the segment that this entry is in. It is the first entry of an epoch's
     * first segment, and of every segment that restates, so that each of them can be checked without those before it.
     *
     * @param reason why an epoch was opened, or that it goes on
     * @param nextFile the lowest file id that the stream has not used before this segment
     * @param identity the agent's long-lived Ed25519 public key, 32 bytes; the stream's id is made from it, or from that of
     *     the first who handed the stream over
     * @param signature the identity's Ed25519 signature, 64 bytes, over the bytes that {@code EpochSeal} defines
     * @param node the node's name, at most 253 bytes of UTF-8
     * @param handovers how the identity got the stream, from the first one on; at most {@link #MOST_HANDOVERS}
     */
    record Epoch(
            EpochReason reason, int nextFile, Octets identity, Octets signature, String node, List<Handover> handovers)
            implements Entry {
        /** No node's name is longer, in bytes of UTF-8: a DNS subdomain name (RFC 1123) as Kubernetes has it. */
        public static final int MOST_NODE = 253;

        /** No stream has more identities after its first: one a year, and some to spare. */
        public static final int MOST_HANDOVERS = 32;

        public Epoch {
            handovers = List.copyOf(handovers);
        }

        /** By the identity that the stream began with. */
        public Epoch(EpochReason reason, int nextFile, Octets identity, Octets signature, String node) {
            this(reason, nextFile, identity, signature, node, List.of());
        }

        /** That of a manifest, if it has one: it stands first. */
        public static Optional<Epoch> in(List<? extends Entry> manifest) {
            return !manifest.isEmpty() && manifest.getFirst() instanceof Epoch epoch
                    ? Optional.of(epoch)
                    : Optional.empty();
        }
    }

    /**
     * An identity gave its stream to the next one.
     *
     * @param identity its public key, 32 bytes
     * @param signature by it, 64 bytes, over the bytes that {@code Lineage} defines
     */
    record Handover(Octets identity, Octets signature) {
        /** Bytes of one as it is written. */
        public static final int LENGTH = 32 + 64;
    }

    /** Why an epoch was opened. */
    enum EpochReason implements Coded {
        /** The stream begins. */
        FIRST(0),
        /** The ratchet's private key is gone, as after every reboot: it lives in memory-backed storage only. */
        KEY_LOST(1),
        /** The ring is gone: the epoch continues from the last segment that the collector holds. */
        RING_LOST(2),
        /** None was opened: the epoch goes on, and the identity says so again. */
        CONTINUES(3),
        /** The stream was handed over to another identity. */
        HANDED_OVER(4);

        private final int code;

        EpochReason(int code) {
            this.code = code;
        }

        /** The number by which the constant is written; never given to another. */
        @Override
        public int code() {
            return code;
        }
    }

    /**
     * A file that is being followed, and where reading stood when this segment began. The first such entry declares
     * the file; later ones, in segments flagged as restating, repeat it so that a reader may start there.
     *
     * @param file the file's id, unique in the stream, from 1, never reused
     * @param source the path of the source: the live name, which rotation gives to one file after the other
     * @param path the name under which the file was last seen
     * @param identity what tells this file from all others on the node
     * @param offset how many bytes from the file's start are accounted for
     * @param fingerprint the digest of the file's first bytes, as far as known
     */
    record File(int file, FilePath source, FilePath path, FileIdentity identity, long offset, Fingerprint fingerprint)
            implements Entry {}

    /**
     * A contiguous run of bytes of one file. The payload holds the chunks' bytes in the order of these entries.
     *
     * @param from the offset of the first byte in the file
     * @param length number of bytes, from 1
     */
    record Chunk(int file, long from, int length) implements Entry {
        public long to() {
            return from + length;
        }
    }

    /** The digest of a file's first bytes, stated once they have been captured and again when more are known. */
    record FingerprintTaken(int file, Fingerprint fingerprint) implements Entry {}

    /**
     * The record of a loss: bytes {@code [from, to)} of the file are not in the chain and never will be.
     *
     * @param file the file, or {@link Entry#NO_FILE} if it is not known which
     * @param to the end, or {@link Entry#UNKNOWN}: then nothing more comes from this file
     * @param wallNanos when the loss was noticed, in nanoseconds since the Unix epoch
     * @param detail one sentence for people, at most 1,024 bytes of UTF-8
     */
    record Gap(int file, long from, long to, GapCause cause, long wallNanos, String detail) implements Entry {
        /** Number of bytes lost, or {@link Entry#UNKNOWN}. */
        public long length() {
            return to == UNKNOWN ? UNKNOWN : to - from;
        }
    }

    /**
     * The record of lost segments, for one of the files in them: the segments {@code [first, last]} of this stream were
     * given up and never come, and with them the bytes {@code [from, to)} of the file. For each file that had bytes in
     * them, or ended in them, there is one such entry; one of {@link Entry#NO_FILE} stands for all files that no other
     * names, and its {@code to} is the sum of their bytes. A later segment may state the same losses again, and more of
     * them. Nothing is lost where the segments are there after all.
     *
     * @param first the lowest sequence, from 1
     * @param last the highest sequence, below that of the segment that this entry is in
     * @param wallNanos when they were given up, in nanoseconds since the Unix epoch
     * @param file the file, or {@link Entry#NO_FILE} for those that are not named; {@code from} is 0 then
     * @param source the path of the file's source; null exactly for {@link Entry#NO_FILE}
     * @param to the end, from {@code from} on, or {@link Entry#UNKNOWN}: then nothing more comes from this file
     * @param ended whether the file's end was in the segments: nothing comes from it behind {@code to}
     */
    record SegmentGap(
            long first,
            long last,
            GapCause cause,
            long wallNanos,
            int file,
            @Nullable FilePath source,
            long from,
            long to,
            boolean ended)
            implements Entry {
        /** Number of bytes lost, or {@link Entry#UNKNOWN}. */
        public long length() {
            return to == UNKNOWN ? UNKNOWN : to - from;
        }

        /** The same with another range of bytes. */
        public SegmentGap withRange(long newFrom, long newTo) {
            return new SegmentGap(first, last, cause, wallNanos, file, source, newFrom, newTo, ended);
        }

        /** The loss as one of bytes, with a sentence that says how they were lost. */
        public Gap asGap() {
            String segments =
                    first == last ? "segment " + first + " was" : "segments " + first + " to " + last + " were";
            String how = switch (cause) {
                case RING_OVERRUN -> " overwritten in the ring before a receipt came";
                case COLLECTOR_LOST -> " lost by the collector after its receipt, and the ring had them no more";
                default -> " given up";
            };
            return new Gap(file, from, to, cause, wallNanos, segments + how);
        }
    }

    /**
     * How far reading had come in a source that is no file, as a journal: the last of its records that was begun, and where
     * in the source its bytes lie. If all of them are accounted for, reading goes on behind that record, else within it.
     *
     * @param from the offset of the record's first byte
     * @param to the offset behind its last byte; {@code from} if it was passed over
     * @param cursor what the record is found again by, at most {@link #MOST_CURSOR} bytes of UTF-8: of a journal's entry
     *     what {@code sd_journal_get_cursor(3)} says
     */
    record Position(int file, long from, long to, String cursor) implements Entry {
        /** No cursor is longer, in bytes of UTF-8. */
        public static final int MOST_CURSOR = 1024;
    }

    /** Why bytes were lost. */
    enum GapCause implements Coded {
        /** The file became shorter than what had been read of it; what it held beyond is unknown. */
        TRUNCATED(0),
        /** The file was deleted before it had been read to its end. */
        VANISHED(1),
        /** The kernel could not read the file. */
        READ_ERROR(2),
        /** The ring was overwritten before a receipt came, as its operator had chosen. */
        RING_OVERRUN(3),
        /** A bound on what may be followed or pinned at once was reached. */
        BUDGET(4),
        /** The journal was vacuumed before it had been read. */
        VACUUMED(5),
        /** The file existed before the agent first looked, and was no longer readable as it had been written. */
        BEFORE_CAPTURE(6),
        /** The collector lost segments that it had acknowledged, and the ring did not hold them any more. */
        COLLECTOR_LOST(7),
        /** The node lost its ring, and with it how far the file had been read. */
        RING_LOST(8);

        private final int code;

        GapCause(int code) {
            this.code = code;
        }

        /** The number by which the constant is written; never given to another. */
        @Override
        public int code() {
            return code;
        }
    }

    /**
     * Something that happened to a file or to the node.
     *
     * @param file the file, or {@link Entry#NO_FILE}
     * @param wallNanos when it was noticed, in nanoseconds since the Unix epoch
     * @param detail for people, at most 8,192 bytes of UTF-8: the new name, the reason, the amount
     */
    record Event(EventKind kind, int file, long wallNanos, String detail) implements Entry {}

    /**
     * What the node's wall clock was found to be against the collector's. Adding {@code offsetNanos} to a time of the node
     * gives the collector's, at most {@code uncertaintyNanos} off: measured by messages that crossed the network, as in
     * F. Cristian, "Probabilistic clock synchronization" (1989).
     *
     * @param offsetNanos from {@code -}{@link #MOST} to {@link #MOST} nanoseconds: above 0 if the node's clock is behind
     * @param uncertaintyNanos from 0 to {@link #MOST} nanoseconds
     * @param wallNanos when it was measured, in nanoseconds since the Unix epoch by the node's clock as it stood when this
     *     was stated
     * @param collector the Ed25519 public key of the collector's receipts, 32 bytes: whose clock it is
     */
    record Clock(long offsetNanos, long uncertaintyNanos, long wallNanos, Octets collector) implements Entry {
        /** 146 years: sums of two such numbers do not overflow. */
        public static final long MOST = 1L << 62;

        /** Whether the clocks differ by more than so many nanoseconds and the uncertainty together. */
        public boolean isOffBy(long nanos) {
            return Math.abs(offsetNanos) - uncertaintyNanos > nanos;
        }

        /** What the node's clock was, for people: "90.000 s behind the collector's, give or take 0.004 s". */
        public String inWords() {
            return String.format(
                    Locale.ROOT,
                    "%.3f s %s the collector's, give or take %.3f s",
                    Math.abs(offsetNanos) / 1e9,
                    offsetNanos >= 0 ? "behind" : "ahead of",
                    uncertaintyNanos / 1e9);
        }
    }

    /** What happened. */
    enum EventKind implements Coded {
        AGENT_STARTED(0),
        AGENT_STOPPED(1),
        /** The file has a new name. */
        ROTATED(2),
        /** The file has no name any more. */
        DELETED(3),
        /** The file became shorter; the same inode continues as another file. */
        TRUNCATED(4),
        /** The file was read to its end and is no longer followed. */
        ENDED(5),
        /** A directory or file could not be read. */
        UNREADABLE(6),
        /** Reading stopped because the ring was full of segments without a receipt. */
        BLOCKED(7),
        /** Reading went on. */
        RESUMED(8),
        /** The wall clock moved against the boot-time clock. */
        CLOCK_STEPPED(9),
        /** The kernel's queue of file events overflowed; everything was looked at anew. */
        QUEUE_OVERFLOWED(10);

        private final int code;

        EventKind(int code) {
            this.code = code;
        }

        /** The number by which the constant is written; never given to another. */
        @Override
        public int code() {
            return code;
        }
    }
}
