package io.kiroku.systemtests.jmh;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.ManifestReader;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.verify.SegmentCheck;
import java.nio.ByteBuffer;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** From a stored segment to its log bytes, and to the word that it is what was sealed. */
public class CheckBenchmark {
    /** A segment as it is stored. */
    @State(Scope.Thread)
    public static class Stored {
        @Param({"1048576", "16384"})
        public int rawBytes;

        private final SegmentCheck check = new SegmentCheck();
        private final ByteBuffer log = ByteBuffer.allocateDirect(1 << 20);
        private ByteBuffer bytes = ByteBuffer.allocate(0);

        @Setup
        public void seal() {
            bytes = Samples.segment(rawBytes);
        }
    }

    /** A manifest that restates {@link Samples#FOLLOWED} files. */
    @State(Scope.Thread)
    public static class Manifest {
        private final ByteBuffer bytes;

        public Manifest() {
            try {
                this.bytes = Segment.of(Samples.restatingSegment(1 << 20)).manifestBytes();
            } catch (MalformedException defect) {
                throw new IllegalStateException(defect);
            }
        }
    }

    /** All that is looked at in a segment for itself: signature, digests, manifest, payload. */
    @Benchmark
    public SegmentCheck.Outcome check(Stored stored, RawBytes raw) throws MalformedException {
        raw.add(stored.rawBytes);
        return stored.check.check(Segment.of(stored.bytes));
    }

    /** LZ4 alone. */
    @Benchmark
    public ByteBuffer decompress(Stored stored, RawBytes raw) throws MalformedException {
        raw.add(stored.rawBytes);
        Segment.of(stored.bytes).decompress(stored.log.clear());
        return stored.log;
    }

    /** SHA-256 of the stored payload alone. */
    @Benchmark
    public Octets digest(Stored stored, RawBytes raw) throws MalformedException {
        raw.add(stored.rawBytes);
        return Segment.of(stored.bytes).payloadDigest();
    }

    /** Entries from a manifest. */
    @Benchmark
    public List<Entry> manifest(Manifest manifest) throws MalformedException {
        return ManifestReader.read(manifest.bytes.duplicate());
    }
}
