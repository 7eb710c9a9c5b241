package io.kiroku.systemtests.loss;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.Rotation;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Small forms of the loads that {@link LossTable} plays in full. */
final class LossIT {
    private static final long MEBI = 1 << 20;
    private static final long MEGA = 1_000_000;

    /** Names of rotated files have a resolution of a second: with this none collides. */
    private static final Rotation GENTLE = new Rotation(MEBI, 5, Duration.ofMillis(1100), Duration.ofMillis(2));

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @Test
    void nothingIsMissingThoughTheAgentWasStoppedWhileFilesWereRotatedAndCompressed() throws Exception {
        Outcome outcome =
                play(Loads.torrent(GENTLE, 10 * MEGA, Duration.ofSeconds(5), Blow.freeze(Duration.ofSeconds(2))));
        assertThat(outcome.rotations()).isGreaterThanOrEqualTo(3);
        assertAsPromised(outcome);
        assertThat(outcome.bytesMissing()).as("bytes missing").isZero();
    }

    @Test
    void whatCameAndWentWhileTheAgentWasStoppedIsDeclared() throws Exception {
        Rotation rotation = Rotation.atOnce(MEBI, Duration.ofMillis(2));
        Outcome outcome =
                play(Loads.torrent(rotation, 20 * MEGA, Duration.ofSeconds(3), Blow.freeze(Duration.ofSeconds(2))));
        assertAsPromised(outcome);
        assertThat(outcome.bytesMissing())
                .as("bytes that nobody could have kept")
                .isPositive();
        assertThat(outcome.gaps()).isNotEmpty();
    }

    @Test
    void nothingIsMissingThoughTheAgentWasAwayWhileFilesWereCompressed() throws Exception {
        Outcome outcome = play(
                Loads.absence(GENTLE, 2 * MEGA, Duration.ofSeconds(2), Duration.ofMillis(3500), Duration.ofSeconds(1)));
        assertThat(outcome.rotations()).isGreaterThanOrEqualTo(3);
        assertAsPromised(outcome);
        assertThat(outcome.bytesMissing()).as("bytes missing").isZero();
    }

    @Test
    void podsRemovedRightAfterTheirLastWriteAreWhole() throws Exception {
        Outcome outcome = play(Loads.removedAtOnce(5, 20 * MEGA, Duration.ofMillis(200)));
        assertAsPromised(outcome);
        assertThat(whole(outcome)).as("whole logs of 5").isGreaterThanOrEqualTo(3);
    }

    /** A machine that stands still for longer than a pod lives can cost it; then it is declared. */
    @Test
    void podsThatLive50MillisecondsAreCapturedOrDeclared() throws Exception {
        Outcome outcome = play(Loads.shortLived(60, Duration.ofMillis(50), 2));
        assertAsPromised(outcome);
        assertThat(whole(outcome)).as("whole logs of 60").isGreaterThanOrEqualTo(30);
    }

    private Outcome play(Load load) throws Exception {
        long seed = Long.getLong("kiroku.seed", System.nanoTime());
        System.out.printf("seed %d (repeat with -Dkiroku.seed=%d)%n", seed, seed);
        return Stage.play(directory, seed, load);
    }

    private static long whole(Outcome outcome) {
        return outcome.logs().stream().filter(Reckoning::isWhole).count();
    }

    private static void assertAsPromised(Outcome outcome) {
        assertThat(outcome.wrong()).as("not as written, and no gap says so").isEmpty();
        assertThat(outcome.bytesLostSilently()).as("bytes lost silently").isZero();
        assertThat(outcome.linesLostSilently()).as("lines lost silently").isZero();
        assertThat(outcome.bytesTwice()).as("bytes twice").isZero();
        assertThat(outcome.linesTwice()).as("lines twice").isZero();
        assertThat(outcome.verified()).as(outcome.verdicts()).isTrue();
    }
}
