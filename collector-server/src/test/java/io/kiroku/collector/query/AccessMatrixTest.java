package io.kiroku.collector.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.collector.Collector;
import io.kiroku.collector.access.Endpoint;
import io.kiroku.collector.access.Grants;
import io.kiroku.collector.access.Role;
import io.kiroku.collector.access.Scope;
import io.kiroku.collector.access.TokenFile;
import io.kiroku.collector.config.AccessConfig;
import io.kiroku.collector.config.CollectorConfig;
import io.kiroku.collector.config.LogConfig;
import io.kiroku.collector.store.Store;
import io.kiroku.evidence.record.Entry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every place of a collector's HTTP edge, asked by every role, for its own namespace and for a foreign one. */
class AccessMatrixTest {
    private static final String SHOP = "/var/log/pods/shop_web_u1/app/0.log";
    private static final String PAY = "/var/log/pods/pay_bank_u2/app/0.log";
    private static final String SYSLOG = "/var/log/syslog";

    private static final Pattern LENGTH = Pattern.compile("(?i)\\ncontent-length: (\\d+)\r\n");

    /** The callers, in the order of the columns; each has its role in the namespace shop. */
    private static final List<String> CALLERS =
            List.of("nobody", "stranger", "reader", "investigator", "custodian", "auditor", "administrator");

    /** By hand: path and the status for each caller. */
    private static final List<String> EXPECTED = List.of(
            "/healthz                                        200 200 200 200 200 200 200",
            "/metrics                                        401 401 403 403 403 403 200",
            "/api/v1/sources                                 401 401 200 200 403 403 403",
            "/api/v1/gaps                                    401 401 200 200 403 403 403",
            "/api/v1/gaps?namespace=pay                      401 401 200 200 403 403 403",
            "/api/v1/logs?namespace=shop&pod=web             401 401 200 200 403 403 403",
            "/api/v1/logs?namespace=pay&pod=bank             401 401 403 403 403 403 403",
            "/api/v1/logs?allNamespaces=true&pod=bank        401 401 404 404 403 403 403",
            "/api/v1/logs?path=/var/log/syslog               401 401 404 404 403 403 403",
            "/api/v1/logs?path=/var/log/pods/pay_*/app/0.log 401 401 404 404 403 403 403",
            "/api/v1/logs?path=*.log                         401 401 200 200 403 403 403",
            "/api/v1/verify                                  401 401 403 200 403 200 403",
            "/api/v1/custody                                 401 401 403 403 403 200 403",
            "/api/v1/logs?path=/kiroku/custody               401 401 404 404 403 403 403",
            "/checkpoint                                     401 401 200 200 200 200 200",
            "/log.vkey                                       401 401 200 200 200 200 200",
            "/tile/0/000.p/2                                 401 401 200 200 200 200 200",
            "/nowhere                                        401 401 404 404 404 404 404",
            "/api/v1/                                        401 401 404 404 404 404 404");

    @TempDir
    private Path directory;

    private final Map<String, String> tokens = new HashMap<>();
    private Collector collector;

    @BeforeEach
    void start() throws IOException {
        Path data = directory.resolve("data");
        Files.createDirectories(data);
        try (Store store = Scribe.open(data)) {
            new Scribe(store, "node-1")
                    .file(1, SHOP)
                    .log(1, "2026-03-01T10:00:00.000000000Z stdout F of the shop\n")
                    .gap(1, 3, Entry.GapCause.TRUNCATED)
                    .file(2, PAY)
                    .log(2, "2026-03-01T10:00:00.000000000Z stdout F of the bank\n")
                    .gap(2, 5, Entry.GapCause.TRUNCATED)
                    .file(3, SYSLOG)
                    .log(3, "of the node\n")
                    .gap(3, 7, Entry.GapCause.TRUNCATED)
                    .node(Entry.GapCause.VANISHED, PAY + ": came and went")
                    .seal()
                    .log(1, "2026-03-01T10:00:01.000000000Z stdout F more\n")
                    .seal();
        }
        List<String> lines = new ArrayList<>();
        for (Role role : Role.values()) {
            lines.add(line(role.word(), role.word(), "shop"));
        }
        lines.add(line("everywhere", "reader", "*"));
        lines.add(line("node", "reader", "@node"));
        lines.add(line("all", "reader", Scope.EVERYWHERE));
        lines.add(line("both", "reader,auditor", Scope.EVERYWHERE));
        tokens.put("stranger", TokenFile.create(new SecureRandom()));
        Path file = directory.resolve("tokens");
        Files.write(file, lines);
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        collector = Collector.start(new CollectorConfig(
                data,
                any,
                any,
                LogConfig.ALONE,
                Optional.empty(),
                new AccessConfig(Optional.of(file), Optional.empty(), false, false, Optional.empty())));
    }

