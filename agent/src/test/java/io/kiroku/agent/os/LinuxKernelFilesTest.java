package io.kiroku.agent.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import io.kiroku.evidence.record.FilePath;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class LinuxKernelFilesTest {
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
    void readsAtAnOffsetAndAdvancesTheBuffer() throws IOException {
        int fd = kernel.open(file("a.log", "0123456789"));
        ByteBuffer into = ByteBuffer.allocateDirect(8).position(2).limit(6);

        assertThat(kernel.read(fd, 3, into)).isEqualTo(4);
        assertThat(into.position()).isEqualTo(6);
        assertThat(text(into.clear().position(2).limit(6))).isEqualTo("3456");

        into.clear();
        assertThat(kernel.read(fd, 8, into)).isEqualTo(2);
        assertThat(kernel.read(fd, 10, into)).isZero();
        assertThat(kernel.read(fd, 99, into)).isZero();
        assertThat(text(into.flip())).isEqualTo("89");
        kernel.close(fd);
    }

    @Test
    void readsNothingIntoAFullBuffer() throws IOException {
        int fd = kernel.open(file("a.log", "0123456789"));
        assertThat(kernel.read(fd, 0, ByteBuffer.allocateDirect(4).position(4))).isZero();
        kernel.close(fd);
    }

    @Test
    void refusesABufferThatTheKernelCannotWriteTo() throws IOException {
        int fd = kernel.open(file("a.log", "x"));
        assertThatIllegalArgumentException().isThrownBy(() -> kernel.read(fd, 0, ByteBuffer.allocate(4)));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> kernel.read(fd, 0, ByteBuffer.allocateDirect(4).asReadOnlyBuffer()));
        kernel.close(fd);
    }

    @Test
    void readsPastTwoGigabytes() throws IOException {
        long far = 3L << 30;
        Path sparse = dir.resolve("large.log");
        try (FileChannel out = FileChannel.open(sparse, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.wrap("far".getBytes(StandardCharsets.US_ASCII)), far);
        }
        int fd = kernel.open(path(sparse));
        ByteBuffer into = ByteBuffer.allocateDirect(16);

        assertThat(kernel.read(fd, far, into)).isEqualTo(3);
        assertThat(text(into.flip())).isEqualTo("far");
        assertThat(kernel.stat(fd).size()).isEqualTo(far + 3);
        kernel.close(fd);
    }

    @Test
    void readingAllocatesNothingOnceCompiled() throws IOException {
        int fd = kernel.open(file("a.log", "0123456789"));
        ByteBuffer into = ByteBuffer.allocateDirect(64);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Long.MAX_VALUE;
        for (int round = 0; round < 500 && allocated > 0; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 1_000; i++) {
                kernel.read(fd, i & 7, into.clear());
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertThat(allocated).as("bytes allocated by 1,000 reads").isZero();
        kernel.close(fd);
    }

    @Test
    void opensWithoutBlockingInheritingOrTouchingTheAccessTime() throws IOException {
        int fd = kernel.open(file("a.log", "x"));
        String info = Files.readString(Path.of("/proc/self/fdinfo/" + fd));
        int flags = Integer.parseInt(info.replaceAll("(?s).*flags:\\s*([0-7]+).*", "$1"), 8);
        assertThat(flags & (Libc.O_CLOEXEC | Libc.O_NONBLOCK | Libc.O_NOATIME | Libc.O_RDWR))
                .isEqualTo(Libc.O_CLOEXEC | Libc.O_NONBLOCK | Libc.O_NOATIME);
        kernel.close(fd);
    }

    /** Not the owner, so without CAP_FOWNER the first attempt is refused for its O_NOATIME. */
    @Test
    void opensAFileOfSomebodyElse() throws IOException {
        int fd = kernel.open(FilePath.of("/etc/passwd"));
        assertThat(kernel.read(fd, 0, ByteBuffer.allocateDirect(8))).isEqualTo(8);
        kernel.close(fd);
    }

    @Test
    void statsWhatAPathAndADescriptorLeadTo() throws IOException {
        Instant before = Instant.now().minusSeconds(1);
        FilePath path = file("a.log", "0123456789");
        Path file = dir.resolve("a.log");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_700_000_000, 123_456_789)));
        Files.createLink(dir.resolve("b.log"), file);
        int fd = kernel.open(path);
        FileStat stat = kernel.stat(path);

        assertThat(kernel.stat(fd)).isEqualTo(stat);
        assertThat(stat.inode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
        assertThat(stat.uid()).isEqualTo(Files.getAttribute(file, "unix:uid"));
        assertThat(stat.gid()).isEqualTo(Files.getAttribute(file, "unix:gid"));
        assertThat(stat.mode()).isEqualTo(0100640).isEqualTo(Files.getAttribute(file, "unix:mode"));
        assertThat(stat.links()).isEqualTo(2);
        assertThat(stat.size()).isEqualTo(10);
        assertThat(stat.modifiedNanos()).isEqualTo(1_700_000_000_123_456_789L);
        assertThat(stat.isRegular()).isTrue();
        assertThat(stat.isDirectory()).isFalse();
        if (stat.birthNanos() != 0) {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            assertThat(stat.birthNanos()).isGreaterThan(TimeUnit.SECONDS.toNanos(before.getEpochSecond()));
            assertThat(stat.birthNanos() / 1_000_000)
                    .isEqualTo(attributes.creationTime().toMillis());
        }
        kernel.close(fd);
    }

    @Test
    void statsADirectoryAndItsDevice() throws IOException, InterruptedException {
        FileStat stat = kernel.stat(path(dir));
        String[] device = Shell.run(dir, "stat -c '%Hd %Ld' .").split(" ", -1);
        assertThat(stat.isDirectory()).isTrue();
        assertThat(stat.isRegular()).isFalse();
        assertThat(stat.device() >>> 32).isEqualTo(Long.parseLong(device[0]));
        assertThat(stat.device() & 0xffff_ffffL).isEqualTo(Long.parseLong(device[1]));
    }

    @Test
    void heldFileIsReadAfterItsLastNameIsGone() throws IOException {
        FilePath path = file("a.log", "last words");
        FileStat named = kernel.stat(path);
        int fd = kernel.open(path);
        Files.delete(dir.resolve("a.log"));
        ByteBuffer into = ByteBuffer.allocateDirect(64);

        assertThat(kernel.read(fd, 0, into)).isEqualTo(10);
        assertThat(text(into.flip())).isEqualTo("last words");
        assertThat(kernel.stat(fd).links()).isZero();
        assertThat(kernel.stat(fd).inode()).isEqualTo(named.inode());
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> kernel.stat(path))
                .satisfies(e -> assertThat(e.isNotFound()).isTrue())
                .satisfies(e -> assertThat(e.path()).isEqualTo(path))
                .withMessage("statx " + path + ": No such file or directory (ENOENT)");
        kernel.close(fd);
    }

    @Test
    void knowsWhetherSomebodyCanStillWriteToAFileWithoutAName() throws IOException, InterruptedException {
        FilePath path = file("a.log", "x");
        int fd = kernel.open(path);
        int other = kernel.open(path);
        FileChannel writer = FileChannel.open(dir.resolve("a.log"), StandardOpenOption.WRITE);
        Files.delete(dir.resolve("a.log"));
        assertThat(kernel.writers(fd)).isEqualTo(Kernel.Writers.SOME);
        writer.close();
        assertThat(kernel.writers(fd)).isEqualTo(Kernel.Writers.NONE);
        assertThat(kernel.writers(other)).as("no lease was left behind").isEqualTo(Kernel.Writers.NONE);
        kernel.close(fd);
        kernel.close(other);

        Shell.run(dir, "mkfifo pipe");
        int pipe = kernel.open(path(dir.resolve("pipe")));
        assertThat(kernel.writers(pipe)).isEqualTo(Kernel.Writers.UNKNOWN);
        kernel.close(pipe);
    }

    @Test
    void followsASymlink() throws IOException {
        FilePath target = file("0.log", "docker");
        Files.createSymbolicLink(dir.resolve("link.log"), Path.of("0.log"));
        FilePath link = path(dir.resolve("link.log"));
        int fd = kernel.open(link);
        assertThat(kernel.stat(fd)).isEqualTo(kernel.stat(link)).isEqualTo(kernel.stat(target));
        kernel.close(fd);
    }

    @Test
    void tellsABrokenSymlinkFromALoop() throws IOException {
        Files.createSymbolicLink(dir.resolve("broken"), Path.of("nowhere"));
        Files.createSymbolicLink(dir.resolve("loop"), Path.of("loop"));
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> kernel.open(path(dir.resolve("broken"))))
                .satisfies(e -> assertThat(e.isNotFound()).isTrue());
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> kernel.open(path(dir.resolve("loop"))))
                .satisfies(e -> assertThat(e.is(Errno.ELOOP)).isTrue())
                .withMessageEndingWith("Too many levels of symbolic links (ELOOP)");
    }

    @Test
    @Timeout(30)
    void doesNotHangOnAPipe() throws IOException, InterruptedException {
        Shell.run(dir, "mkfifo pipe");
        int fd = kernel.open(path(dir.resolve("pipe")));
        assertThat(kernel.stat(fd).isRegular()).isFalse();
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> kernel.read(fd, 0, ByteBuffer.allocateDirect(8)))
                .satisfies(e -> assertThat(e.is(Errno.ESPIPE)).isTrue())
                .withMessage("pread of descriptor " + fd + ": Illegal seek (ESPIPE)");
        kernel.close(fd);
    }

    @Test
    void saysWhenItMayNot() throws IOException {
        assumeThat(Files.getAttribute(dir, "unix:uid")).as("root may").isNotEqualTo(0);
        FilePath path = file("secret.log", "x");
        Files.setPosixFilePermissions(dir.resolve("secret.log"), PosixFilePermissions.fromString("---------"));
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> kernel.open(path))
                .satisfies(e -> assertThat(e.isDenied()).isTrue())
                .withMessage("open " + path + ": Permission denied (EACCES)");
    }

    @Test
    void refusesToCloseWhatIsNotOpen() {
        assertThatIllegalStateException().isThrownBy(() -> kernel.close(1_000_000_000));
    }

    private FilePath file(String name, String content) throws IOException {
        return path(Files.writeString(dir.resolve(name), content));
    }

    private static FilePath path(Path path) {
        return FilePath.of(path.toString());
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.US_ASCII.decode(bytes).toString();
    }
}
