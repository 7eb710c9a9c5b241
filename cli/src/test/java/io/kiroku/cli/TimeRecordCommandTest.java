package io.kiroku.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.time.OpensslTsa;
import io.kiroku.evidence.time.TsaServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evidence records from the command line, stamped by {@code openssl ts}. */
class TimeRecordCommandTest {
    @TempDir
    private Path directory;

    private OpensslTsa tsa;
    private TsaServer server;
    private Path one;
    private Path other;
    private Path record;

    @BeforeEach
    void serve() throws Exception {
        tsa = OpensslTsa.in(directory.resolve("tsa"), "records");
        server = TsaServer.start(tsa::reply);
        one = Files.writeString(directory.resolve("one"), "one");
        other = Files.writeString(directory.resolve("other"), "other");
        record = directory.resolve("both.ers");
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static Console.Result run(Object... arguments) {
        String[] all = new String[arguments.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = String.valueOf(arguments[i]);
        }
        return new Console().run(all);
    }

    private Console.Result create() {
        return run("time", "record", "create", one, other, "-o", record, "--tsa", server.url());
    }

    private Console.Result verify(Object... data) {
        Object[] head = {"time", "record", "verify", record, "--ca", tsa.ca(), "--data"};
        Object[] all = new Object[head.length + data.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(data, 0, all, head.length, data.length);
        return run(all);
    }

    @Test
    void aRecordIsMadeRenewedAndHolds() {
        assertThat(create().lines().getFirst())
                .startsWith(record + ": an evidence record of 2 files by SHA-256, stamped at 20");
        assertThat(create().err()).contains("is there already, and is not overwritten");
        Console.Result renewed = run("time", "record", "renew", record, "--tsa", server.url());
        assertThat(renewed.out()).contains("it has 2 timestamps now");
        renewed = run(
                "time", "record", "renew", record, "--tsa", server.url(), "--digest", "sha512", "--data", one, other);
        assertThat(renewed.status()).as("%s", renewed).isZero();
        assertThat(renewed.out()).contains(" by SHA-512; it has 3 timestamps now");
        Console.Result both = verify(other, one);
        assertThat(both.status()).as("%s", both).isZero();
        assertThat(both.lines()).hasSize(6);
        assertThat(both.lines().getFirst()).isEqualTo(record + ": an evidence record of 2 files");
        assertThat(both.lines().get(1)).startsWith("  time      holds: it existed at 20");
        assertThat(both.lines().get(2)).contains("said by CN=records");
        assertThat(both.lines().getLast()).contains("SHA-512 since 20");
        assertThat(verify(one, "--json").out())
                .contains("\"holds\" : true", "\"tsa\" : \"CN=records", "\"digest\" : \"SHA-512\"");
    }

    @Test
    void whatDoesNotHoldIsSaidInASentence() throws Exception {
        create();
        Instant inElevenYears = Instant.now().plus(Duration.ofDays(4018));
        Console.Result expired = new Console()
                .at(inElevenYears)
                .run(
                        "time",
                        "record",
                        "verify",
                        record.toString(),
                        "--ca",
                        tsa.ca().toString(),
                        "--data",
                        one.toString());
        assertThat(expired.status()).isEqualTo(1);
        assertThat(expired.lines().get(2)).startsWith("    - timestamp 1 of 1: expected a certificate");
        Files.writeString(one, "changed");
        assertThat(verify(one).lines().get(2)).startsWith("    - timestamp 1 of 1: expected the SHA-256 ");
        assertThat(verify(other).status()).isZero();
        Files.write(record, new byte[] {0x30, 0});
        assertThat(verify(other).status()).isEqualTo(1);
        assertThat(verify(directory.resolve("absent")).status()).isEqualTo(2);
    }

    @Test
    void aRenewalKeepsTheRecordUnlessItSucceeds() throws Exception {
        create();
        byte[] before = Files.readAllBytes(record);
        Object[] renew = {"time", "record", "renew", record, "--tsa", server.url(), "--digest", "sha512", "--data", one
        };
        Console.Result partial = run(renew);
        assertThat(partial.status()).isEqualTo(2);
        assertThat(partial.err()).contains("expected all 2 files that the record is over");
        Files.writeString(one, "changed");
        assertThat(run(renew).err()).contains("the record is not of these data: timestamp 1 of 1: ");
        assertThat(run("time", "record", "renew", record, "--tsa", server.url(), "--digest", "sha512")
                        .err())
                .contains("needs the data");
        assertThat(run("time", "record", "renew", record, "--tsa", server.url(), "--digest", "sha256")
                        .err())
                .contains("is by SHA-256 already");
        assertThat(run("time", "record", "renew", record, "--tsa", server.url(), "--digest", "md5")
                        .err())
                .contains("expected one of sha-256, ");
        server.answerWith(500);
        Console.Result refused = run("time", "record", "renew", record, "--tsa", server.url());
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).contains("gives no timestamp: expected the HTTP status 200, found 500");
        assertThat(record).hasBinaryContent(before);
    }
}
