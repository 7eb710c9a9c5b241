package io.kiroku.agent.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreallocationTest {
    private static final int BYTES = 3 * 1024 * 1024 + 5;

    @TempDir
    Path dir;

    @Test
    void makesAFileOfItsOwnersAlone() throws IOException {
        Path ring = dir.resolve("ring");
        Preallocation.reserve(ring, BYTES);
        assertThat(Files.size(ring)).isEqualTo(BYTES);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(ring)))
                .isEqualTo("rw-------");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void takesTheDiskAndReadsAsZeros(boolean canAllocate) throws IOException, InterruptedException {
        Path ring = dir.resolve("ring");
        Preallocation.reserve(ring, BYTES, Long.MAX_VALUE, canAllocate);
        assertThat(Files.readAllBytes(ring)).isEqualTo(new byte[BYTES]);
        assertThat(Long.parseLong(Shell.run(dir, "stat -c %b ring")) * 512).isGreaterThanOrEqualTo(BYTES);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keepsWhatAFileHas(boolean canAllocate) throws IOException {
        Path ring = Files.writeString(dir.resolve("ring"), "segment");
        Preallocation.reserve(ring, 10, Long.MAX_VALUE, canAllocate);
        assertThat(Files.readString(ring)).isEqualTo("segment\0\0\0");
        Preallocation.reserve(ring, 3, Long.MAX_VALUE, canAllocate);
        assertThat(Files.readString(ring)).isEqualTo("segment\0\0\0");
    }

    @Test
    void asksNoMoreRoomForWhatIsReservedAlready() throws IOException {
        Path ring = dir.resolve("ring");
        Preallocation.reserve(ring, BYTES);
        Preallocation.reserve(ring, BYTES, 0, true);
        assertThat(Files.size(ring)).isEqualTo(BYTES);
    }

    @Test
    void saysHowMuchIsWantedAndHowMuchIsFree() {
        Path ring = dir.resolve("ring");
        long wanted = Long.MAX_VALUE / 2;
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> Preallocation.reserve(ring, wanted))
                .satisfies(e -> assertThat(e.isNoSpace()).isTrue())
                .withMessageMatching("reserving " + wanted + " bytes for \\Q" + ring
                        + "\\E, where [1-9][0-9]* bytes are free: No space left on device \\(ENOSPC\\)");
        assertThat(ring).doesNotExist();
    }

    /** A tmpfs refuses what is larger than itself at once, without filling up first. */
    @Test
    void leavesThingsAsTheyWereWhenTheDiskTurnsOutFull() throws IOException {
        Path shared = Path.of("/dev/shm");
        assumeThat(Files.isWritable(shared) && Files.getFileStore(shared).type().equals("tmpfs"))
                .as("a tmpfs to try it on")
                .isTrue();
        long wanted = 2 * shared.toFile().getTotalSpace();
        assumeThat(wanted).as("a bound on the tmpfs").isPositive();
        Path files = Files.createTempDirectory(shared, "reserve");
        Path ring = files.resolve("ring");
        try {
            refusesWithoutALookFirst(ring, wanted);
            assertThat(ring).doesNotExist();
            Files.writeString(ring, "segment");
            refusesWithoutALookFirst(ring, wanted);
            assertThat(ring).hasContent("segment");
        } finally {
            Files.deleteIfExists(ring);
            Files.delete(files);
        }
    }

    private static void refusesWithoutALookFirst(Path ring, long wanted) {
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> Preallocation.reserve(ring, wanted, Long.MAX_VALUE, true))
                .satisfies(e -> assertThat(e.isNoSpace()).isTrue())
                .withMessageContaining("reserving " + wanted + " bytes");
    }

    @Test
    void findsAFileWhoseNameIsNoText() throws IOException, InterruptedException {
        Shell.run(dir, "mkdir $'50% \\xff #?'");
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(dir)) {
            Path ring = entries.iterator().next().resolve("ring");
            Preallocation.reserve(ring, 10);
            assertThat(Files.size(ring)).isEqualTo(10);
        }
    }

    @Test
    void refusesWhatCannotBeAFile() {
        assertThatIllegalArgumentException().isThrownBy(() -> Preallocation.reserve(dir.resolve("ring"), 0));
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> Preallocation.reserve(dir, 10))
                .satisfies(e -> assertThat(e.is(Errno.EISDIR)).isTrue());
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> Preallocation.reserve(dir.resolve("nothing/ring"), 10))
                .satisfies(e -> assertThat(e.isNotFound()).isTrue());
    }
}
