package io.kiroku.systemtests.bench;

import io.kiroku.cli.demo.CriFormat;
import io.kiroku.cli.demo.LogLines;
import io.kiroku.cli.demo.StdStream;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.EpochSeal;
import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.chain.Ratchet;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentWriter;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;

/**
 * A stream as an agent would send it, sealed beforehand.
 *
 * @param hello the greeting that goes first
 * @param frames the file with all its segments, each in its frame
 * @param segments their number: the last one's sequence
 * @param rawBytes of log in them
 */
record PreparedChain(ByteBuffer hello, Path frames, long segments, long rawBytes) {
    /** Sources whose chunks share the segments. */
    private static final int FILES = 16;

    /** About so long is a chunk: what an agent reads of one file before it turns to the next. */
    private static final int CHUNK = 64 << 10;

    /** Seals a stream with at least so many bytes of log, in segments as full as an agent makes them. */
    static PreparedChain seal(Path frames, String node, long rawBytes, long seed)
            throws IOException, MalformedException {
        SecureRandom random = new SecureRandom();
        Identity identity = Identity.of(SigningKey.generate(random));
        Octets stream = identity.stream();
        SigningKey first = SigningKey.generate(random);
        ChainHead beginning = new ChainHead(stream, 0, 0, Octets.zero(32), first.publicKey());
        Ratchet ratchet = new Ratchet(beginning, first, Octets.zero(16), random);
        SegmentWriter writer = new SegmentWriter(random);
        begin(writer, beginning, identity, node);

        LogText text = new LogText(seed);
        long raw = 0;
        try (FileChannel out = FileChannel.open(frames, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (raw < rawBytes) {
                text.fill(writer);
                raw += writer.raw().position();
                Timestamp now = new Timestamp(System.currentTimeMillis() * 1_000_000L, System.nanoTime());
                boolean opens = ratchet.head().sequence() == 0;
                ByteBuffer sealed = ratchet.seal(writer, 1, now, opens);
                ratchet.advance(Segment.of(sealed));
                write(out, ByteBuffer.wrap(FrameCodec.segmentPrefix(sealed.remaining())));
                write(out, sealed);
            }
        }
        ByteBuffer hello = FrameCodec.encode(new Frame.Hello(Frame.VERSION, stream, node, "prepared"));
        return new PreparedChain(hello, frames, ratchet.head().sequence(), raw);
    }

    private static void begin(SegmentWriter writer, ChainHead beginning, Identity identity, String node) {
        writer.state(EpochSeal.vouch(
                Entry.EpochReason.FIRST, 1, identity, node, 1, 1, beginning.hash(), beginning.nextKey()));
        for (int file = 1; file <= FILES; file++) {
            FilePath path = FilePath.of("/var/log/pods/bench_%s-%d_%d/app/0.log".formatted(node, file, file));
            writer.state(new Entry.File(file, path, path, new FileIdentity(1, file, 1), 0, Fingerprint.NONE));
        }
    }

    private static void write(FileChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    /** Whole lines of the files, turn and turn about. */
    private static final class LogText {
        private final LogLines source;
        private final CriFormat format = new CriFormat();
        private final ByteBuffer line = ByteBuffer.allocate(LogLines.MOST_LINE);
        private final long[] offsets = new long[FILES + 1];
        private long wallNanos = System.currentTimeMillis() * 1_000_000L;
        private int file;

        private LogText(long seed) {
            this.source = new LogLines(seed);
        }

        /** Fills a segment as far as whole lines go. */
        private void fill(SegmentWriter writer) {
            int mostLine = CriFormat.roomFor(LogLines.MOST_LINE);
            ByteBuffer raw = writer.raw();
            while (raw.remaining() >= mostLine) {
                file = file % FILES + 1;
                int from = raw.position();
                while (raw.position() < from + CHUNK && raw.remaining() >= mostLine) {
                    StdStream stream = source.next(line.clear());
                    format.append(raw, wallNanos++, stream, line.flip(), true);
                }
                int length = raw.position() - from;
                writer.captured(file, offsets[file], length);
                offsets[file] += length;
            }
        }
    }
}
