package io.kiroku.evidence.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Entry.EpochReason;
import io.kiroku.evidence.record.Octets;
import org.junit.jupiter.api.Test;

class EpochSealTest {
    private final Identity identity = Identity.of(SigningKey.generate(new CountedRandom("identity")));
    private final Octets stream = identity.stream();
    private final Octets previous = CountedRandom.octets("previous", 32);
    private final Octets key = CountedRandom.octets("key", 32);
    private final Entry.Epoch entry = vouch("node-1");

    private Entry.Epoch vouch(String node) {
        return EpochSeal.vouch(EpochReason.KEY_LOST, 9, identity, node, 3, 17, previous, key);
    }

    @Test
    void whatTheIdentitySignedHolds() {
        assertThat(EpochSeal.holds(entry, stream, 3, 17, previous, key)).isTrue();
        assertThat(entry.identity()).isEqualTo(identity.publicKey());
        assertThat(entry.node()).isEqualTo("node-1");
        assertThat(entry.reason()).isEqualTo(EpochReason.KEY_LOST);
        assertThat(entry.nextFile()).isEqualTo(9);
    }

    @Test
    void nothingOfItCanBeExchanged() {
        Octets other = CountedRandom.octets("other", 32);
        assertThat(EpochSeal.holds(entry, Octets.zero(16), 3, 17, previous, key))
                .isFalse();
        assertThat(EpochSeal.holds(entry, stream, 4, 17, previous, key)).isFalse();
        assertThat(EpochSeal.holds(entry, stream, 3, 18, previous, key)).isFalse();
        assertThat(EpochSeal.holds(entry, stream, 3, 17, other, key)).isFalse();
        assertThat(EpochSeal.holds(entry, stream, 3, 17, previous, other)).isFalse();
        assertThat(holds(new Entry.Epoch(EpochReason.FIRST, 9, entry.identity(), entry.signature(), "node-1")))
                .isFalse();
        assertThat(holds(new Entry.Epoch(EpochReason.KEY_LOST, 9, entry.identity(), entry.signature(), "node-2")))
                .isFalse();
        assertThat(holds(new Entry.Epoch(EpochReason.KEY_LOST, 9, entry.identity(), Octets.zero(64), "node-1")))
                .isFalse();
    }

    /** Else anybody could vouch for a segment of any stream with an identity of his own. */
    @Test
    void theIdentityMustBeTheOneThatTheStreamIsNamedAfter() {
        Identity thief = Identity.of(SigningKey.generate(new CountedRandom("thief")));
        Entry.Epoch forged = EpochSeal.vouch(EpochReason.KEY_LOST, 9, thief, "node-1", 3, 17, previous, key);
        assertThat(EpochSeal.holds(forged, thief.stream(), 3, 17, previous, key))
                .isTrue();
        assertThat(EpochSeal.holds(forged, stream, 3, 17, previous, key)).isFalse();
    }

    @Test
    void theStreamIsTheBeginningOfTheDigestOfTheIdentity() {
        // printf '%064d' 0 | xxd -r -p | sha256sum
        assertThat(EpochSeal.streamOf(Octets.zero(32))).hasToString("66687aadf862bd776c8fc18b8e9f8e20");
    }

    @Test
    void aNodesNameThatDoesNotFitIsRefusedBeforeItIsSigned() {
        String longest = "é".repeat(126) + "x";
        assertThat(EpochSeal.holds(vouch(longest), stream, 3, 17, previous, key))
                .isTrue();
        assertThatThrownBy(() -> vouch(longest + "x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 253 bytes of UTF-8, this one has 254");
        assertThatThrownBy(() -> vouch("")).isInstanceOf(IllegalArgumentException.class);
    }

    private boolean holds(Entry.Epoch changed) {
        return EpochSeal.holds(changed, stream, 3, 17, previous, key);
    }
}
