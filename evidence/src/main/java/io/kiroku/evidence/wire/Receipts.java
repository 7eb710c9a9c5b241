package io.kiroku.evidence.wire;

import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** How a collector signs its receipts, and how an agent holds it to them. */
public final class Receipts {
    /** Bytes of a receipt that are signed, behind the domain. */
    static final int SIGNED = 16 + 8 + 32 + 8 + 8 + 32 + 8;

    private static final byte[] DOMAIN = "kiroku receipt v1\0".getBytes(StandardCharsets.US_ASCII);

    private static final Pattern KEY = Pattern.compile("[0-9a-f]{64}");

    private Receipts() {}

    /**
     * Signs a receipt.
     *
     * @param head the segment that it is for
     * @param index of its header in the log
     * @param tree the log as published, with the segment in it
     */
    public static Frame.Receipt sign(SigningKey collector, ChainHead head, long index, TreeHead tree, long wallNanos) {
        Frame.Receipt unsigned =
                new Frame.Receipt(head.stream(), head.sequence(), head.hash(), index, tree, wallNanos, Octets.zero(64));
        return new Frame.Receipt(
                head.stream(),
                head.sequence(),
                head.hash(),
                index,
                tree,
                wallNanos,
                Octets.of(collector.sign(message(unsigned))));
    }

    /** Whether the receipt was signed by the collector with that public key. */
    public static boolean holds(Frame.Receipt receipt, Octets collector) {
        return SigningKey.verify(collector, message(receipt), receipt.signature());
    }

    /** Whether it was signed by one of a collector's keys, of now or of before. */
    public static boolean holds(Frame.Receipt receipt, List<Octets> collector) {
        return collector.stream().anyMatch(key -> holds(receipt, key));
    }

    /**
     * The public keys of a collector, as its file {@code collector.pub} has them: 64 hexadecimal digits on each line.
     *
     * @throws MalformedException if it has none, or something else
     */
    public static List<Octets> keys(String text) throws MalformedException {
        List<Octets> keys = new ArrayList<>();
        for (String line : text.lines().toList()) {
            if (!KEY.matcher(line).matches()) {
                throw new MalformedException("expected a collector's public key of 64 hexadecimal digits, found \"%s\""
                        .formatted(line.length() > 80 ? line.substring(0, 80) + "..." : line));
            }
            keys.add(Octets.parse(line));
        }
        if (keys.isEmpty()) {
            throw new MalformedException("expected a collector's public key, found none");
        }
        return keys;
    }

    private static byte[] message(Frame.Receipt receipt) {
        ByteBuffer out = ByteBuffer.allocate(DOMAIN.length + SIGNED);
        out.put(DOMAIN);
        receipt.stream().writeTo(out);
        out.putLong(receipt.sequence());
        receipt.hash().writeTo(out);
        out.putLong(receipt.index()).putLong(receipt.tree().size());
        receipt.tree().root().writeTo(out);
        out.putLong(receipt.wallNanos());
        return out.array();
    }
}
