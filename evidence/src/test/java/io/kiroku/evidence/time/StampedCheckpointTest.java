package io.kiroku.evidence.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What was stamped once is read for ever. */
class StampedCheckpointTest {
    private static final TimestampVerdict SAID = new TimestampVerdict.Holds(
            Instant.parse("2026-11-27T21:20:54.432Z"),
            Duration.ofMillis(1500),
            "CN=tsa,O=Kiroku-tests",
            BigInteger.TWO);

    @Test
    void aTokenOfOpenssl() throws Exception {
        TimestampToken token = TimestampToken.parseEither(StampedCheckpoint.response());
        assertThat(token.verify(StampedCheckpoint.note(), StampedCheckpoint.anchors()))
                .isEqualTo(SAID);
    }

    @Test
    void anEvidenceRecordOfIt() throws Exception {
        EvidenceRecord record = EvidenceRecord.parse(StampedCheckpoint.record());
        assertThat(record.verify(
                        ArchivedData.of(StampedCheckpoint.note()),
                        StampedCheckpoint.anchors(),
                        Instant.parse("2036-11-01T00:00:00Z")))
                .isEqualTo(SAID);
        assertThat(EvidenceRecord.of(TimestampToken.parseEither(StampedCheckpoint.response()))
                        .der())
                .isEqualTo(StampedCheckpoint.record());
    }
}
