package io.kiroku.collector.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryLockTest {
    private static final String LOCKS_IT = """
        import java.nio.channels.FileChannel;
        import java.nio.file.Path;
        import java.nio.file.StandardOpenOption;

        class Locks {
            public static void main(String[] arguments) throws Exception {
                try (FileChannel channel = FileChannel.open(Path.of(arguments[0]), StandardOpenOption.WRITE)) {
                    System.exit(channel.tryLock() == null ? 3 : 4);
                }
            }
        }
        """;

    @TempDir
    Path data;

    @Test
    void oneAtATimeHasIt() throws Exception {
        assertThat(DirectoryLock.isHeld(data)).isFalse();
        try (DirectoryLock lock = DirectoryLock.take(data)) {
            assertThat(lock).isNotNull();
            assertThat(DirectoryLock.isHeld(data)).isTrue();
            assertThatThrownBy(() -> DirectoryLock.take(data.resolve(".")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another one uses it");
        }
        assertThat(DirectoryLock.isHeld(data)).isFalse();
        DirectoryLock.take(data).close();
    }

    @Test
    void lookingDoesNotTakeItAway() throws Exception {
        Path program = Files.writeString(data.resolve("Locks.java"), LOCKS_IT);
        try (DirectoryLock lock = DirectoryLock.take(data)) {
            assertThat(lock).isNotNull();
            assertThat(DirectoryLock.isHeld(data)).isTrue();
            assertThatThrownBy(() -> DirectoryLock.take(data)).isInstanceOf(IOException.class);
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            program.toString(),
                            data.resolve("collector.lock").toString())
                    .inheritIO()
                    .start();
            assertThat(process.waitFor()).as("another process finds it locked").isEqualTo(3);
        }
    }

    @Test
    void aDirectoryThatIsNotThereIsHeldByNobody() throws Exception {
        assertThat(DirectoryLock.isHeld(data.resolve("nothing"))).isFalse();
    }
}
