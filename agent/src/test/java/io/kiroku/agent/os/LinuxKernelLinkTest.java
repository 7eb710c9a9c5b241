package io.kiroku.agent.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.kiroku.evidence.record.FilePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxKernelLinkTest {
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

    private FilePath path(String name) {
        return FilePath.of(dir.resolve(name).toString());
    }

    private int written(String name, String text) throws IOException {
        Files.writeString(dir.resolve(name), text);
        return kernel.open(path(name));
    }

    @Test
    void aLinkKeepsTheBytesOfAFileThatWasRenamedAndRemoved() throws IOException {
        int fd = written("a.log", "kept");
        Files.move(dir.resolve("a.log"), dir.resolve("b.log"));
        Files.writeString(dir.resolve("a.log"), "another");
        kernel.link(fd, path("pin"));
        Files.delete(dir.resolve("b.log"));
        assertThat(kernel.stat(fd).links()).isEqualTo(1);
        assertThat(kernel.stat(path("pin")).inode()).isEqualTo(kernel.stat(fd).inode());
        kernel.close(fd);
        assertThat(dir.resolve("pin")).hasContent("kept");
        kernel.unlink(path("pin"));
        assertThat(dir.resolve("pin")).doesNotExist();
    }

    @Test
    void aFileWithoutANameGetsNone() throws IOException {
        int fd = written("a.log", "gone");
        Files.delete(dir.resolve("a.log"));
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> kernel.link(fd, path("pin")))
                .matches(refused -> refused.is(Errno.ENOENT));
        kernel.close(fd);
    }

    @Test
    void aNameThatIsTakenIsRefused() throws IOException {
        int fd = written("a.log", "a");
        Files.writeString(dir.resolve("pin"), "taken");
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> kernel.link(fd, path("pin")))
                .matches(refused -> refused.is(Errno.EEXIST))
                .withMessageContaining("pin");
        kernel.close(fd);
    }

    @Test
    void anotherMountIsRefused() throws IOException {
        Path memory = Path.of("/dev/shm");
        assumeThat(Files.isWritable(memory)).as("a second file system").isTrue();
        assumeThat(Files.getFileStore(memory)).isNotEqualTo(Files.getFileStore(dir));
        int fd = written("a.log", "a");
        FilePath other = FilePath.of(
                memory.resolve("kiroku-test-" + ProcessHandle.current().pid()).toString());
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> kernel.link(fd, other))
                .matches(refused -> refused.is(Errno.EXDEV));
        kernel.close(fd);
    }

    @Test
    void aSymlinkSaysWhatItWasTold() throws IOException {
        String deep = "/" + "d".repeat(200) + "/" + "e".repeat(250) + "/x y\u00e9.log";
        kernel.symlink(FilePath.of(deep), path("of"));
        assertThat(kernel.readlink(path("of"))).isEqualTo(FilePath.of(deep));
        byte[] raw = {'/', (byte) 0xff, (byte) 0xfe, '\n'};
        kernel.symlink(FilePath.of(raw), path("raw"));
        assertThat(kernel.readlink(path("raw")).bytes()).isEqualTo(raw);
        FilePath longest = FilePath.of("/" + "a/".repeat(2046) + "bc");
        assertThat(longest.length()).isEqualTo(FilePath.MAX_LENGTH);
        kernel.symlink(longest, path("longest"));
        assertThat(kernel.readlink(path("longest"))).isEqualTo(longest);
        Files.writeString(dir.resolve("plain"), "");
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> kernel.readlink(path("plain")))
                .matches(refused -> refused.is(Errno.EINVAL));
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> kernel.unlink(path("none")))
                .matches(ErrnoException::isNotFound);
    }

    /** A reader learns by a lease whether the file that only a pin names still has a writer. */
    @Test
    void theWritersOfAPinnedFileAreKnown() throws IOException {
        int fd = written("a.log", "a");
        kernel.link(fd, path("pin"));
        try (var writer = Files.newByteChannel(dir.resolve("a.log"), java.nio.file.StandardOpenOption.APPEND)) {
            Files.delete(dir.resolve("a.log"));
            writer.write(ByteBuffer.wrap("b".getBytes(StandardCharsets.US_ASCII)));
            assertThat(kernel.writers(fd)).isNotEqualTo(Kernel.Writers.NONE);
        }
        assertThat(kernel.writers(fd)).isNotEqualTo(Kernel.Writers.SOME);
        kernel.close(fd);
    }
}
