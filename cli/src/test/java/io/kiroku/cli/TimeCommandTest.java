package io.kiroku.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.time.OpensslTsa;
import io.kiroku.evidence.time.StampedCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimeCommandTest {
    @TempDir
    private Path directory;

    private Path data;
    private Path token;
    private Path ca;

    @BeforeEach
    void lay() throws IOException {
        data = Files.write(directory.resolve("3.checkpoint"), StampedCheckpoint.note());
        token = Files.write(directory.resolve("3-1.tsr"), StampedCheckpoint.response());
        ca = Files.write(directory.resolve("ca.pem"), StampedCheckpoint.ca());
    }

    private Console.Result verify(String... more) {
        String[] arguments = {
            "time", "verify", "--data", data.toString(), "--token", token.toString(), "--ca", ca.toString()
        };
        String[] all = new String[arguments.length + more.length];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return new Console().run(all);
    }

    @Test
    void saysWhenAndWhoSaysSo() {
        Console.Result result = verify();
        assertThat(result.status()).as("%s", result).isZero();
        assertThat(result.lines())
                .containsExactly(
                        "%s: a timestamp of %s".formatted(token, data),
                        "  time      holds: it existed at 2026-11-27T21:20:54.432Z, give or take 1.5 s",
                        "  said by   CN=tsa,O=Kiroku-tests, in its token 2");
        assertThat(verify("--json").out())
                .contains(
                        "\"holds\" : true",
                        "\"time\" : \"2026-11-27T21:20:54.432Z\"",
                        "\"accuracySeconds\" : \"1.5\"",
                        "\"serial\" : \"2\"");
    }

    @Test
    void otherBytesDoNotHold() throws IOException {
        Files.write(data, new byte[] {1});
        Console.Result result = verify();
        assertThat(result.status()).as("%s", result).isEqualTo(1);
        assertThat(result.lines().get(1)).isEqualTo("  time      FAILS");
        assertThat(result.lines().get(2)).startsWith("    - expected a timestamp of data with the SHA-256 4bf5122f");
        Files.write(token, new byte[] {0x30, 0});
        result = verify("--json");
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out())
                .contains("\"holds\" : false", "\"sentence\" : \"expected a timestamp token or response");
    }

    @Test
    void aRequestIsAnsweredByOpensslAndHolds() throws Exception {
        OpensslTsa tsa = OpensslTsa.in(directory.resolve("tsa"), "other");
        Path request = directory.resolve("request.tsq");
        Console.Result result = new Console().run("time", "request", data.toString(), "-o", request.toString());
        assertThat(result.status()).as("%s", result).isZero();
        assertThat(result.out()).contains("curl ", "--data-binary @" + request);
        Files.write(token, tsa.reply(Files.readAllBytes(request)));
        assertThat(verify().status()).isEqualTo(1);
        assertThat(verify("--ca", tsa.ca().toString()).status()).isZero();
        assertThat(verify(tsa.ca().toString()).status()).isZero();
        assertThat(new Console().run("time", "request", data.toString()).status())
                .isZero();
        assertThat(directory.resolve("3.checkpoint.tsq")).isNotEmptyFile();
    }
}
