package io.kiroku.agent.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.kiroku.agent.os.DirectoryEntry.Kind;
import io.kiroku.evidence.record.FilePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxKernelListTest {
    @TempDir
    Path dir;

    private LinuxKernel kernel;

    @BeforeEach
    void open() throws IOException {
        kernel = LinuxKernel.open();
    }

    @AfterEach
    void close() {
        kernel.close();
    }

    @Test
    void namesAreBytesAndLeadBackToTheFiles() throws IOException, InterruptedException {
        Shell.run(
                dir,
                "printf 1 > 'a b'; printf 22 > $'new\\nline'; printf 333 > $'\\xff\\xfe.log'; printf 4444 > .hidden");
        DirectoryListing listing = kernel.list(path(dir), 100);

        assertThat(listing.truncated()).isFalse();
        Map<FilePath, Long> sizes = new TreeMap<>();
        ByteBuffer into = ByteBuffer.allocateDirect(16);
        for (DirectoryEntry entry : listing.entries()) {
            int fd = kernel.open(path(dir).resolve(entry.name()));
            FileStat stat = kernel.stat(fd);
            assertThat(entry.inode()).isEqualTo(stat.inode());
            assertThat(kernel.read(fd, 0, into.clear())).isEqualTo((int) stat.size());
            sizes.put(entry.name(), stat.size());
            kernel.close(fd);
        }
        assertThat(sizes)
                .isEqualTo(Map.of(
                        FilePath.of("a b"), 1L,
                        FilePath.of("new\nline"), 2L,
                        FilePath.of(new byte[] {(byte) 0xff, (byte) 0xfe, '.', 'l', 'o', 'g'}), 3L,
                        FilePath.of(".hidden"), 4L));
    }

    @Test
    void tellsKindsWithoutFollowingSymlinks() throws IOException, InterruptedException {
        Shell.run(dir, "touch file; mkdir directory; ln -s directory link; mkfifo pipe");
        Map<String, Kind> kinds = new TreeMap<>();
        for (DirectoryEntry entry : kernel.list(path(dir), 100).entries()) {
            kinds.put(entry.name().toString(), entry.kind());
        }
        assertThat(kinds)
                .isEqualTo(Map.of(
                        "file", Kind.REGULAR, "directory", Kind.DIRECTORY, "link", Kind.SYMLINK, "pipe", Kind.OTHER));
    }

    /** 3,000 names of 100 bytes take some ten reads of the kernel's buffer. */
    @Test
    void listsALargeDirectoryWholeAndEachNameOnce() throws IOException {
        for (int i = 0; i < 3_000; i++) {
            Files.createFile(dir.resolve("%0100d".formatted(i)));
        }
        DirectoryListing listing = kernel.list(path(dir), 3_000);
        assertThat(listing.truncated()).isFalse();
        assertThat(listing.entries()).hasSize(3_000);
        assertThat(listing.entries().stream().map(DirectoryEntry::name).distinct())
                .hasSize(3_000);

        DirectoryListing some = kernel.list(path(dir), 2_999);
        assertThat(some.truncated()).isTrue();
        assertThat(some.entries()).hasSize(2_999);
        assertThat(kernel.list(path(dir), 0)).isEqualTo(new DirectoryListing(List.of(), true));
    }

    @Test
    void anEmptyDirectoryIsNotTruncated() throws IOException {
        assertThat(kernel.list(path(dir), 0)).isEqualTo(new DirectoryListing(List.of(), false));
    }

    @Test
    void refusesWhatIsNoDirectory() throws IOException, InterruptedException {
        Shell.run(dir, "touch file; mkfifo pipe");
        for (String name : new String[] {"file", "pipe", "nothing"}) {
            assertThatExceptionOfType(ErrnoException.class)
                    .isThrownBy(() -> kernel.list(path(dir.resolve(name)), 10))
                    .satisfies(e -> assertThat(e.isNotFound()).isTrue())
                    .satisfies(e -> assertThat(e.call()).isEqualTo("open"));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> kernel.list(path(dir), -1));
    }

    @Test
    void leavesNoDescriptorBehind() throws IOException {
        long before = descriptors();
        for (int i = 0; i < 10; i++) {
            kernel.list(path(dir), 0);
            assertThatExceptionOfType(ErrnoException.class)
                    .isThrownBy(() -> kernel.list(path(dir.resolve("nothing")), 10));
            LinuxKernel other = LinuxKernel.open();
            other.watch(path(dir), WatchMask.CREATE);
            other.close();
            other.close();
        }
        assertThat(descriptors()).isLessThan(before + 10);
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    private static FilePath path(Path path) {
        return FilePath.of(path.toString());
    }
}
