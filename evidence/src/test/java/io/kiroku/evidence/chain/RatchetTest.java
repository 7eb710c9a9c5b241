package io.kiroku.evidence.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.Scribe;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentWriter;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class RatchetTest {
    private static final Octets BOOT = Octets.zero(16);
    private static final Timestamp NOW = new Timestamp(5, 6);

    private final CountedRandom random = new CountedRandom("ratchet");
    private final SigningKey first = SigningKey.generate(random);
    private final ChainHead begin = new ChainHead(Octets.zero(16), 0, 0, Octets.zero(32), first.publicKey());
    private final Ratchet ratchet = new Ratchet(begin, first, BOOT, random);
    private final SegmentWriter writer = new SegmentWriter(random);

    private Segment seal(boolean restates) {
        ByteBuffer sealed = ratchet.seal(writer, 1, NOW, restates);
        byte[] bytes = new byte[sealed.remaining()];
        sealed.get(bytes);
        return Scribe.segment(bytes);
    }

    private static boolean signatureHolds(Segment segment) {
        byte[] signed = new byte[segment.signedBytes().remaining()];
        segment.signedBytes().get(signed);
        return SigningKey.verify(
                segment.header().key(), signed, segment.header().signature());
    }

    @Test
    void eachSegmentIsSignedByTheKeyThatItsPredecessorAnnounced() {
        Segment one = seal(false);
        ratchet.advance(one);
        Segment two = seal(true);
        assertThat(one.header().key()).isEqualTo(first.publicKey());
        assertThat(one.header().sequence()).isEqualTo(1);
        assertThat(one.header().previous().isZero()).isTrue();
        assertThat(one.header().restates()).isFalse();
        assertThat(one.header().sealed()).isEqualTo(NOW);
        assertThat(two.header().key()).isEqualTo(one.header().nextKey()).isNotEqualTo(first.publicKey());
        assertThat(two.header().sequence()).isEqualTo(2);
        assertThat(two.header().previous()).isEqualTo(one.hash());
        assertThat(two.header().restates()).isTrue();
        assertThat(signatureHolds(one)).isTrue();
        assertThat(signatureHolds(two)).isTrue();
        assertThat(ratchet.head()).isEqualTo(ChainHead.of(one));
    }

    @Test
    void aDestroyedKeySignsNothing() {
        SigningKey used = ratchet.key();
        SigningKey announced = ratchet.next();
        ratchet.advance(seal(false));
        assertThatThrownBy(() -> used.sign(new byte[1]))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a destroyed key signs nothing");
        assertThatThrownBy(used::seed).isInstanceOf(IllegalStateException.class);
        assertThat(ratchet.key()).isSameAs(announced);
        assertThat(ratchet.next()).isNotSameAs(announced);
        assertThat(used.publicKey()).isNotEqualTo(announced.publicKey());
    }

    @Test
    void theChainStaysWhereItIsUntilTheSegmentIsKept() {
        Segment lost = seal(false);
        Segment again = seal(false);
        assertThat(ratchet.head()).isEqualTo(begin);
        assertThat(again.header().sequence()).isEqualTo(lost.header().sequence());
        assertThat(again.header().key()).isEqualTo(lost.header().key());
        assertThat(again.header().nextKey()).isEqualTo(lost.header().nextKey());
    }

    @Test
    void whatAnnouncedKeysSignedStaysValidAfterTheyAreDestroyed() {
        Segment one = seal(false);
        ratchet.advance(one);
        ratchet.advance(seal(false));
        assertThat(signatureHolds(one)).isTrue();
    }
}
