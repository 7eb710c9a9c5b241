package io.kiroku.evidence.wire;

import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.Octets;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** How a collector signs its receipts, and how an agent holds it to them. */
public final class Receipts {
    private static final byte[] DOMAIN = "kiroku receipt v1\0".getBytes(StandardCharsets.US_ASCII);

    private Receipts() {}

    public static Frame.Receipt sign(SigningKey collector, Octets stream, long sequence, Octets hash, long wallNanos) {
        byte[] signature = collector.sign(message(stream, sequence, hash, wallNanos));
        return new Frame.Receipt(stream, sequence, hash, wallNanos, Octets.of(signature));
    }

    /** Whether the receipt was signed by the collector with that public key. */
    public static boolean holds(Frame.Receipt receipt, Octets collector) {
        byte[] message = message(receipt.stream(), receipt.sequence(), receipt.hash(), receipt.wallNanos());
        return SigningKey.verify(collector, message, receipt.signature());
    }

    private static byte[] message(Octets stream, long sequence, Octets hash, long wallNanos) {
        ByteBuffer out = ByteBuffer.allocate(DOMAIN.length + 16 + 8 + 32 + 8);
        out.put(DOMAIN);
        stream.writeTo(out);
        out.putLong(sequence);
        hash.writeTo(out);
        out.putLong(wallNanos);
        return out.array();
    }
}
