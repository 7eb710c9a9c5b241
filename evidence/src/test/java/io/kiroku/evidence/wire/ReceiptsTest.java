package io.kiroku.evidence.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.record.Octets;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ReceiptsTest {
    private final SigningKey collector = SigningKey.of(new byte[32]);
    private final Octets stream = filled(16, 1);
    private final Octets hash = filled(32, 2);
    private final TreeHead tree = new TreeHead(9, filled(32, 3));
    private final Frame.Receipt receipt =
            Receipts.sign(collector, new ChainHead(stream, 1, 6, hash, Octets.zero(32)), 5, tree, 7);

    private static Octets filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return Octets.of(bytes);
    }

    private boolean holds(Octets ofStream, long sequence, Octets ofHash, long index, TreeHead ofTree, long wallNanos) {
        return Receipts.holds(
                new Frame.Receipt(ofStream, sequence, ofHash, index, ofTree, wallNanos, receipt.signature()),
                collector.publicKey());
    }

    @Test
    void aReceiptHoldsTheCollectorToWhatItSigned() {
        assertThat(holds(stream, 6, hash, 5, tree, 7)).isTrue();
        assertThat(holds(Octets.zero(16), 6, hash, 5, tree, 7)).isFalse();
        assertThat(holds(stream, 5, hash, 5, tree, 7)).isFalse();
        assertThat(holds(stream, 6, Octets.zero(32), 5, tree, 7)).isFalse();
        assertThat(holds(stream, 6, hash, 4, tree, 7)).isFalse();
        assertThat(holds(stream, 6, hash, 5, new TreeHead(8, tree.root()), 7)).isFalse();
        assertThat(holds(stream, 6, hash, 5, new TreeHead(9, hash), 7)).isFalse();
        assertThat(holds(stream, 6, hash, 5, tree, 8)).isFalse();
        assertThat(Receipts.holds(receipt, Octets.zero(32))).isFalse();
        assertThat(Receipts.holds(
                        new Frame.Receipt(stream, 6, hash, 5, tree, 7, Octets.zero(64)), collector.publicKey()))
                .isFalse();
    }

    @Test
    void theSignedBytesAreThoseOfTheFormat() {
        ByteBuffer message = ByteBuffer.allocate(18 + 112);
        message.put("kiroku receipt v1\0".getBytes(StandardCharsets.US_ASCII));
        message.put(stream.toArray()).putLong(6).put(hash.toArray()).putLong(5);
        message.putLong(9).put(tree.root().toArray()).putLong(7);
        assertThat(message.hasRemaining()).isFalse();
        assertThat(SigningKey.verify(collector.publicKey(), message.array(), receipt.signature()))
                .isTrue();
    }
}
