package io.kiroku.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kiroku.collector.Collector;
import io.kiroku.collector.config.CollectorConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CustodyCommandTest {
    private static final String KEY = "00".repeat(32);

    @TempDir
    private Path directory;

    private final Console console = new Console().with(Map.of("TERM", "dumb", "SUDO_USER", "alice"));

    private Collector start() throws Exception {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return Collector.start(new CollectorConfig(directory, any, any));
    }

    @Test
    void callsAndCommandsAreShownWithTheVerdict() throws Exception {
        String data = directory.toString();
        try (Collector collector = start()) {
            String url = "http://127.0.0.1:" + collector.httpPort();
            assertThat(console.run("sources", "--collector", url, "--case", "c-7", "--purpose", "why not")
                            .status())
                    .isZero();
            Console.Result asked = console.run("custody", "--collector", url, "--case", "c-7", "--action", "sources");
            assertThat(asked.status()).as("%s", asked).isZero();
            assertThat(asked.out())
                    .contains("anybody on this machine (loopback)", "sources", "answered", "c-7", "why not")
                    .contains("the custody log", "integrity     holds", "completeness  holds");
        }
        Console.Result revoked =
                console.run("keys", "revoke", KEY, "--since", "2026-01-01", "--reason", "stolen", "--data", data);
        assertThat(revoked.status()).as("%s", revoked).isZero();
        Console.Result bundle = console.run(
                "bundle",
                "create",
                "--data",
                data,
                "--path",
                "/nowhere",
                "--case",
                "c-8",
                "--purpose",
                "p",
                "-o",
                data + "/b.zip");
        assertThat(bundle.status()).as("nothing matches").isEqualTo(1);
        start().close();
        Console.Result shown = console.run("custody", "--data", data);
        assertThat(shown.status()).as("%s", shown).isZero();
        assertThat(shown.out())
                .contains("keys revoke", "by sudo from alice (offline)", "reason=stolen")
                .containsPattern("bundle +failed .*c-8");
        JsonNode json = new ObjectMapper()
                .readTree(console.run("custody", "--data", data, "--action", "keys revoke", "--json")
                        .bytes());
        assertThat(json.path("calls")).hasSize(1);
        assertThat(json.path("calls").path(0).path("ended").isTextual()).isTrue();
        assertThat(json.path("verdict").path("holds").asBoolean()).isTrue();
    }

    @Test
    void whatCannotBeRecordedIsNotDone() throws Exception {
        start().close();
        Path pending = directory.resolve("own/custody/pending");
        Files.deleteIfExists(pending);
        Files.writeString(pending, "in the way");
        Console.Result revoked = console.run(
                "keys", "revoke", KEY, "--since", "2026-01-01", "--reason", "stolen", "--data", directory.toString());
        assertThat(revoked.status()).isEqualTo(1);
        assertThat(revoked.err()).contains("expected to leave a record for the custody log");
        assertThat(directory.resolve("revoked")).doesNotExist();
        assertThat(console.run("keys", "list", "--data", directory.toString()).out())
                .doesNotContain("stolen");
    }

    @Test
    void damageMakesTheVerdictFail() throws Exception {
        start().close();
        Path volume = directory.resolve("volumes/00000001.vol");
        byte[] bytes = Files.readAllBytes(volume);
        bytes[bytes.length - 1] ^= 1;
        Files.write(volume, bytes);
        Console.Result shown = console.run("custody", "--data", directory.toString());
        assertThat(shown.status()).as("%s", shown).isEqualTo(1);
        assertThat(shown.out()).contains("FAILS");
    }
}
