package io.kiroku.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kiroku.collector.Collector;
import io.kiroku.collector.config.CollectorConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kiroku audit} over what was posted to a collector. */
class AuditCommandTest {
    private static final Instant NOW = Instant.parse("2026-03-01T11:00:00Z");

    private static final String LIST = """
        {"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[\
        {"auditID":"1","stage":"RequestReceived","verb":"delete","user":{"username":"alice"},\
        "objectRef":{"resource":"pods","namespace":"shop","name":"web-0"},"sourceIPs":["192.0.2.7"],\
        "stageTimestamp":"2026-03-01T10:00:00.100000Z"},\
        {"auditID":"1","stage":"ResponseComplete","verb":"delete","user":{"username":"alice"},\
        "objectRef":{"resource":"pods","namespace":"shop","name":"web-0"},"sourceIPs":["192.0.2.7"],\
        "responseStatus":{"code":200},"stageTimestamp":"2026-03-01T10:00:00.250000Z"},\
        {"auditID":"2","stage":"RequestReceived","verb":"get","user":{"username":"bob\\u001b[31m"},\
        "impersonatedUser":{"username":"carol"},"requestURI":"/readyz",\
        "stageTimestamp":"2026-03-01T10:30:00.000000Z"}]}
        """;

    @TempDir
    Path directory;

    private final Console console = new Console().at(NOW);

    @Test
    void whoDidWhatIsATable() throws Exception {
        Path data = directory.resolve("data");
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        String remote;
        try (Collector collector = Collector.start(new CollectorConfig(data, anyPort, anyPort));
                HttpClient client = HttpClient.newHttpClient()) {
            String url = "http://127.0.0.1:" + collector.httpPort();
            assertThat(client.send(
                                    HttpRequest.newBuilder(URI.create(url + "/api/v1/audit"))
                                            .header("Content-Type", "application/json")
                                            .POST(BodyPublishers.ofString(LIST))
                                            .build(),
                                    BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
            remote = console.run("audit", "--collector", url).out();
        }
        String[] all = {"audit", "--data", data.toString()};
        Console.Result result = console.run(all);
        assertThat(result.status()).as("%s", result).isZero();
        assertThat(result.out()).isEqualTo(remote).isEqualTo("""
            TIME                      USER               VERB    RESOURCE  NAMESPACE  NAME   CODE  FROM       SEEN
            2026-03-01T10:00:00.250Z  alice              delete  pods      shop       web-0  200   192.0.2.7  @collector:/kiroku/audit
            2026-03-01T10:30:00Z      bob?[31m as carol  get     /readyz   -          -      -     -          @collector:/kiroku/audit

            2 requests, 3 events on record
            """);
        JsonNode json = new ObjectMapper()
                .readTree(console.run("audit", "--data", data.toString(), "--json", "--verb", "delete")
                        .bytes());
        assertThat(json.path("events")).hasSize(2);
        assertThat(json.path("events")
                        .path(1)
                        .path("event")
                        .path("responseStatus")
                        .path("code")
                        .asInt())
                .isEqualTo(200);
        assertThat(json.path("events").path(0).path("seen").path(0).path("node").asText())
                .isEqualTo("@collector");
        assertThat(console.run("audit", "--data", data.toString(), "--since", "45m")
                        .out())
                .contains("carol", "1 request, 1 event on record");
        Console.Result limited = console.run("audit", "--data", data.toString(), "--limit", "1");
        assertThat(limited.out()).contains("1 request, 1 event on record");
        assertThat(limited.err()).contains("older ones are left out");
        Console.Result none = console.run("audit", "--data", data.toString(), "--user", "mallory");
        assertThat(none.err()).isEqualTo("No audit event on record is asked for.\n");
        Console.Result elsewhere = console.run("audit", "--data", data.toString(), "--path", "/nowhere");
        assertThat(elsewhere.err()).contains("no source on record is an audit log by its path: --path names others");
        assertThat(console.run("verify", data.toString()).status()).isZero();
    }

    @Test
    void aKubeconfigForTheWebhookIsWritten() throws Exception {
        Path token = Files.writeString(directory.resolve("token"), "secret\n");
        Path ca = Files.writeString(
                directory.resolve("ca"), "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n");
        Path file = directory.resolve("audit-webhook.yaml");
        String[] command = {
            "audit",
            "webhook-config",
            "--collector",
            "https://collector.example.com:4480/",
            "--ca",
            ca.toString(),
            "--token-file",
            token.toString(),
            "-o",
            file.toString()
        };
        Console.Result result = console.run(command);
        assertThat(result.status()).as("%s", result).isZero();
        assertThat(Files.readString(file)).isEqualTo("""
            apiVersion: v1
            kind: Config
            clusters:
              - name: kiroku
                cluster:
                  server: "https://collector.example.com:4480/api/v1/audit"
                  certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCkFBPT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=
            users:
              - name: api-server
                user:
                  token: "secret"
            contexts:
              - name: kiroku
                context:
                  cluster: kiroku
                  user: api-server
            current-context: kiroku
            """);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(console.run(command).status()).as("it is not overwritten").isEqualTo(1);
        assertThat(console.run(
                                "audit",
                                "webhook-config",
                                "--collector",
                                "127.0.0.1:4480",
                                "--client-certificate",
                                "/etc/pki/c.crt",
                                "--client-key",
                                "/etc/pki/c.key")
                        .out())
                .contains("server: \"http://127.0.0.1:4480/api/v1/audit\"", "client-certificate: \"/etc/pki/c.crt\"");
    }
}
