package io.kiroku.collector.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.server.Server;
import io.kiroku.collector.Collector;
import io.kiroku.collector.access.Gate;
import io.kiroku.collector.config.AccessConfig;
import io.kiroku.collector.config.CollectorConfig;
import io.kiroku.collector.config.LogConfig;
import io.kiroku.tls.TestAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The audit over HTTP, at a whole collector. */
class AuditApiTest {
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final String JSON = "application/json";
    private static final int BROKEN_OFF = 0;

    @TempDir
    Path directory;

    private final HttpClient client = HttpClient.newHttpClient();

    private Collector start() throws IOException {
        return Collector.start(new CollectorConfig(directory.resolve("data"), ANY, ANY));
    }

    private HttpResponse<String> post(int port, byte[] body, String type) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/api/v1/audit?timeout=30s".formatted(port)))
                        .header("Content-Type", type)
                        .POST(BodyPublishers.ofByteArray(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<byte[]> get(Collector collector, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(collector.httpPort(), path)))
                        .build(),
                BodyHandlers.ofByteArray());
    }

    private AuditTrail.Answer events(Collector collector, String query) throws Exception {
        HttpResponse<byte[]> response = get(collector, "/api/v1/audit/events?" + query);
        assertThat(response.statusCode())
                .as(new String(response.body(), StandardCharsets.UTF_8))
                .isEqualTo(200);
        return AuditJson.read(response.body());
    }

    @Test
    void whatAnApiServerPostsIsOnRecordByteForByteAndStaysThere() throws Exception {
        List<String> first = List.of(
                Events.event("a", "RequestReceived", 1, "alice", "delete", Events.pod("shop", "web-0")),
                Events.deletion("a", 2, "alice", "shop", "web-0"));
        List<String> second = List.of(Events.deletion("b", 3, "bob", "pay", "bank-0"));
        try (Collector collector = start()) {
            assertThat(Files.exists(directory.resolve("data/own/audit")))
                    .as("nothing is there before something comes")
                    .isFalse();
            HttpResponse<String> response = post(collector.httpPort(), Events.list(first), JSON);
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            assertThat(response.body()).isEqualTo("{\"events\":2}");
            assertThat(post(collector.httpPort(), Events.list(first), JSON).statusCode())
                    .as("sent again, as its answer might have been lost")
                    .isEqualTo(200);
        }
        try (Collector collector = start()) {
            assertThat(post(collector.httpPort(), Events.list(second), JSON).statusCode())
                    .isEqualTo(200);
            List<String> lines = new ArrayList<>(first);
            lines.addAll(first);
            lines.addAll(second);
            assertThat(new String(
                            get(collector, "/api/v1/logs?raw=true&path=/kiroku/audit")
                                    .body(),
                            StandardCharsets.UTF_8))
                    .isEqualTo(String.join("\n", lines) + "\n");
            AuditTrail.Answer all = events(collector, "");
            assertThat(all.events())
                    .extracting(recorded ->
                            recorded.event().auditId() + " " + recorded.event().stage())
                    .containsExactly("a RequestReceived", "a ResponseComplete", "b ResponseComplete");
            assertThat(all.events())
                    .allSatisfy(recorded -> assertThat(recorded.seen())
                            .singleElement()
                            .satisfies(seen -> {
                                assertThat(seen.node()).isEqualTo("@collector");
                                assertThat(seen.path()).hasToString("/kiroku/audit");
                                assertThat(seen.segment()).isPositive();
                            }));
            assertThat(events(collector, "user=bob&verb=delete&resource=pods&namespace=pay")
                            .events())
                    .hasSize(1);
            assertThat(events(collector, "user=carol").events()).isEmpty();
            assertThat(get(collector, "/api/v1/audit/events?colour=red").statusCode())
                    .isEqualTo(400);
            assertThat(new String(get(collector, "/api/v1/verify").body(), StandardCharsets.UTF_8))
                    .contains("\"holds\":true");
            assertThat(new String(get(collector, "/metrics").body(), StandardCharsets.UTF_8))
                    .contains("kiroku_collector_audit_events_total 1.0");
        }
    }

    @Test
    void bodiesAreBoundedAndWhatIsNoEventListIsRefused() throws Exception {
        try (Collector collector = start()) {
            int port = collector.httpPort();
            assertThat(post(port, Events.list(Events.deletion("a", 1, "a", "n", "p")), "text/plain")
                            .statusCode())
                    .as("what a page in a browser may post")
                    .isEqualTo(415);
            HttpResponse<String> malformed = post(port, "{\"kind\":\"List\"}".getBytes(StandardCharsets.UTF_8), JSON);
            assertThat(malformed.statusCode()).isEqualTo(400);
            assertThat(malformed.body()).contains("{\"error\":\"expected kind EventList of audit.k8s.io/v1, found");
            List<String> many = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                many.add(Events.deletion("id-" + i, i, "alice", "shop", "web".repeat(5_000)));
            }
            byte[] large = Events.list(many);
            assertThat(large).as("more than one segment holds").hasSizeGreaterThan(5 << 20);
            assertThat(post(port, large, JSON).body()).isEqualTo("{\"events\":400}");
            assertThat(events(collector, "").events()).hasSize(400);
            assertThat(statusOf(port, "POST", "/api/v1/audit", new byte[EventList.MOST_BODY + (1 << 20)]))
                    .isIn(413, BROKEN_OFF);
            assertThat(statusOf(port, "GET", "/api/v1/gaps", new byte[100_000]))
                    .as("other places take no more than before")
                    .isIn(413, BROKEN_OFF);
            assertThat(statusOf(port, "GET", "/api/v1/gaps", new byte[1_000])).isEqualTo(200);
            assertThat(new String(get(collector, "/metrics").body(), StandardCharsets.UTF_8))
                    .contains("kiroku_collector_audit_bodies_refused_total 1.0");
        }
    }

    private int statusOf(int port, String method, String path, byte[] body) throws Exception {
        try {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(port, path)))
                                    .version(HttpClient.Version.HTTP_1_1)
                                    .header("Content-Type", JSON)
                                    .method(method, BodyPublishers.ofByteArray(body))
                                    .build(),
                            BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException early) {
            // The client was still sending when it was told to go.
            return BROKEN_OFF;
        }
    }

    @Test
    void whatCannotBeKeptIsNotAcknowledgedAndToBeSentAgain() throws Exception {
        AuditIntake intake = new AuditIntake(_ -> {
            throw new IOException("no space left on device");
        });
        Server server = Server.builder()
                .http(ANY)
                .decorator(Gate.open(_ -> {}, InstantSource.system()))
                .annotatedService(new AuditApi(directory, intake, InstantSource.system()))
                .build();
        server.start().join();
        try {
            HttpResponse<String> response =
                    post(server.activeLocalPort(), Events.list(Events.deletion("a", 1, "a", "n", "p")), JSON);
            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(response.headers().firstValue("retry-after")).hasValue("1");
            assertThat(response.body()).doesNotContain("device");
            assertThat(intake.counts()).isEqualTo(new AuditIntake.Counts(0, 0, 0, 1));
        } finally {
            server.stop().join();
        }
    }

    @Test
    void aCertificateOfTheSendersAuthoritiesSendsAndNothingElse() throws Exception {
        TestAuthority senders = new TestAuthority("senders");
        TlsKeyPair server = TlsKeyPair.ofSelfSigned("localhost");
        Path tls = Files.createDirectories(directory.resolve("tls"));
        Files.writeString(
                tls.resolve("tls.crt"),
                pem("CERTIFICATE", server.certificateChain().getFirst().getEncoded()));
        Files.writeString(
                tls.resolve("tls.key"), pem("PRIVATE KEY", server.privateKey().getEncoded()));
        Path ca = senders.write(directory.resolve("senders"), senders.issue("unused"));
        Files.copy(ca.resolve("ca.crt"), tls.resolve("senders.crt"));
        Path tokens = Files.writeString(directory.resolve("tokens"), "");
        AccessConfig access = new AccessConfig(Optional.of(tokens), Optional.empty(), false, false, Optional.of(tls));
        try (Collector collector = Collector.start(
                new CollectorConfig(directory.resolve("data"), ANY, ANY, LogConfig.ALONE, Optional.empty(), access))) {
            HttpClient sender = client(server, senders.issue("kube-apiserver"));
            assertThat(secure(sender, collector, "POST", "/api/v1/audit")).isEqualTo(200);
            for (String path : List.of("/api/v1/audit/events", "/api/v1/sources", "/checkpoint", "/metrics")) {
                assertThat(secure(sender, collector, "GET", path)).as(path).isEqualTo(401);
            }
            assertThat(secure(client(server, null), collector, "POST", "/api/v1/audit"))
                    .isEqualTo(401);
            assertThat(secure(client(server, null), collector, "GET", "/healthz"))
                    .isEqualTo(200);
            HttpClient stranger = client(server, new TestAuthority("others").issue("kube-apiserver"));
            assertThatThrownBy(() -> secure(stranger, collector, "POST", "/api/v1/audit"))
                    .isInstanceOf(IOException.class);
        }
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(what, Base64.getMimeEncoder().encodeToString(der), what);
    }

    private static HttpClient client(TlsKeyPair server, TestAuthority.@Nullable Issued own) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", server.certificateChain().getFirst());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own == null ? null : new KeyManager[] {new Insistent(own)}, trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private static int secure(HttpClient client, Collector collector, String method, String path) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("https://localhost:%d%s".formatted(collector.httpPort(), path)));
        if (method.equals("POST")) {
            request.header("Content-Type", JSON)
                    .POST(BodyPublishers.ofByteArray(Events.list(Events.deletion("a", 1, "a", "n", "p"))));
        }
        return client.send(request.build(), BodyHandlers.discarding()).statusCode();
    }

    /** Shows its certificate whoever is asked for. */
    private static final class Insistent extends X509ExtendedKeyManager {
        private static final String ALIAS = "own";
        private final TestAuthority.Issued own;

        private Insistent(TestAuthority.Issued own) {
            this.own = own;
        }

        @Override
        public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
            return ALIAS;
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return ALIAS;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {own.certificate()};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return own.key().getPrivate();
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public @Nullable String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return null;
        }
    }
}
