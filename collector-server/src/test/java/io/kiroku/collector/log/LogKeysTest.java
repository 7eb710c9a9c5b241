package io.kiroku.collector.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.log.MerkleTree;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
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

    @Test
    void replacedKeysSignWithTheNewOnesUntilTheyAreRetired() throws Exception {
        assertThat(LogKeys.signing(data)).isEmpty();
        List<VerifierKey> before = keys("example.com/log").signing();
        assertThat(LogKeys.signing(data)).containsExactlyInAnyOrderElementsOf(before);
        Octets signedBefore =
                keys("").sign(new TreeHead(0, MerkleTree.EMPTY), 1).note();
        LogSigners rotated = LogKeys.rotate(data, new SecureRandom());
        assertThat(rotated.signing()).hasSize(4).containsAll(before).doesNotHaveDuplicates();
        assertThat(keys("").verifierKeys()).isEqualTo(rotated.signing());
        assertThat(LogKeys.signing(data)).containsExactlyInAnyOrderElementsOf(rotated.signing());
        assertThatThrownBy(() -> LogKeys.rotate(data, new SecureRandom())).hasMessageContaining("retired before");

        assertThat(LogKeys.retire(data)).isTrue();
        LogSigners after = keys("");
        assertThat(after.signing()).hasSize(2).doesNotContainAnyElementsOf(before);
        assertThat(after.former()).isEqualTo(before);
        assertThat(LogKeys.signing(data)).containsExactlyInAnyOrderElementsOf(after.signing());
        assertThat(after.read(signedBefore)).isNotNull();
        assertThat(LogKeys.retire(data)).isFalse();
    }
}
