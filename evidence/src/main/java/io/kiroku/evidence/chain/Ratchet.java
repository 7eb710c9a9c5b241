package io.kiroku.evidence.chain;

import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentHeader;
import io.kiroku.evidence.segment.SegmentWriter;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/**
 * The signing end of a chain: each segment is signed by a key that only its predecessor announced, and that key is
 * destroyed once the segment is kept. Who steals the present key can forge none of the past.
 *
 * <p>One segment is sealed at a time: {@link #seal}, keep it, then {@link #advance}. In between, the keys of both steps
 * exist, so that a crash finds whichever one the kept segments ask for.
 */
public final class Ratchet {
    private final SecureRandom random;
    private final Octets bootId;
    private ChainHead head;
    private SigningKey key;
    private SigningKey next;

    /**
     * @param head the end of the chain so far; sequence 0, epoch 0 and zero hash for a stream that begins
     * @param key what signs the next segment: its public half must be {@code head.nextKey()} unless an epoch is opened
     */
    public Ratchet(ChainHead head, SigningKey key, Octets bootId, SecureRandom random) {
        this.head = head;
        this.key = key;
        this.next = SigningKey.generate(random);
        this.bootId = bootId;
        this.random = random;
    }

    public ChainHead head() {
        return head;
    }

    /** The key that signs the next segment. */
    public SigningKey key() {
        return key;
    }

    /** The key that the next segment announces. It must be stored before that segment is kept. */
    public SigningKey next() {
        return next;
    }

    /** Seals what the writer holds as the chain's next segment. The chain does not move before {@link #advance}. */
    public ByteBuffer seal(SegmentWriter writer, long epoch, Timestamp now, boolean restates) {
        SegmentWriter.Link link = new SegmentWriter.Link(
                head.stream(),
                epoch,
                head.sequence() + 1,
                head.hash(),
                now,
                bootId,
                restates ? SegmentHeader.RESTATES : 0,
                key.publicKey(),
                next.publicKey());
        return writer.seal(link, key::sign);
    }

    /** The sealed segment is kept: the chain ends with it now, its key is destroyed, and another is made. */
    public void advance(Segment kept) {
        head = ChainHead.of(kept);
        key.destroy();
        key = next;
        next = SigningKey.generate(random);
    }
}
