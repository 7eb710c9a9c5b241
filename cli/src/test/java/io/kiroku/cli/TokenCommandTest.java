package io.kiroku.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.collector.access.TokenFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenCommandTest {
    @TempDir
    private Path directory;

    @Test
    void aTokenIsPrintedOnceAndTheFileHasItsHashAlone() throws Exception {
        Path file = directory.resolve("tokens");
        Console.Result result = new Console()
                .run(
                        "token",
                        "create",
                        "--name",
                        "alice",
                        "--role",
                        "reader,auditor",
                        "--scope",
                        "shop",
                        "--tokens",
                        file.toString());
        assertThat(result.status()).as(result.toString()).isZero();
        String token = result.out().strip();
        assertThat(token).matches("kiroku_[A-Za-z0-9_-]{43}");
        assertThat(file).hasContent("alice reader,auditor shop sha256:" + TokenFile.hash(token));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    /** Exit status 2, and before anything is sent. */
    @Test
    void aTokenDoesNotGoOverAConnectionThatOthersCanRead() throws Exception {
        Path file = Files.writeString(directory.resolve("token"), "kiroku_x\n");
        Console.Result result = new Console()
                .run("sources", "--collector", "http://collector.example", "--token-file", file.toString());
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).contains("a token goes to https or to this machine alone");
    }
}
