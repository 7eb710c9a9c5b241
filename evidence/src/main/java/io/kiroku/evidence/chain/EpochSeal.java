package io.kiroku.evidence.chain;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What an agent's identity signs to vouch for a key of its ratchet, and how a stream gets its id. */
public final class EpochSeal {
    private static final byte[] DOMAIN = "kiroku epoch v1\0".getBytes(StandardCharsets.US_ASCII);

    private EpochSeal() {}

    /** The id of the stream that an identity begins: the first 16 bytes of the SHA-256 of its public key. */
    public static Octets streamOf(Octets identity) {
        byte[] digest = Sha256.of(ByteBuffer.wrap(identity.toArray())).toArray();
        return Octets.of(Arrays.copyOf(digest, 16));
    }

    /**
     * The entry by which {@code identity} vouches for {@code key} as the signer of the segment that follows.
     *
     * @throws IllegalArgumentException if the node's name has more bytes than the entry holds, or none
     */
    public static Entry.Epoch vouch(
            Entry.EpochReason reason,
            int nextFile,
            Identity identity,
            String node,
            long epoch,
            long sequence,
            Octets previous,
            Octets key) {
        int length = node.getBytes(StandardCharsets.UTF_8).length;
        if (length < 1 || length > Entry.Epoch.MOST_NODE) {
            throw new IllegalArgumentException("a node's name has 1 to %d bytes of UTF-8, this one has %d"
                    .formatted(Entry.Epoch.MOST_NODE, length));
        }
        byte[] message = message(identity.stream(), epoch, sequence, previous, key, reason, node);
        Octets signature = Octets.of(identity.key().sign(message));
        return new Entry.Epoch(reason, nextFile, identity.publicKey(), signature, node, identity.handovers());
    }

    /**
     * Whether the entry, found in a segment with these header fields, was made by the identity that the stream is named
     * after, or one that got the stream from it. Whether that one has it still is for {@link Lineage#continues}.
     */
    public static boolean holds(
            Entry.Epoch entry, Octets stream, long epoch, long sequence, Octets previous, Octets key) {
        byte[] message = message(stream, epoch, sequence, previous, key, entry.reason(), entry.node());
        return Lineage.holds(entry, stream) && SigningKey.verify(entry.identity(), message, entry.signature());
    }

    private static byte[] message(
            Octets stream,
            long epoch,
            long sequence,
            Octets previous,
            Octets key,
            Entry.EpochReason reason,
            String node) {
        byte[] name = node.getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(DOMAIN.length + 16 + 8 + 8 + 32 + 32 + 1 + name.length);
        out.put(DOMAIN);
        stream.writeTo(out);
        out.putLong(epoch).putLong(sequence);
        previous.writeTo(out);
        key.writeTo(out);
        out.put((byte) reason.code()).put(name);
        return out.array();
    }
}
