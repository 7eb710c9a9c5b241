package io.kiroku.evidence.log;

import io.kiroku.evidence.record.Octets;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The bytes that cosigners sign (C2SP tlog-cosignature). ML-DSA-44 signs them with an empty context (FIPS 204): the label
 * before them keeps them apart from everything else.
 */
final class CosignedMessage {
    private static final byte[] LABEL = "subtree/v1\n\0".getBytes(StandardCharsets.US_ASCII);

    private CosignedMessage() {}

    /** What a cosignature of type 0x04 signs: two lines, and the checkpoint's text as it is. */
    static byte[] ed25519(long seconds, String text) {
        return ("cosignature/v1\ntime " + seconds + "\n" + text).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * What a cosignature of type 0x06 signs of a whole tree. Extension lines are not in it.
     *
     * @throws IllegalArgumentException if the origin has more than 255 bytes of UTF-8, which this cannot say
     */
    static byte[] mlDsa(String cosigner, long seconds, Checkpoint checkpoint) {
        return mlDsa(cosigner, seconds, checkpoint.origin(), 0, checkpoint.size(), checkpoint.root());
    }

    /** What a cosignature of type 0x06 signs of the entries {@code [start, end)}; without time if start is above 0. */
    static byte[] mlDsa(String cosigner, long seconds, String origin, long start, long end, Octets root) {
        byte[] name = bounded(cosigner);
        byte[] log = bounded(origin);
        ByteBuffer out =
                ByteBuffer.allocate(LABEL.length + 2 + name.length + log.length + 3 * Long.BYTES + root.length());
        out.put(LABEL).put((byte) name.length).put(name).putLong(seconds);
        out.put((byte) log.length).put(log).putLong(start).putLong(end);
        root.writeTo(out);
        return out.array();
    }

    static boolean canName(String origin) {
        return origin.getBytes(StandardCharsets.UTF_8).length <= VerifierKey.MOST_NAME;
    }

    private static byte[] bounded(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length < 1 || bytes.length > VerifierKey.MOST_NAME) {
            throw new IllegalArgumentException("a cosigned message names cosigner and log in 1 to %d bytes, found %d"
                    .formatted(VerifierKey.MOST_NAME, bytes.length));
        }
        return bytes;
    }
}
