package io.kiroku.collector.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.trust.Revocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RevokedNowTest {
    private static final Octets KEY = Octets.parse("01".repeat(32));
    private static final Octets OTHER = Octets.parse("02".repeat(32));
    private static final Instant FRIDAY = Instant.parse("2026-11-27T00:00:00Z");

    @TempDir
    private Path data;

    private final AtomicLong nanos = new AtomicLong();

    private void later() {
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
    }

    @Test
    void aKeyThatIsRevokedMeanwhileIsNoticedWithinASecond() throws IOException {
        RevokedNow now = new RevokedNow(data, nanos::get);
        assertThat(now.get().isEmpty()).isTrue();
        assertThat(RevokedFile.add(data, KEY.toString(), FRIDAY, "stolen")).isTrue();
        assertThat(now.get().isEmpty()).as("looked at once a second").isTrue();
        later();
        assertThat(now.get().of(KEY)).contains(new Revocation(KEY, FRIDAY, "stolen"));
        assertThat(RevokedFile.add(data, KEY.toString(), FRIDAY.plusSeconds(1), "later"))
                .isFalse();
        assertThat(RevokedFile.add(data, KEY.toString(), FRIDAY.minusSeconds(1), "earlier"))
                .isTrue();
        assertThat(RevokedFile.read(data).of(KEY)).map(Revocation::since).contains(FRIDAY.minusSeconds(1));
    }

    /** Else a broken file, or one that is taken away, would let a thief in again. */
    @Test
    void whatIsRevokedStaysSoWhateverHappensToTheFile() throws IOException {
        RevokedFile.add(data, KEY.toString(), FRIDAY, "stolen");
        RevokedNow now = new RevokedNow(data, nanos::get);
        Files.writeString(RevokedFile.in(data), "revoked\n");
        later();
        assertThat(now.get().of(KEY)).isPresent();
        Files.delete(RevokedFile.in(data));
        RevokedFile.add(data, OTHER.toString(), FRIDAY, "stolen as well");
        later();
        assertThat(now.get().of(KEY)).isPresent();
        assertThat(now.get().of(OTHER)).isPresent();
    }

    @Test
    void aCollectorDoesNotStartWithAListThatItCannotRead() throws IOException {
        Files.writeString(RevokedFile.in(data), "revoked\n");
        assertThatThrownBy(() -> new RevokedNow(data, nanos::get))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("revoked keys, line 1");
    }
}
