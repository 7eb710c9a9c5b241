package io.kiroku.evidence.chain;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Octets;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The identities of a stream, in the order in which they had it. The first gave it its name; each of the others got it
 * from the one before by a signature.
 *
 * @param identities public keys of 32 bytes each; none where nothing of the stream is known
 */
public record Lineage(List<Octets> identities) {
    /** Nobody has vouched for anything yet. */
    public static final Lineage UNKNOWN = new Lineage(List.of());

    private static final byte[] DOMAIN = "kiroku handover v1\0".getBytes(StandardCharsets.US_ASCII);

    public Lineage {
        identities = List.copyOf(identities);
    }

    /** The identities that an entry names. Whether they are those of its stream is for {@link EpochSeal#holds}. */
    public static Lineage of(Entry.Epoch entry) {
        List<Octets> identities = new ArrayList<>();
        entry.handovers().forEach(handover -> identities.add(handover.identity()));
        identities.add(entry.identity());
        return new Lineage(identities);
    }

    /** The identity that has the stream now. */
    public Octets current() {
        return identities.getLast();
    }

    /**
     * Whether this is the same line, or goes on from it: an identity that has handed its stream over vouches for nothing
     * any more.
     */
    public boolean continues(Lineage earlier) {
        int known = earlier.identities.size();
        return identities.size() >= known && identities.subList(0, known).equals(earlier.identities);
    }

    /** Whether each identity but the last signed that the next one is its successor, in that stream. */
    static boolean holds(Entry.Epoch entry, Octets stream) {
        List<Octets> identities = of(entry).identities;
        if (!EpochSeal.streamOf(identities.getFirst()).equals(stream)) {
            return false;
        }
        for (int i = 0; i < entry.handovers().size(); i++) {
            Octets signature = entry.handovers().get(i).signature();
            if (!SigningKey.verify(identities.get(i), message(stream, i + 1, identities.get(i + 1)), signature)) {
                return false;
            }
        }
        return true;
    }

    /** What an identity signs to hand its stream over: to which identity, and the how manyth after the first that one is. */
    static byte[] message(Octets stream, int place, Octets successor) {
        ByteBuffer out = ByteBuffer.allocate(DOMAIN.length + stream.length() + 4 + successor.length());
        out.put(DOMAIN);
        stream.writeTo(out);
        out.putInt(place);
        successor.writeTo(out);
        return out.array();
    }
}
