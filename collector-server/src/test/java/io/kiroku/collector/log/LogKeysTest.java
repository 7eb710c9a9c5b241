package io.kiroku.collector.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogKeysTest {
    @TempDir
    private Path data;

    private LogSigners keys(String name) throws IOException {
        return LogKeys.in(data, name.isEmpty() ? Optional.empty() : Optional.of(name), new SecureRandom());
    }

    @Test
    void aLogKeepsItsNameAndItsKeys() throws Exception {
        LogSigners made = keys("logs.example.com/kiroku");
        assertThat(keys("").verifierKeys()).isEqualTo(made.verifierKeys()).hasSize(2);
        assertThat(keys("").origin()).isEqualTo("logs.example.com/kiroku");
        assertThatThrownBy(() -> keys("logs.example.com/other"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected the log's name logs.example.com/kiroku");
        for (String key : new String[] {"log.key", "log-mldsa44.key"}) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve(key))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void withoutANameItIsCalledByItsKey() throws Exception {
        assertThat(keys("").origin()).startsWith("kiroku.invalid/");
    }

    /** Half a restore: another key in its place would be in the way of the right one. */
    @ParameterizedTest
    @ValueSource(strings = {"log.key", "log-mldsa44.key"})
    void aKeyThatIsMissingIsNotMadeAnew(String key) throws Exception {
        keys("");
        Files.delete(data.resolve(key));
        assertThatThrownBy(() -> keys(""))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected the private key");
        assertThat(data.resolve(key)).doesNotExist();
    }
}
