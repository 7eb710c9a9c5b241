package io.kiroku.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsDirectoryTest {
    private final TestAuthority authority = new TestAuthority("authority");
    private final TestAuthority.Issued first = authority.issue("first", "localhost");
    private final TestAuthority.Issued second = authority.issue("second", "localhost");

    @TempDir
    Path directory;

    private TlsDirectory open() throws IOException {
        return TlsDirectory.open(directory, InstantSource.system());
    }

    @Test
    void nothingIsTakenAnewWhileNothingChanges() throws Exception {
        authority.write(directory, first);
        TlsDirectory tls = open();
        assertThat(tls.material().certificate()).isEqualTo(first.certificate());
        assertThat(tls.material().authorities()).containsExactly(authority.certificate());
        assertThat(tls.refresh()).isFalse();
    }

    @Test
    void aMountedDirectoryChangesInOneStep() throws Exception {
        authority.mount(directory, first);
        TlsDirectory tls = open();
        authority.mount(directory, second);
        assertThat(tls.refresh()).isTrue();
        assertThat(tls.material().certificate()).isEqualTo(second.certificate());
    }

    @Test
    void aPairThatDoesNotFitIsNotTakenAndTheNextOneIs() throws Exception {
        authority.write(directory, first);
        TlsDirectory tls = open();
        Files.writeString(directory.resolve("tls.crt"), TestAuthority.pem(second.certificate()));
        assertThat(tls.refresh()).isFalse();
        assertThat(tls.material().certificate()).isEqualTo(first.certificate());
        Files.writeString(
                directory.resolve("tls.key"), TestAuthority.pem(second.key().getPrivate()));
        assertThat(tls.refresh()).isTrue();
        assertThat(tls.material().certificate()).isEqualTo(second.certificate());
    }

    @Test
    void halfAFileIsNotTaken() throws Exception {
        authority.write(directory, first);
        TlsDirectory tls = open();
        String pem = TestAuthority.pem(second.certificate());
        Files.writeString(directory.resolve("tls.crt"), pem.substring(0, pem.length() / 2));
        assertThat(tls.refresh()).isFalse();
        assertThat(tls.material().certificate()).isEqualTo(first.certificate());
    }

    @Test
    void whatIsMissingOrDoesNotBelongIsNamed() throws Exception {
        assertThatThrownBy(this::open).hasMessageContaining("tls.crt").hasMessageContaining("found none");
        authority.write(directory, first);
        Files.writeString(
                directory.resolve("tls.key"), TestAuthority.pem(second.key().getPrivate()));
        assertThatThrownBy(this::open).hasMessageContaining("tls.key, found another");
        authority.write(directory, first);
        new TestAuthority("somebody else").writeRevocations(directory);
        assertThatThrownBy(this::open).hasMessageContaining("crl.pem").hasMessageContaining("CN=somebody else");
    }

    @Test
    void filesAreBounded() throws Exception {
        authority.write(directory, first);
        authority.writeRevocations(directory);
        byte[] list = Files.readAllBytes(directory.resolve("crl.pem"));
        Files.write(directory.resolve("crl.pem"), padded(list, TlsDirectory.MOST_REVOCATION_BYTES));
        open();
        Files.write(directory.resolve("crl.pem"), padded(list, TlsDirectory.MOST_REVOCATION_BYTES + 1));
        assertThatThrownBy(this::open).hasMessageContaining("at most 4194304 bytes in " + directory.resolve("crl.pem"));
        Files.write(directory.resolve("crl.pem"), list);
        for (String name : List.of("tls.crt", "tls.key", "ca.crt")) {
            byte[] whole = Files.readAllBytes(directory.resolve(name));
            Files.write(directory.resolve(name), padded(whole, TlsDirectory.MOST_BYTES));
            open();
            Files.write(directory.resolve(name), padded(whole, TlsDirectory.MOST_BYTES + 1));
            assertThatThrownBy(this::open).hasMessageContaining("at most 1048576 bytes in " + directory.resolve(name));
            Files.write(directory.resolve(name), whole);
        }
    }

    /** Text before and behind PEM is for people. */
    private static byte[] padded(byte[] pem, int length) {
        byte[] padded = Arrays.copyOf(pem, length);
        Arrays.fill(padded, pem.length, length, (byte) '\n');
        return padded;
    }

    @Test
    void whateverLiesThereIsRefusedWithASentence() throws Exception {
        authority.write(directory, first);
        authority.writeRevocations(directory);
        Random random = new Random(7);
        for (String name : List.of("tls.crt", "tls.key", "ca.crt", "crl.pem")) {
            byte[] whole = Files.readAllBytes(directory.resolve(name));
            for (int round = 0; round < 300; round++) {
                byte[] damaged = whole.clone();
                for (int i = 1 + random.nextInt(4); i > 0; i--) {
                    damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
                }
                Files.write(directory.resolve(name), damaged);
                try {
                    open();
                } catch (IOException refused) {
                    assertThat(refused.getMessage())
                            .contains(directory.toString())
                            .doesNotContain("\n");
                }
            }
            Files.write(directory.resolve(name), whole);
        }
    }
}
