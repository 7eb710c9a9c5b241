package io.kiroku.evidence.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableTest {
    private static final byte[] ONE = {1};
    private static final byte[] TWO = {2, 2};

    @TempDir
    private Path directory;

    /** What a directory holds after every test: only what was asked for, never a temporary file. */
    @AfterEach
    void nothingElseIsLeft() throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            assertThat(all.map(path -> path.getFileName().toString())).noneMatch(name -> name.endsWith(".tmp"));
        }
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void createMakesAFileForItsOwnerAlone() throws IOException {
        Path file = directory.resolve("key");
        Durable.create(file, ONE);
        assertThat(file).hasBinaryContent(ONE);
        assertThat(permissions(file)).isEqualTo("rw-------");
    }

    @Test
    void createLeavesAFileThatIsThereAsItIs() throws IOException {
        Path file = directory.resolve("key");
        Durable.create(file, ONE);
        assertThatThrownBy(() -> Durable.create(file, TWO)).isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> Durable.create(file, ONE)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(file).hasBinaryContent(ONE);
    }

    @Test
    void createIdempotentFindsTheSameContentAndNoOther() throws IOException {
        Path file = directory.resolve("key");
        Durable.createIdempotent(file, ONE);
        Durable.createIdempotent(file, ONE);
        assertThat(file).hasBinaryContent(ONE);
        for (byte[] other : List.of(new byte[] {2}, TWO, new byte[0])) {
            assertThatThrownBy(() -> Durable.createIdempotent(file, other))
                    .isInstanceOf(FileAlreadyExistsException.class);
        }
        assertThat(file).hasBinaryContent(ONE);
    }

    @Test
    void overwriteMakesOrReplaces() throws IOException {
        Path file = directory.resolve("state");
        Durable.overwrite(file, ONE);
        assertThat(file).hasBinaryContent(ONE);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Durable.overwrite(file, TWO);
        assertThat(file).hasBinaryContent(TWO);
        assertThat(permissions(file)).isEqualTo("rw-------");
    }

    @Test
    void whatFailsLeavesNoTemporaryFile() throws IOException {
        Path occupied = directory.resolve("occupied");
        Files.createDirectories(occupied.resolve("by a directory"));
        assertThatThrownBy(() -> Durable.overwrite(occupied, ONE)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Durable.create(occupied, ONE)).isInstanceOf(FileAlreadyExistsException.class);
        try (Stream<Path> all = Files.list(directory)) {
            assertThat(all).containsExactly(occupied);
        }
    }

    @Test
    void aMissingDirectoryIsNamed() {
        Path file = directory.resolve("missing").resolve("key");
        assertThatThrownBy(() -> Durable.create(file, ONE))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("missing");
    }

    @Test
    void directoriesAreMadeForTheirOwnerAlone() throws IOException {
        Durable.createDirectories(directory.resolve("a/b/c"));
        Durable.createDirectories(directory.resolve("a/b/c"));
        for (String made : List.of("a", "a/b", "a/b/c")) {
            assertThat(permissions(directory.resolve(made))).isEqualTo("rwx------");
        }
    }

    @Test
    void aFileWhereADirectoryShouldBeIsNamed() throws IOException {
        Path file = directory.resolve("file");
        Durable.create(file, ONE);
        assertThatThrownBy(() -> Durable.createDirectories(file)).isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> Durable.createDirectories(file.resolve("below")))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aLinkToADirectoryIsADirectory() throws IOException {
        Path link =
                Files.createSymbolicLink(directory.resolve("link"), Files.createDirectory(directory.resolve("real")));
        Durable.createDirectories(link.resolve("below"));
        assertThat(directory.resolve("real").resolve("below")).isDirectory();
    }
}
