package io.kiroku.evidence.chain;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Octets;
import java.util.ArrayList;
import java.util.List;

/**
 * Who a stream belongs to: the key of now, and how it got the stream from the one that the stream is named after. Not for
 * use by several threads at once.
 *
 * @param handovers at most {@link Entry.Epoch#MOST_HANDOVERS}
 */
public record Identity(SigningKey key, List<Entry.Handover> handovers) {
    public Identity {
        handovers = List.copyOf(handovers);
    }

    /** An identity that begins a stream. */
    public static Identity of(SigningKey key) {
        return new Identity(key, List.of());
    }

    public Octets publicKey() {
        return key.publicKey();
    }

    /** The id of its stream, 16 bytes. */
    public Octets stream() {
        return EpochSeal.streamOf(
                handovers.isEmpty() ? publicKey() : handovers.getFirst().identity());
    }

    /** Whether it can be handed over once more. */
    public boolean canHandOver() {
        return handovers.size() < Entry.Epoch.MOST_HANDOVERS;
    }

    /**
     * Gives the stream to another key. From the first segment on in which that one vouches, this one cannot any more.
     *
     * @throws IllegalStateException if it cannot be handed over once more
     */
    public Identity handOver(SigningKey successor) {
        if (!canHandOver()) {
            throw new IllegalStateException("the stream was handed over %d times".formatted(handovers.size()));
        }
        byte[] message = Lineage.message(stream(), handovers.size() + 1, successor.publicKey());
        List<Entry.Handover> all = new ArrayList<>(handovers);
        all.add(new Entry.Handover(publicKey(), Octets.of(key.sign(message))));
        return new Identity(successor, all);
    }
}
