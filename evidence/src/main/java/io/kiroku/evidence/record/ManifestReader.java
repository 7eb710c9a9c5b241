package io.kiroku.evidence.record;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Reads the entries of a manifest. Trusts nothing: every length is checked before it is used. */
public final class ManifestReader {
    private final ByteBuffer in;

    private ManifestReader(ByteBuffer in) {
        this.in = in.slice();
    }

    /**
     * Reads all entries between the buffer's position and its limit, which stay where they are.
     *
     * @throws MalformedException if the bytes are no manifest
     */
    public static List<Entry> read(ByteBuffer manifest) throws MalformedException {
        ManifestReader reader = new ManifestReader(manifest);
        List<Entry> entries = new ArrayList<>();
        while (reader.in.hasRemaining()) {
            entries.add(reader.entry());
        }
        return entries;
    }

    private Entry entry() throws MalformedException {
        require(3, "an entry's type and length");
        int at = in.position();
        byte type = in.get();
        int length = Short.toUnsignedInt(in.getShort());
        require(length, "the body of an entry");
        int end = in.position() + length;
        int limit = in.limit();
        in.limit(end);
        Entry entry = switch (type) {
            case ManifestWriter.EPOCH -> epoch();
            case ManifestWriter.FILE -> file();
            case ManifestWriter.CHUNK -> chunk();
            case ManifestWriter.FINGERPRINT -> {
                require(4, "a file's id");
                yield new Entry.FingerprintTaken(fileId(), fingerprint());
            }
            case ManifestWriter.GAP -> gap();
            case ManifestWriter.EVENT -> event();
            case ManifestWriter.SEGMENT_GAP -> segmentGap();
            case ManifestWriter.CLOCK -> clock();
            case ManifestWriter.POSITION -> position();
            default -> throw malformed("an entry of type 1 to 9", "type " + Byte.toUnsignedInt(type), at);
        };
        if (in.hasRemaining()) {
            throw malformed("the entry's end", in.remaining() + " more bytes", in.position());
        }
        in.limit(limit);
        return entry;
    }

    private Entry epoch() throws MalformedException {
        require(1 + 4 + 32 + 64, "an epoch");
        Entry.EpochReason reason = constant(Entry.EpochReason.values(), "a reason");
        return new Entry.Epoch(
                reason,
                fileId(),
                Octets.take(in, 32),
                Octets.take(in, 64),
                BoundedText.read(in, ManifestWriter.MOST_NODE),
                handovers());
    }

