package io.kiroku.collector.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.collector.store.DiskDirectory;
import io.kiroku.collector.trust.LogTimes;
import io.kiroku.collector.trust.RevokedFile;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.log.MerkleTree;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.trust.KnownTimes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointArchiveTest {
    private static final Instant NOON = Instant.parse("2026-11-27T12:00:00Z");

    @TempDir
    private Path data;

    private Path log;
    private Path past;
    private LogSigners signers;
    private CheckpointArchive archive;

    @BeforeEach
    void aLog() throws IOException {
        log = data.resolve("log");
        past = log.resolve("past");
        signers = LogKeys.in(data, Optional.of(TestLog.NAME), new SecureRandom());
        archive = opened();
        // Only for the sake of a revoked key anybody asks.
        RevokedFile.add(data, "01".repeat(SigningKey.LENGTH), minute(5), "stolen");
    }

    private CheckpointArchive opened() {
        return new LogFiles(new DiskDirectory(log)).archive(CheckpointArchive.Kind.PUBLISHED);
    }

    private static Instant minute(int minutes) {
        return NOON.plus(Duration.ofMinutes(minutes));
    }

    /** As the log signs it at that time. */
    private Octets checkpoint(long size, Instant at) {
        return signers.sign(new TreeHead(size, Octets.zero(MerkleTree.HASH)), at.getEpochSecond())
                .note();
    }

    private void offer(long size, Instant at) throws IOException {
        archive.offer(size, checkpoint(size, at), at);
    }

    private List<String> kept() throws IOException {
        return new DiskDirectory(past).names();
    }

    /** The entries that the log is known to have had by then; 0 if nothing is known. */
    private long hadBy(Instant time) throws IOException {
        return LogTimes.read(data).known().by(time).map(KnownTimes.Seen::size).orElse(0L);
    }

    @Test
    void oneInTenMinutesIsKept() throws IOException {
        for (int second = 0; second <= 3600; second++) {
            offer(100 + second, NOON.plusSeconds(second));
        }
        assertThat(kept())
                .containsExactly(
                        "100.published",
                        "1300.published",
                        "1900.published",
                        "2500.published",
                        "3100.published",
                        "3700.published",
                        "700.published");
    }

    /** One more after a start, which is no harm; and a clock that is set back does not stop it for as long as it was ahead. */
    @Test
    void afterAStartAndAfterTheClockWasSetBackTheNextOneIsKept() throws IOException {
        offer(1, minute(0));
        offer(2, minute(1));
        archive = opened();
        offer(3, minute(2));
        offer(4, minute(-300));
        offer(5, minute(-299));
        assertThat(kept()).containsExactly("1.published", "3.published", "4.published");
    }

    @Test
    void theLastBeforeADateIsFound() throws IOException {
        offer(10, minute(0));
        offer(20, minute(10));
        offer(30, minute(20));
        assertThat(hadBy(minute(0).minusSeconds(1))).isZero();
        assertThat(hadBy(minute(0))).isEqualTo(10);
        assertThat(hadBy(minute(10).minusSeconds(1))).isEqualTo(10);
        assertThat(hadBy(minute(10))).isEqualTo(20);
        assertThat(hadBy(minute(5000))).isEqualTo(30);
        assertThat(LogTimes.read(data).lastBefore(minute(15), 100).map(LogTimes.Past::file))
                .contains(past.resolve("20.published"));
        assertThat(LogTimes.read(data).lastBefore(minute(15), 19).map(LogTimes.Past::size))
                .as("that is in a tree of 19 entries")
                .contains(10L);
    }

    /** What counts once a key is revoked goes by the same files, but not by what the revoked key itself says. */
    @Test
    void aRevokedLogKeySaysNothingOfWhen() throws IOException {
        offer(10, minute(0));
        List<VerifierKey> keys = signers.signing();
        RevokedFile.add(data, keys.get(0).toString(), minute(5), "stolen");
        assertThat(hadBy(minute(5))).as("its other key says so still").isEqualTo(10);
        RevokedFile.add(data, keys.get(1).toString(), minute(5), "stolen");
        assertThat(hadBy(minute(5))).isZero();
    }

    @Test
    void tornAndForeignFilesShowNothingAndHideNothing() throws IOException {
        offer(10, minute(0));
        offer(20, minute(10));
        offer(30, minute(20));
        Path torn = past.resolve("20.published");
        byte[] whole = Files.readAllBytes(torn);
        for (int length = 0; length < whole.length; length += 97) {
            Files.write(torn, Arrays.copyOf(whole, length));
            assertThat(hadBy(minute(15))).as("of %d bytes", length).isIn(10L, 20L);
        }
        Files.write(torn, new byte[0]);
        assertThat(hadBy(minute(15))).isEqualTo(10);
        assertThat(hadBy(minute(25))).isEqualTo(30);
        Files.write(
                past.resolve("90.published"),
                TestLog.signers(9)
                        .sign(
                                new TreeHead(90, Octets.zero(MerkleTree.HASH)),
                                minute(1).getEpochSecond())
                        .note()
                        .toArray());
        assertThat(hadBy(minute(15))).as("signed by another log").isEqualTo(10);
    }

    @Test
    void theNewestAreKeptAtOnceWhenAskedFor() throws IOException {
        CheckpointArchive.keepNewest(log);
        assertThat(CheckpointArchive.all(log)).isEmpty();
        new LogFiles(new DiskDirectory(log)).publish(checkpoint(40, minute(3)));
        Files.write(LogFiles.witnessed(log), checkpoint(35, minute(2)).toArray());
        CheckpointArchive.keepNewest(log);
        assertThat(kept()).containsExactly("35.witnessed", "40.published");
        new LogFiles(new DiskDirectory(log)).publish(checkpoint(50, minute(4)));
        assertThat(hadBy(minute(3))).as("also once it is not the newest").isEqualTo(40);
        assertThat(CheckpointArchive.all(log)).hasSize(4);
    }

    @Test
    void aTornNewestOneIsSaidAndNotKept() throws IOException {
        Octets note = checkpoint(40, minute(3));
        new LogFiles(new DiskDirectory(log)).publish(Octets.of(Arrays.copyOf(note.toArray(), 20)));
        assertThatThrownBy(() -> CheckpointArchive.keepNewest(log))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(log.resolve(LogFiles.CHECKPOINT) + " is damaged: ");
        assertThat(kept()).isEmpty();
    }
}
