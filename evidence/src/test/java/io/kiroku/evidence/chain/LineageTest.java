package io.kiroku.evidence.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Entry.EpochReason;
import io.kiroku.evidence.record.Octets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineageTest {
    private final Identity first = Identity.of(key("first"));
    private final Identity second = first.handOver(key("second"));
    private final Identity third = second.handOver(key("third"));
    private final Octets previous = CountedRandom.octets("previous", 32);
    private final Octets key = CountedRandom.octets("key", 32);

    private static SigningKey key(String label) {
        return SigningKey.generate(new CountedRandom(label));
    }

    private Entry.Epoch vouch(Identity identity) {
        return EpochSeal.vouch(EpochReason.KEY_LOST, 9, identity, "node-1", 3, 17, previous, key);
    }

    private boolean holds(Entry.Epoch entry) {
        return EpochSeal.holds(entry, first.stream(), 3, 17, previous, key);
    }

    private static Entry.Epoch with(Entry.Epoch entry, List<Entry.Handover> handovers) {
        return new Entry.Epoch(
                entry.reason(), entry.nextFile(), entry.identity(), entry.signature(), entry.node(), handovers);
    }

    @Test
    void whoGotTheStreamVouchesForItUnderItsOldName() {
        assertThat(second.stream()).isEqualTo(first.stream());
        assertThat(third.stream()).isEqualTo(first.stream());
        assertThat(List.of(vouch(first), vouch(second), vouch(third))).allMatch(this::holds);
        assertThat(Lineage.of(vouch(third)).identities())
                .containsExactly(first.publicKey(), second.publicKey(), third.publicKey());
    }

    @Test
    void nothingOfAHandoverCanBeExchanged() {
        Entry.Epoch entry = vouch(third);
        List<Entry.Handover> both = entry.handovers();
        assertThat(holds(with(entry, List.of()))).as("without any").isFalse();
        assertThat(holds(with(entry, both.subList(0, 1))))
                .as("without the last")
                .isFalse();
        assertThat(holds(with(entry, both.subList(1, 2))))
                .as("without the first")
                .isFalse();
        assertThat(holds(with(entry, both.reversed()))).as("in another order").isFalse();
        Entry.Handover forged = new Entry.Handover(second.publicKey(), Octets.zero(64));
        assertThat(holds(with(entry, List.of(both.getFirst(), forged)))).isFalse();
        Identity elsewhere = Identity.of(key("other stream")).handOver(key("second"));
        assertThat(holds(with(vouch(second), elsewhere.handovers())))
                .as("a handover of another stream")
                .isFalse();
    }

    /** Else whoever had the stream once, and gave it back, could take it again. */
    @Test
    void aHandoverIsForOnePlaceInTheLine() {
        Identity back = second.handOver(key("first"));
        assertThat(holds(vouch(back))).isTrue();
        List<Entry.Handover> replayed = new ArrayList<>(back.handovers());
        replayed.add(replayed.getFirst());
        assertThat(holds(vouch(new Identity(key("second"), replayed)))).isFalse();
        assertThat(holds(vouch(back.handOver(key("second"))))).isTrue();
    }

    @Test
    void aLineGoesOnAndNeverBack() {
        Lineage one = Lineage.of(vouch(first));
        Lineage two = Lineage.of(vouch(second));
        Lineage other = Lineage.of(vouch(first.handOver(key("rival"))));
        assertThat(two.continues(one)).isTrue();
        assertThat(two.continues(two)).isTrue();
        assertThat(one.continues(Lineage.UNKNOWN)).isTrue();
        assertThat(one.continues(two)).isFalse();
        assertThat(other.continues(two)).isFalse();
        assertThat(other.continues(one)).isTrue();
    }

    @Test
    void aStreamIsHandedOverSoManyTimesOnly() {
        Identity identity = first;
        for (int i = 0; i < Entry.Epoch.MOST_HANDOVERS; i++) {
            identity = identity.handOver(key("number " + i));
        }
        assertThat(holds(vouch(identity))).isTrue();
        assertThat(identity.canHandOver()).isFalse();
        Identity last = identity;
        assertThatThrownBy(() -> last.handOver(key("one more"))).isInstanceOf(IllegalStateException.class);
    }
}