    private String line(String name, String roles, String scope) {
        String token = TokenFile.create(new SecureRandom());
        tokens.put(name, token);
        return new TokenFile.Line(name, Grants.roles(roles), Scope.parse(scope), TokenFile.hash(token)).text();
    }

    @AfterEach
    void stop() {
        collector.close();
    }

    /** Byte for byte as given: no client tidies the path. */
    private String answer(String path, String caller) throws IOException {
        String token = tokens.get(caller);
        String authorization = token == null ? "" : "Authorization: Bearer " + token + "\r\n";
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), collector.httpPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write("GET %s HTTP/1.1\r\nHost: collector.example\r\nConnection: close\r\n%s\r\n"
                            .formatted(path, authorization)
                            .getBytes(StandardCharsets.US_ASCII));
            return read(socket.getInputStream());
        }
    }

    /** A whole answer. The server leaves the connection open for a while behind it. */
    private static String read(InputStream in) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] part = new byte[8192];
        while (!isWhole(bytes.toString(StandardCharsets.ISO_8859_1))) {
            int count = in.read(part);
            if (count < 0) {
                break;
            }
            bytes.write(part, 0, count);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static boolean isWhole(String answer) {
        int end = answer.indexOf("\r\n\r\n");
        if (end < 0) {
            return false;
        }
        Matcher length = LENGTH.matcher(answer.substring(0, end + 2));
        return length.find()
                ? answer.length() >= end + 4 + Integer.parseInt(length.group(1))
                : answer.contains("\r\n0\r\n") && answer.endsWith("\r\n\r\n");
    }

    private int status(String path, String caller) throws IOException {
        return Integer.parseInt(answer(path, caller).split(" ", 3)[1]);
    }

    @Test
    void everyPlaceForEveryRoleInItsOwnNamespaceAndInAForeignOne() throws Exception {
        for (String row : EXPECTED) {
            String[] fields = row.split(" +", -1);
            for (int i = 0; i < CALLERS.size(); i++) {
                assertThat(status(fields[0], CALLERS.get(i)))
                        .as("%s asks for %s", CALLERS.get(i), fields[0])
                        .isEqualTo(Integer.parseInt(fields[i + 1]));
            }
        }
    }

    @Test
    void noPlaceIsMissingHere() {
        Set<String> asked = EXPECTED.stream()
                .map(row -> row.split("[ ?]", 2)[0])
                .map(path -> path.startsWith("/tile/") ? "/tile/*" : path)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(asked).containsAll(Endpoint.ALL.stream().map(Endpoint::route).toList());
        assertThat(CALLERS)
                .containsAll(List.of(Role.values()).stream().map(Role::word).toList());
    }

    @Test
    void resultsHoldWhatTheCallerMayReadAndNothingElse() throws Exception {
        for (String path : List.of("/api/v1/sources", "/api/v1/gaps")) {
            assertThat(answer(path, "reader"))
                    .contains(SHOP)
                    .doesNotContain("pay_")
                    .doesNotContain(SYSLOG);
            assertThat(answer(path, "everywhere")).contains(SHOP).contains(PAY).doesNotContain(SYSLOG);
            assertThat(answer(path, "node"))
                    .contains(SYSLOG)
                    .doesNotContain("shop_")
                    .doesNotContain("pay_bank_u2/app/0.log\"");
            assertThat(answer(path, "all")).contains(SHOP).contains(PAY).contains(SYSLOG);
        }
        String logs = answer("/api/v1/logs?path=*", "reader");
        assertThat(logs).contains("of the shop").doesNotContain("of the bank").doesNotContain("of the node");
        assertThat(answer("/api/v1/logs?allNamespaces=true&pod=ban", "reader"))
                .as("names near the one that was asked for")
                .contains("not known")
                .doesNotContain("bank");
        assertThat(answer("/api/v1/logs?path=/var/log/syslog", "node")).contains("of the node");
    }

    @Test
    void whoReadsLogsDoesNotReadWhoDidWhat() throws Exception {
        for (String caller : List.of("reader", "everywhere", "node", "all")) {
            assertThat(answer("/api/v1/sources", caller)).as(caller).doesNotContain("/kiroku/");
            assertThat(answer("/api/v1/logs?path=*", caller)).as(caller).doesNotContain("the collector");
            assertThat(answer("/api/v1/logs?path=custody&node=@collector", caller))
                    .as(caller)
                    .doesNotContain("the collector");
        }
        assertThat(answer("/api/v1/sources", "both")).contains("/kiroku/custody");
        assertThat(answer("/api/v1/logs?path=/kiroku/custody", "both"))
                .contains("\"action\":\"start\"")
                .contains("\"caller\":\"everywhere\"");
        assertThat(answer("/api/v1/custody?caller=everywhere&action=sources", "auditor"))
                .contains("\"caller\":\"everywhere\"")
                .contains("\"outcome\":\"answered\"")
                .contains("\"verdict\":{\"holds\":true")
                .doesNotContain("\"caller\":\"reader\"");
        assertThat(status("/api/v1/custody?nonsense=1", "auditor")).isEqualTo(400);
    }

    @Test
    void aRefusalSaysWhoMayNotDoWhatAndWhatItTakes() throws Exception {
        assertThat(answer("/api/v1/logs?namespace=pay&pod=bank", "reader"))
                .contains("reader (token) may not read logs in namespace \\\"pay\\\"");
        assertThat(answer("/metrics", "auditor"))
                .contains("auditor (token) may not ask for metrics: that takes one of the roles administrator");
        assertThat(answer("/metrics", "nobody").toLowerCase(Locale.ROOT))
                .contains("expected a bearer token")
                .contains("www-authenticate: bearer")
                .contains("x-content-type-options: nosniff");
    }

    @Test
    void noWayOfWritingAPathLetsAnybodyIn() throws Exception {
        for (String path : List.of(
                "//metrics",
                "/metrics/",
                "/healthz/../metrics",
                "/healthz/%2e%2e/metrics",
                "/healthz/..%2fmetrics",
                "/%6detrics",
                "/healthz;/../metrics",
                "/healthz%00/metrics",
                "/./metrics",
                "/METRICS",
                "/healthz?/metrics/../../api/v1/sources",
                "http://127.0.0.1/metrics",
                "/api/v1/logs/../../../checkpoint",
                "/healthz#/metrics")) {
            assertThat(answer(path, "nobody"))
                    .as(path)
                    .doesNotContain("kiroku_collector_")
                    .doesNotContain("sources")
                    .doesNotContain("kiroku.invalid");
        }
        for (String pod :
                List.of("..%2fpay_bank", "web%00", "pay%2fbank", "*", "web_u1%2f..%2f..%2fpay_bank_u2", "%2e%2e")) {
            String answer = answer("/api/v1/logs?namespace=shop&pod=" + pod, "reader");
            assertThat(answer).as(pod).doesNotContain("of the bank").doesNotContain("of the node");
        }
        assertThat(status("/api/v1/logs?namespace=shop&namespace=pay&pod=bank", "reader"))
                .isEqualTo(400);
        assertThat(status("/api/v1/logs?namespace=*&pod=bank", "reader")).isEqualTo(403);
        assertThat(status("/api/v1/logs?namespace=shop&allNamespaces=true&pod=bank", "reader"))
                .isEqualTo(404);
    }

    @Test
    void aTokenWhoseLineIsDeletedIsNotLetInAnyMore() throws Exception {
        assertThat(status("/checkpoint", "reader")).isEqualTo(200);
        Path file = directory.resolve("tokens");
        Files.write(
                file,
                Files.readAllLines(file).stream()
                        .filter(line -> !line.startsWith("reader "))
                        .toList());
        Thread.sleep(1_100);
        assertThat(status("/checkpoint", "reader")).isEqualTo(401);
        Files.writeString(file, "reader nonsense\n");
        Thread.sleep(1_100);
        assertThat(status("/checkpoint", "auditor"))
                .as("what cannot be read changes nothing")
                .isEqualTo(200);
    }
}
