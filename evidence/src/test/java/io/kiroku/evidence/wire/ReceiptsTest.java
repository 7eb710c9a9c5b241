package io.kiroku.evidence.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.Octets;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ReceiptsTest {
    private final SigningKey collector = SigningKey.generate(new CountedRandom("collector"));
    private final Octets stream = CountedRandom.octets("stream", 16);
    private final Octets hash = CountedRandom.octets("hash", 32);
    private final Frame.Receipt receipt = Receipts.sign(collector, stream, 6, hash, 7);

    private boolean holds(Frame.Receipt changed) {
        return Receipts.holds(changed, collector.publicKey());
    }

    @Test
    void aReceiptHoldsTheCollectorToWhatItSigned() {
        assertThat(holds(receipt)).isTrue();
        assertThat(holds(new Frame.Receipt(Octets.zero(16), 6, hash, 7, receipt.signature())))
                .isFalse();
        assertThat(holds(new Frame.Receipt(stream, 5, hash, 7, receipt.signature())))
                .isFalse();
        assertThat(holds(new Frame.Receipt(stream, 6, Octets.zero(32), 7, receipt.signature())))
                .isFalse();
        assertThat(holds(new Frame.Receipt(stream, 6, hash, 8, receipt.signature())))
                .isFalse();
        assertThat(holds(new Frame.Receipt(stream, 6, hash, 7, Octets.zero(64))))
                .isFalse();
        assertThat(Receipts.holds(receipt, Octets.zero(32))).isFalse();
    }

    @Test
    void theSignedBytesAreThoseOfTheFormat() {
        ByteBuffer message = ByteBuffer.allocate(82);
        message.put("kiroku receipt v1\0".getBytes(StandardCharsets.US_ASCII));
        message.put(stream.toArray()).putLong(6).put(hash.toArray()).putLong(7);
        assertThat(message.hasRemaining()).isFalse();
        assertThat(SigningKey.verify(collector.publicKey(), message.array(), receipt.signature()))
                .isTrue();
    }
}
