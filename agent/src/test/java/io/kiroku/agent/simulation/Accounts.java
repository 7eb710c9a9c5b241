package io.kiroku.agent.simulation;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.verify.Location;
import io.kiroku.evidence.verify.Report;
import io.kiroku.evidence.verify.Verifier;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Holds what a stream says against what was written, where segments of it may be missing: each byte is captured once, as
 * it was written, or it is in a gap. Sources have one file each; if the ring was lost, it may be captured again as another.
 */
public final class Accounts {
    private static final long UNLIMITED = 1L << 50;

    private final Map<String, byte[]> written;
    private final Map<Integer, String> sources = new HashMap<>();
    private final Map<Integer, BitSet> captured = new HashMap<>();
    private final Map<Integer, BitSet> lost = new HashMap<>();
    private final Report report;
    private long unnamed;

    /** @param written what was written, by the path of the source */
    public Accounts(List<byte[]> segments, Map<String, byte[]> written) {
        this.written = written;
        Verifier verifier = new Verifier(Verifier.Scope.WHOLE);
        try {
            for (byte[] bytes : segments) {
                verifier.segment(new Location("collected", 0, bytes.length), ByteBuffer.wrap(bytes));
                take(Segment.of(ByteBuffer.wrap(bytes)));
            }
        } catch (MalformedException e) {
            throw new AssertionError("a segment is malformed", e);
        }
        report = verifier.report();
        if (!report.holds()) {
            throw new AssertionError(report.integrity() + ", " + report.completeness());
        }
        for (Report.DeclaredGap gap : report.gaps()) {
            FilePath source = gap.source();
            if (source != null) {
                lose(source.toString(), gap.gap());
            } else {
                unnamed +=
                        gap.gap().to() == Entry.UNKNOWN ? UNLIMITED : gap.gap().length();
            }
        }
    }

    private void take(Segment segment) throws MalformedException {
        ByteBuffer log = ByteBuffer.allocate(segment.header().rawLength());
        segment.decompress(log);
        log.flip();
        for (Entry entry : segment.entries()) {
            if (entry instanceof Entry.File file) {
                sources.put(file.file(), file.source().toString());
            } else if (entry instanceof Entry.Chunk chunk) {
                String source = sources.getOrDefault(chunk.file(), "a file that was not declared");
                byte[] bytes = written.getOrDefault(source, new byte[0]);
                ByteBuffer content = log.slice(log.position(), chunk.length());
                log.position(log.position() + chunk.length());
                if (chunk.to() > bytes.length
                        || !content.equals(ByteBuffer.wrap(bytes, (int) chunk.from(), chunk.length()))) {
                    throw new AssertionError(
                            "what is captured of %s at %d is not what was written".formatted(source, chunk.from()));
                }
                BitSet ofFile = captured.computeIfAbsent(chunk.file(), _ -> new BitSet());
                int twice = ofFile.nextSetBit((int) chunk.from());
                if (twice >= 0 && twice < chunk.to()) {
                    throw new AssertionError("byte %d of %s is captured twice".formatted(twice, source));
                }
                ofFile.set((int) chunk.from(), (int) chunk.to());
            }
        }
    }

    private void lose(String source, Entry.Gap gap) {
        sources.putIfAbsent(gap.file(), source);
        int length = written.getOrDefault(source, new byte[0]).length;
        int to = gap.to() == Entry.UNKNOWN ? length : (int) gap.to();
        BitSet ofFile = lost.computeIfAbsent(gap.file(), _ -> new BitSet());
        if (gap.from() < to) {
            ofFile.set((int) gap.from(), to);
        }
    }

    /**
     * Fails unless each byte of each source is captured or lost, and none is both. Bytes that are not said to be those of
     * one source may be of any.
     */
    public Accounts balance() {
        long left = unnamed;
        for (Map.Entry<String, byte[]> source : written.entrySet()) {
            left -= missing(source.getKey(), source.getValue().length);
            if (left < 0) {
                throw new AssertionError("%d bytes, of %s among others, are neither captured nor declared lost"
                        .formatted(-left, source.getKey()));
            }
        }
        return this;
    }

    private int missing(String source, int length) {
        BitSet all = new BitSet();
        sources.forEach((file, path) -> {
            BitSet here = captured.getOrDefault(file, new BitSet());
            BitSet gone = lost.getOrDefault(file, new BitSet());
            if (here.intersects(gone)) {
                throw new AssertionError("bytes of file %d, %s, are captured, and declared lost".formatted(file, path));
            }
            if (path.equals(source)) {
                all.or(here);
                all.or(gone);
            }
        });
        return length - all.cardinality();
    }

    public long lostBytes() {
        return lost.values().stream().mapToLong(BitSet::cardinality).sum();
    }

    public long capturedBytes() {
        return captured.values().stream().mapToLong(BitSet::cardinality).sum();
    }

    public Report report() {
        return report;
    }
}
