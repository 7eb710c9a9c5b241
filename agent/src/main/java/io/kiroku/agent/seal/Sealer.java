package io.kiroku.agent.seal;

import io.kiroku.agent.ring.Ring;
import io.kiroku.agent.ring.WhenFull;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.EpochSeal;
import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.chain.Ratchet;
import io.kiroku.evidence.chain.RatchetFile;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.ManifestWriter;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns what the writer holds into the next segment of the chain, kept in the ring. For use by one thread.
 *
 * <p>A manifest says first who vouches for the key and what is followed, if it restates; then what was lost, and how the
 * clock stands.
 */
public final class Sealer {
    private final Ring ring;
    private final RatchetFile keys;
    private final Identity identity;
    private final String node;
    private final SegmentWriter writer;
    private final Ratchet ratchet;
    private final Losses losses;
    private ClockStatements clock = new ClockStatements(new CollectorClock());

    private long epoch;
    private Entry.@Nullable EpochReason opening;
    private long segments;
    private long rawBytes;
    private long storedBytes;

    private Sealer(
            Ring ring,
            RatchetFile keys,
            Identity identity,
            String node,
            SegmentWriter writer,
            Ratchet ratchet,
            Losses losses,
            long epoch,
            Entry.@Nullable EpochReason opening) {
        this.ring = ring;
        this.keys = keys;
        this.identity = identity;
        this.node = node;
        this.writer = writer;
        this.ratchet = ratchet;
        this.losses = losses;
        this.epoch = epoch;
        this.opening = opening;
    }

    /**
     * Continues the chain that ends with the ring's last segment: in the same epoch if the ratchet's key is still there,
     * else in a new one, which the identity vouches for.
     *
     * @param last the end of the chain in the ring; null if the ring is empty
     * @param losses what is to be declared lost
     */
    public static Sealer resume(
            Ring ring,
            @Nullable ChainHead last,
            RatchetFile keys,
            Identity identity,
            String node,
            Octets bootId,
            SecureRandom random,
            Losses losses)
            throws IOException {
        ChainHead head = last != null ? last : new ChainHead(identity.stream(), 0, 0, Octets.zero(32), Octets.zero(32));
        long next = head.sequence() + 1;
        @Nullable SigningKey kept = keys.find(next, head.nextKey()).orElse(null);
        SigningKey key = kept != null ? kept : SigningKey.generate(random);
        long epoch = kept != null ? head.epoch() : head.epoch() + 1;
        Entry.@Nullable EpochReason opening =
                kept != null ? null : last == null ? Entry.EpochReason.FIRST : Entry.EpochReason.KEY_LOST;
        // Its segment is kept: a crash may have left it here.
        keys.wipe(head.sequence());
        Ratchet ratchet = new Ratchet(head, key, bootId, random);
        return new Sealer(
                ring, keys, identity, node, new SegmentWriter(random, ring.mostLog()), ratchet, losses, epoch, opening);
    }

    /**
     * Continues a chain in a new epoch, whatever keys are still there. {@link Entry.EpochReason#RING_LOST}: behind what the
     * collector has of a stream whose ring is gone, because the chain's last segments may be gone with it, and with them the
     * key that their ratchet had come to. {@link Entry.EpochReason#HANDED_OVER}: another identity had the stream when its last
     * segment was sealed, and the first segment says who has it now.
     *
     * @param end of the chain, in the ring or at the collector; its next key is not asked for
     */
    public static Sealer inNextEpoch(
            Entry.EpochReason reason,
            Ring ring,
            ChainHead end,
            RatchetFile keys,
            Identity identity,
            String node,
            Octets bootId,
            SecureRandom random,
            Losses losses)
            throws IOException {
        keys.wipe(end.sequence());
        keys.wipe(end.sequence() + 1);
        Sealer sealer = resume(ring, end, keys, identity, node, bootId, random, losses);
        sealer.opening = reason;
        return sealer;
    }

    /** From now on segments state how the node's clock stands against the collector's. */
    public Sealer stating(CollectorClock collector) {
        clock = new ClockStatements(collector);
        return this;
    }

    public SegmentWriter writer() {
        return writer;
    }

    /** The sequence of the chain's last segment; 0 before the first. */
    public long lastSequence() {
        return ratchet.head().sequence();
    }

    /** How many segments were sealed since the start. */
    public long segments() {
        return segments;
    }

    /** Log bytes in them. */
    public long rawBytes() {
        return rawBytes;
    }

    /** Their bytes in the ring. */
    public long storedBytes() {
        return storedBytes;
    }

    /**
     * Seals what the writer holds and keeps it in the ring, with what is to be declared lost. If the ring has no room, its
     * oldest segments are given up for it, where that is what the operator chose.
     *
     * @param nextFile the lowest file id that was not used before this segment
     * @param standing every file that was declared before this segment, with where reading stood when it
     *     began, each before its position
     * @return false, with nothing done, if the ring has no room before a receipt comes
     */
    public boolean seal(Timestamp now, int nextFile, Supplier<? extends List<? extends Entry>> standing)
            throws IOException {
        losses.update(now.wallNanos());
        if (sealIfRoom(now, nextFile, standing)) {
            return true;
        }
        if (losses.whenFull() == WhenFull.BLOCK) {
            return false;
        }
        losses.giveUpOldest(now.wallNanos());
        if (!sealIfRoom(now, nextFile, standing)) {
            throw new IllegalStateException("a segment does not fit into the place of those that were given up for it");
        }
        return true;
    }

    private boolean sealIfRoom(Timestamp now, int nextFile, Supplier<? extends List<? extends Entry>> standing)
            throws IOException {
        Optional<ClockStatements.Statement> clockNow = clock.due(now, false);
        int length = writer.mostSealed()
                + (losses.areDue() ? losses.mostLength() : 0)
                + (clockNow.isPresent() ? ManifestWriter.CLOCK_LENGTH : 0);
        if (!ring.hasRoom(length)) {
            return false;
        }
        boolean restates = opening != null || ring.beginsExtent(length);
        boolean declares = restates || losses.areDue();
        if (restates) {
            restate(nextFile, standing.get());
            clockNow = clock.due(now, true);
        }
        if (declares) {
            losses.statements(now.wallNanos()).forEach(writer::preface);
        }
        clockNow.ifPresent(statement -> writer.preface(statement.entry()));
        if ((declares || clockNow.isPresent()) && !ring.hasRoom(writer.mostSealed())) {
            writer.clearPreface();
            return false;
        }
        keep(ratchet.seal(writer, epoch, now, restates));
        opening = null;
        clockNow.ifPresent(clock::stated);
        if (declares) {
            losses.stated(ratchet.head().sequence());
        }
        return true;
    }

    private void restate(int nextFile, List<? extends Entry> standing) {
        ChainHead head = ratchet.head();
        writer.preface(EpochSeal.vouch(
                opening == null ? Entry.EpochReason.CONTINUES : opening,
                nextFile,
                identity,
                node,
                epoch,
                head.sequence() + 1,
                head.hash(),
                ratchet.key().publicKey()));
        standing.forEach(writer::preface);
    }

    private void keep(ByteBuffer sealed) throws IOException {
        Segment segment;
        try {
            segment = Segment.of(sealed);
        } catch (MalformedException own) {
            throw new IllegalStateException("a segment that was just sealed is malformed", own);
        }
        long sequence = segment.header().sequence();
        keys.store(sequence + 1, ratchet.next());
        ring.append(sealed, sequence);
        ratchet.advance(segment);
        keys.wipe(sequence);
        segments++;
        rawBytes += segment.header().rawLength();
        storedBytes += segment.length();
    }
}