    /** As many as the entry has room for. */
    private List<Entry.Handover> handovers() throws MalformedException {
        int count = in.remaining() / Entry.Handover.LENGTH;
        if (count > Entry.Epoch.MOST_HANDOVERS) {
            throw malformed("at most " + Entry.Epoch.MOST_HANDOVERS + " handovers", count + "", in.position());
        }
        List<Entry.Handover> handovers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            handovers.add(new Entry.Handover(Octets.take(in, 32), Octets.take(in, 64)));
        }
        return handovers;
    }

    private Entry file() throws MalformedException {
        require(4 + FileIdentity.LENGTH + 8, "a file");
        int file = fileId();
        FileIdentity identity = new FileIdentity(in.getLong(), in.getLong(), in.getLong());
        long offset = offset();
        Fingerprint fingerprint = fingerprint();
        FilePath source = path();
        return new Entry.File(file, source, path(), identity, offset, fingerprint);
    }

    private Entry chunk() throws MalformedException {
        require(16, "a chunk");
        int file = fileId();
        long from = offset();
        int at = in.position();
        int length = in.getInt();
        if (length < 1) {
            throw malformed("a chunk of at least one byte", length + " bytes", at);
        }
        if (from + length < 0) {
            throw malformed("an end of the chunk below 2^63", "offset " + from + " and length " + length, at);
        }
        return new Entry.Chunk(file, from, length);
    }

    private Entry gap() throws MalformedException {
        require(4 + 8 + 8 + 1 + 8, "a gap");
        int file = fileIdOrNone();
        long from = offset();
        int at = in.position();
        long to = in.getLong();
        if (to != Entry.UNKNOWN && to <= from) {
            throw malformed("a gap's end beyond its start " + from + ", or -1", String.valueOf(to), at);
        }
        Entry.GapCause cause = constant(Entry.GapCause.values(), "a cause");
        return new Entry.Gap(file, from, to, cause, in.getLong(), BoundedText.read(in, ManifestWriter.MOST_GAP_DETAIL));
    }

    private Entry event() throws MalformedException {
        require(1 + 4 + 8, "an event");
        Entry.EventKind kind = constant(Entry.EventKind.values(), "a kind of event");
        return new Entry.Event(
                kind, fileIdOrNone(), in.getLong(), BoundedText.read(in, ManifestWriter.MOST_EVENT_DETAIL));
    }

    private Entry position() throws MalformedException {
        require(4 + 8 + 8, "a position");
        int file = fileId();
        long from = offset();
        int at = in.position();
        long to = in.getLong();
        if (to < from) {
            throw malformed("an end from the start " + from + " on", String.valueOf(to), at);
        }
        return new Entry.Position(file, from, to, BoundedText.read(in, Entry.Position.MOST_CURSOR));
    }

    private Entry segmentGap() throws MalformedException {
        require(ManifestWriter.SEGMENT_GAP_FIELDS, "lost segments");
        int at = in.position();
        long first = in.getLong();
        long last = in.getLong();
        if (first < 1 || last < first) {
            throw malformed("a range of sequences from 1", first + " to " + last, at);
        }
        Entry.GapCause cause = constant(Entry.GapCause.values(), "a cause");
        long wallNanos = in.getLong();
        int file = fileIdOrNone();
        long from = offset();
        long to = in.getLong();
        byte ended = in.get();
        if (to != Entry.UNKNOWN && to < from) {
            throw malformed("an end from the start " + from + " on, or -1", String.valueOf(to), at);
        }
        if (ended != 0 && ended != 1) {
            throw malformed("0 or 1, whether the file ended", String.valueOf(ended), at);
        }
        if (file != Entry.NO_FILE) {
            return new Entry.SegmentGap(first, last, cause, wallNanos, file, path(), from, to, ended == 1);
        }
        if (from != 0 || ended != 0 || in.getShort() != 0) {
            throw malformed("bytes from 0 on of no file, with no end and no source", "another entry", at);
        }
        return new Entry.SegmentGap(first, last, cause, wallNanos, file, null, from, to, false);
    }

    private Entry clock() throws MalformedException {
        require(ManifestWriter.CLOCK_FIELDS, "a clock");
        int at = in.position();
        long offset = in.getLong();
        long uncertainty = in.getLong();
        if (offset < -Entry.Clock.MOST || offset > Entry.Clock.MOST) {
            throw malformed("an offset from -2^62 to 2^62", String.valueOf(offset), at);
        }
        if (uncertainty < 0 || uncertainty > Entry.Clock.MOST) {
            throw malformed("an uncertainty from 0 to 2^62", String.valueOf(uncertainty), at + 8);
        }
        return new Entry.Clock(offset, uncertainty, in.getLong(), Octets.take(in, 32));
    }

    private int fileId() throws MalformedException {
        return fileId(1);
    }

    private int fileIdOrNone() throws MalformedException {
        return fileId(Entry.NO_FILE);
    }

    private int fileId(int least) throws MalformedException {
        int at = in.position();
        int file = in.getInt();
        if (file < least) {
            throw malformed("a file's id from " + least, String.valueOf(file), at);
        }
        return file;
    }

    private long offset() throws MalformedException {
        int at = in.position();
        long offset = in.getLong();
        if (offset < 0) {
            throw malformed("an offset from 0", String.valueOf(offset), at);
        }
        return offset;
    }

    private Fingerprint fingerprint() throws MalformedException {
        require(4 + 32, "a fingerprint");
        int at = in.position();
        int length = in.getInt();
        if (length < 0 || length > Fingerprint.MOST) {
            throw malformed("a fingerprint of 0 to " + Fingerprint.MOST + " bytes", String.valueOf(length), at);
        }
        return new Fingerprint(length, Octets.take(in, 32));
    }

    private FilePath path() throws MalformedException {
        require(2, "a path's length");
        int at = in.position();
        int length = Short.toUnsignedInt(in.getShort());
        require(length, "a path");
        byte[] bytes = new byte[length];
        in.get(bytes);
        try {
            return FilePath.of(bytes);
        } catch (IllegalArgumentException noPath) {
            throw malformed("a path", String.valueOf(noPath.getMessage()), at);
        }
    }

    private <E extends Entry.Coded> E constant(E[] values, String what) throws MalformedException {
        int at = in.position();
        int code = Byte.toUnsignedInt(in.get());
        for (E value : values) {
            if (value.code() == code) {
                return value;
            }
        }
        throw malformed(what + " below " + values.length, String.valueOf(code), at);
    }

    private void require(int length, String what) throws MalformedException {
        if (in.remaining() < length) {
            throw malformed(what + " of " + length + " bytes", "only " + in.remaining() + " bytes", in.position());
        }
    }

    private MalformedException malformed(String expected, String found, int at) {
        return new MalformedException("manifest: expected %s, found %s at offset %d".formatted(expected, found, at));
    }
}
