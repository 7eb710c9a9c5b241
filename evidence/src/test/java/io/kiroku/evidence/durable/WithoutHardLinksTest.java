package io.kiroku.evidence.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file system without hard links, as FAT on a stick: strace(1) lets link(2) fail as it does there. */
class WithoutHardLinksTest {
    @TempDir
    private Path directory;

    /** Makes a file, in a process of its own: {@code FILE CONTENT}. */
    static final class Make {
        private Make() {}

        public static void main(String... arguments) throws Exception {
            byte[] content = arguments[1].getBytes(StandardCharsets.UTF_8);
            try {
                Durable.create(Path.of(arguments[0]), content);
                System.out.println("made");
            } catch (FileAlreadyExistsException exists) {
                System.out.println("was there");
            } catch (FileSystemException failed) {
                System.out.println("failed: " + failed.getReason());
            }
        }
    }

    private String make(Path file, String content, String error) throws Exception {
        List<String> command = new ArrayList<>();
        Collections.addAll(command, "strace", "-f", "-o", "/dev/null", "-e", "trace=link,linkat");
        Collections.addAll(command, "-e", "inject=link,linkat:error=" + error);
        Collections.addAll(
                command, Path.of(System.getProperty("java.home"), "bin", "java").toString());
        Collections.addAll(command, "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"));
        Collections.addAll(command, Make.class.getName(), file.toString(), content);
        Path output = Files.createTempFile("made", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return Files.readString(output).strip();
        } finally {
            Files.delete(output);
        }
    }

    private void assumeStrace() throws Exception {
        Path answer = directory.resolve("answer");
        boolean works = new ProcessBuilder("sh", "-c", "strace -o /dev/null true")
                        .redirectErrorStream(true)
                        .redirectOutput(answer.toFile())
                        .start()
                        .waitFor()
                == 0;
        Files.delete(answer);
        assumeTrue(works, "strace is not here, or cannot trace");
    }

    private void assertAlone(Path file) throws Exception {
        try (Stream<Path> all = Files.list(directory)) {
            assertThat(all).containsExactly(file);
        }
    }

    @Test
    void aFileIsMadeAndNotReplaced() throws Exception {
        assumeStrace();
        Path file = directory.resolve("file");
        assertThat(make(file, "one", "EPERM")).isEqualTo("made");
        assertThat(file).hasContent("one");
        assertThat(make(file, "two", "EPERM")).isEqualTo("was there");
        assertThat(make(file, "two", "EOPNOTSUPP")).isEqualTo("was there");
        assertThat(file).hasContent("one");
        assertAlone(file);
    }

    @Test
    void aDiskThatFailsIsNotTakenForOneWithoutLinks() throws Exception {
        assumeStrace();
        assertThat(make(directory.resolve("file"), "one", "EIO")).isEqualTo("failed: Input/output error");
        assertThat(directory).isEmptyDirectory();
    }
}
