package io.kiroku.evidence.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.log.NoteSigner;
import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RevocationsTest {
    private static final Octets KEY = CountedRandom.octets("key", 32);
    private static final Instant TUESDAY = Instant.parse("2026-11-24T00:00:00Z");
    private static final Instant FRIDAY = Instant.parse("2026-11-27T00:00:00Z");

    private static Revocations parse(String text) throws MalformedException {
        return Revocations.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void eachLineRevokesAKey() throws MalformedException {
        VerifierKey log = NoteSigner.ed25519("example.com/log", SigningKey.generate(new CountedRandom("log")))
                .verifierKey();
        Revocations revoked =
                parse("# stolen with the laptop\n\n" + Revocations.line(KEY.toString(), FRIDAY, "stolen, we think")
                        + "\n" + Revocations.line(log.toString(), TUESDAY, "lost") + "\n");
        assertThat(revoked.of(KEY)).contains(new Revocation(KEY, FRIDAY, "stolen, we think"));
        assertThat(revoked.of(log.publicKey())).map(Revocation::since).contains(TUESDAY);
        assertThat(revoked.of(Octets.zero(32))).isEmpty();
        assertThat(parse("").isEmpty()).isTrue();
    }

    /** A later date would make what was signed between the two valid again. */
    @Test
    void theEarliestDateCounts() throws MalformedException {
        String early = Revocations.line(KEY.toString(), TUESDAY, "known later");
        String late = Revocations.line(KEY.toString(), FRIDAY, "known first");
        assertThat(parse(late + "\n" + early).of(KEY)).map(Revocation::since).contains(TUESDAY);
        assertThat(parse(early + "\n" + late).of(KEY)).map(Revocation::since).contains(TUESDAY);
        assertThat(parse(late).and(parse(early)).of(KEY)).map(Revocation::since).contains(TUESDAY);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        revoked                                      | line 1: expected "revoked KEY TIME REASON"
        revoke k 2026-11-24T00:00:00Z why            | line 1: expected "revoked KEY TIME REASON"
        revoked 00 2026-11-24T00:00:00Z why          | expected 64 hexadecimal digits or a verifier key, found "00"
        revoked xx 2026-11-24T00:00:00Z why          | expected 64 hexadecimal digits or a verifier key, found "xx"
        revoked a+b+c 2026-11-24T00:00:00Z why       | expected 64 hexadecimal digits or a verifier key, found "a+b+c"
        revoked 00 yesterday why                     | expected a time such as 2026-11-28T00:00:00Z, found "yesterday"
        """)
    void aLineThatIsNoneIsNamed(String text, String sentence) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void theTextIsBounded() {
        assertThatThrownBy(() -> Revocations.parse(new byte[Revocations.MOST_BYTES + 1]))
                .hasMessageContaining("at most 1048576 bytes");
        assertThatThrownBy(() -> Revocations.parse(new byte[] {(byte) 0xff})).hasMessageContaining("in UTF-8");
        assertThat(Revocations.isReason("a\u202eb")).isFalse();
        assertThat(Revocations.isReason(" ")).isFalse();
    }

    @Test
    void whoSawManyEntriesHasSeenTheFirst() {
        KnownTimes times = new KnownTimes();
        times.add(new KnownTimes.Seen(10, TUESDAY, "a witness"));
        times.add(new KnownTimes.Seen(20, FRIDAY.plusSeconds(1), "a witness"));
        times.add(new KnownTimes.Seen(5, FRIDAY, "who had not looked"));
        assertThat(times.had(9, FRIDAY)).isTrue();
        assertThat(times.had(10, FRIDAY)).isFalse();
        assertThat(times.had(10, FRIDAY.plusSeconds(1))).isTrue();
        assertThat(times.had(0, TUESDAY.minusSeconds(1))).isFalse();
    }

    /** Whoever saw the larger tree first is asked; a smaller one that was seen later says nothing more. */
    @Test
    void ofTheTreesSeenByATimeTheLargestCounts() {
        KnownTimes times = new KnownTimes();
        times.add(new KnownTimes.Seen(7, FRIDAY, "late"));
        times.add(new KnownTimes.Seen(7, TUESDAY, "early"));
        times.add(new KnownTimes.Seen(3, TUESDAY.minusSeconds(1), "earlier"));
        assertThat(times.by(FRIDAY)).map(KnownTimes.Seen::by).contains("early");
        assertThat(times.by(TUESDAY.minusSeconds(1))).map(KnownTimes.Seen::size).contains(3L);
        assertThat(times.by(TUESDAY.minusSeconds(2))).isEmpty();
    }
}
