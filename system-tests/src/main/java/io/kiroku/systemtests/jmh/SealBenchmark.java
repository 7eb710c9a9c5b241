package io.kiroku.systemtests.jmh;

import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.chain.Ratchet;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentWriter;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** From log bytes in memory to a segment. */
public class SealBenchmark {
    private static final byte[] UNSIGNED = new byte[64];

    /** A writer that holds log bytes, as many as a segment is sealed at when it is full, and when it is 100 ms old. */
    @State(Scope.Thread)
    public static class Filled {
        @Param({"1048576", "16384"})
        public int rawBytes;

        private final SegmentWriter writer = new SegmentWriter(new SecureRandom());
        private final SegmentWriter.Link link;

        public Filled() {
            ChainHead head = Samples.ratchet(Identity.of(SigningKey.generate(new SecureRandom())), new SecureRandom())
                    .head();
            this.link = new SegmentWriter.Link(
                    head.stream(), 1, 1, head.hash(), Samples.NOW, Octets.zero(16), 0, head.nextKey(), head.nextKey());
        }

        @Setup
        public void fill() {
            Samples.fill(writer, rawBytes);
        }
    }

    /** A ratchet, and a writer that holds nothing: what is left is the price of a segment as such. */
    @State(Scope.Thread)
    public static class Chain {
        private final SegmentWriter writer = new SegmentWriter(new SecureRandom());
        private final Ratchet ratchet =
                Samples.ratchet(Identity.of(SigningKey.generate(new SecureRandom())), new SecureRandom());
    }

    /** Manifest, LZ4, SHA-256, header; no signature. */
    @Benchmark
    public ByteBuffer seal(Filled filled, RawBytes raw) {
        Samples.describe(filled.writer, filled.rawBytes);
        raw.add(filled.rawBytes);
        return filled.writer.seal(filled.link, _ -> UNSIGNED);
    }

    /** An empty segment: its signature, and the pair of keys that comes next. */
    @Benchmark
    public ChainHead ratchet(Chain chain) throws MalformedException {
        ByteBuffer sealed = chain.ratchet.seal(chain.writer, 1, Samples.NOW, false);
        chain.ratchet.advance(Segment.of(sealed));
        return chain.ratchet.head();
    }
}
