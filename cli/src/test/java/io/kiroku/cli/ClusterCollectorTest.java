package io.kiroku.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.cluster.PretendApiServer;
import io.kiroku.collector.Collector;
import io.kiroku.collector.config.AccessConfig;
import io.kiroku.collector.config.CollectorConfig;
import io.kiroku.collector.config.LogConfig;
import io.kiroku.tls.TestAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Commands that find a real collector in a pretended cluster, through ports that are really forwarded. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterCollectorTest {
    private static final String LINE = "2026-03-01T10:00:01.5Z stdout F %s\n";
    private static final String PODS = "pods/";
    private static final String SERVICE = "kiroku-collector";
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final TestAuthority authority = new TestAuthority("kiroku");
    private Path place = Path.of("");
    private String token = "";
    private Collector collector;
    private PretendApiServer api;
    private Path kubeconfig = place;

    @BeforeAll
    void startCollector(@TempDir Path directory) throws IOException {
        place = directory;
        write(PODS + "shop_web-1_8f0c/app/0.log", LINE.formatted("bought"));
        write(PODS + "default_web-1_77aa/app/0.log", LINE.formatted("not of the context's namespace"));
        Path data = place.resolve("data");
        Console.Result up = new Console()
                .run(
                        "up",
                        "--data",
                        data.toString(),
                        "--pod-logs",
                        place.resolve(PODS).toString(),
                        "--once",
                        "--any-port",
                        "--node",
                        "node-1",
                        "--ring-size",
                        "16MiB");
        assertThat(up.status()).as("%s", up).isZero();
        Path tokens = place.resolve("tokens");
        token = new Console()
                .run(
                        "token",
                        "create",
                        "--name",
                        "alice",
                        "--role",
                        "reader,auditor",
                        "--scope",
                        "*",
                        "--tokens",
                        tokens.toString())
                .out()
                .strip();
        Path tls = authority.write(
                Files.createDirectories(place.resolve("tls")), authority.issue("collector", SERVICE + ".kiroku.svc"));
        collector = Collector.start(new CollectorConfig(
                data,
                ANY_PORT,
                ANY_PORT,
                LogConfig.ALONE,
                Optional.empty(),
                new AccessConfig(Optional.of(tokens), Optional.empty(), false, false, Optional.of(tls))));
    }

    @AfterAll
    void endCollector() {
        collector.close();
    }

    @BeforeEach
    void startCluster() throws IOException {
        api = new PretendApiServer("127.0.0.1");
        api.know(token, "alice");
        api.installCollector("kiroku", SERVICE, authority, collector.httpPort());
        kubeconfig = config("{token: %s}".formatted(token));
    }

    @AfterEach
    void endCluster() {
        api.close();
    }

    private void write(String name, String content) throws IOException {
        Path file = place.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private Path config(String user) throws IOException {
        return Files.writeString(place.resolve("config"), api.kubeconfig("test", "shop", user));
    }

    private Console.Result run(String... arguments) {
        return new Console()
                .with(Map.of("TERM", "dumb", "KUBECONFIG", kubeconfig.toString()))
                .run(arguments);
    }

    private String sentence(String... arguments) {
        Console.Result result = run(arguments);
        assertThat(result.status()).as("%s", result).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().lines()).hasSize(1);
        return result.err().strip().replace(api.url(), "<api>");
    }

    @Test
    void logsAreReadThroughAForwardedPort() {
        Console.Result result = run("logs", "--context", "test", "web-1");
        assertThat(result.status()).as("%s", result).isZero();
        assertThat(result.out()).isEqualTo("bought\n");
        assertThat(run("logs", "--context", "test", "web-1", "-n", "default").out())
                .isEqualTo("not of the context's namespace\n");
        assertThat(run("sources", "--context", "test").out()).contains("shop/web-1", "default/web-1");
        assertThat(run("gaps", "--context", "test", "web-1").err()).isEqualTo("No loss is declared.\n");
        assertThat(run("verify", "--context", "test").out())
                .startsWith("https://kiroku-collector.kiroku.svc:4480: a collector, as it says itself\n")
                .contains("  integrity     holds");
        assertThat(api.asked()).contains("GET /api/v1/namespaces/kiroku/configmaps/kiroku-collector-ca");
        assertThat(api.asked()).noneMatch(asked -> asked.contains("secrets"));
    }

    @Test
    void thePluginNeedsNoOptionAndSpeaksOfKubectl() {
        System.setProperty("kiroku.command", "kubectl kiroku");
        try {
            assertThat(run("logs", "pod/web-1").out()).isEqualTo("bought\n");
            assertThat(run("verify").status()).isZero();
            assertThat(run("logs").err())
                    .contains("kubectl kiroku sources lists what there is", "Try 'kubectl kiroku logs --help'.");
            assertThat(run("logs", "--help").out()).startsWith("kubectl kiroku logs ");
            assertThat(run("sources", "--data", place.resolve("data").toString())
                            .status())
                    .isZero();
        } finally {
            System.clearProperty("kiroku.command");
        }
    }

    @Test
    void theAuthorityIsReadOfTheSecretByThoseWhoMay() throws IOException {
        api.remove("configmaps", "kiroku", SERVICE + "-ca");
        assertThat(sentence("sources", "--context", "test"))
                .contains("does not answer: ", "; --ca PEM names who may have certified it");
        Path ca = place.resolve("tls/ca.crt");
        assertThat(run("sources", "--context", "test", "--ca", ca.toString()).status())
                .isZero();
        api.put(
                "secrets",
                "kiroku",
                SERVICE + "-tls",
                "{\"data\": {\"ca.crt\": \"%s\"}}"
                        .formatted(java.util.Base64.getEncoder().encodeToString(Files.readAllBytes(ca))));
        assertThat(run("sources", "--context", "test").status()).isZero();
    }

    /** A certificate of the same authority, for another name: whoever has it gets no token. */
    @Test
    void nobodyElseIsShownTheToken() throws IOException {
        api.installCollector("elsewhere", SERVICE, authority, collector.httpPort());
        assertThat(sentence("sources", "--context", "test", "--collector-namespace", "elsewhere"))
                .startsWith("kiroku: the collector at https://kiroku-collector.elsewhere.svc:4480 does not answer: ")
                .contains("No subject alternative DNS name matching kiroku-collector.elsewhere.svc");
        api.installCollector("kiroku", SERVICE, new TestAuthority("another"), collector.httpPort());
        assertThat(sentence("sources", "--context", "test", "--collector-namespace", "kiroku"))
                .contains("does not answer: ", "unable to find valid certification path");
    }

    @Test
    void whatIsNotThereIsSaid() throws IOException {
        kubeconfig = place.resolve("missing");
        assertThat(sentence("sources", "--collector-namespace", "kiroku"))
                .matches("kiroku: no kubeconfig: expected one in .*/.kube/config, in KUBECONFIG or named with"
                        + " --kubeconfig FILE; kubectl needs it, too");
        assertThat(sentence("sources", "--kubeconfig", kubeconfig.toString()))
                .isEqualTo("kiroku: no such file: " + kubeconfig);
        kubeconfig = place.resolve("config");
        assertThat(sentence("sources", "--context", "prod"))
                .isEqualTo("kiroku: no context \"prod\" in %s; there are: test".formatted(kubeconfig));
        assertThat(sentence("sources", "--context", "test", "--collector-namespace", "shop"))
                .isEqualTo("kiroku: no collector in namespace shop of context \"test\" (a service with the labels"
                        + " app.kubernetes.io/part-of=kiroku,app.kubernetes.io/component=collector)");
        api.installCollector("audit", SERVICE, authority, collector.httpPort());
        assertThat(sentence("sources", "--context", "test"))
                .isEqualTo(
                        "kiroku: several collectors in any namespace: audit/kiroku-collector, kiroku/kiroku-collector;"
                                + " choose one with --collector-namespace or --collector-service");
        api.put("pods", "audit", SERVICE + "-0", """
            {"metadata": {"labels": {"app.kubernetes.io/instance": "kiroku-collector"}}, "status": {"conditions": [{"type": "Ready", "status": "False"}]}}\
            """);
        assertThat(sentence("sources", "--context", "test", "--collector-namespace", "audit"))
                .isEqualTo("kiroku: no pod of the collector audit/kiroku-collector is ready: there is 1; see kubectl -n"
                        + " audit get pods");
    }

    @Test
    void whatIsForbiddenIsSaid() throws IOException {
        api.forbid("list services");
        assertThat(run("sources", "--context", "test").status())
                .as("then it is looked for where the chart is installed")
                .isZero();
        api.forbid("get pods/portforward kiroku");
        assertThat(sentence("sources", "--context", "test"))
                .isEqualTo("kiroku: user \"me\" may not forward ports to pod kiroku/kiroku-collector-0: it takes the"
                        + " verbs get and create for pods/portforward, which the role kiroku-collector-caller has");
        api.forbid("list services kiroku");
        assertThat(sentence("sources", "--context", "test"))
                .isEqualTo("kiroku: user \"me\" may not look for a collector in namespace kiroku; name another with"
                        + " --collector-namespace, or have the role kiroku-collector-caller bound there");
        kubeconfig = config("{token: expired}");
        assertThat(sentence("sources", "--context", "test"))
                .isEqualTo("kiroku: the API server <api> does not know user \"me\" of context \"test\": the token or"
                        + " certificate has expired or is not its own; log in again");
    }

    @Test
    void whoDoesNotAnswerIsNamed() throws IOException {
        int nobody;
        try (ServerSocket socket = new ServerSocket(0)) {
            nobody = socket.getLocalPort();
        }
        api.leadPort(4480, nobody);
        assertThat(sentence("sources", "--context", "test"))
                .startsWith("kiroku: the port 4480 of pod kiroku/kiroku-collector-0 cannot be reached: cannot forward"
                        + " port 4480: ");
        api.close();
        assertThat(sentence("sources", "--context", "test"))
                .isEqualTo(
                        "kiroku: the API server <api> of context \"test\" does not answer: the connection was refused");
    }

    @Test
    void aCertificateIsNoTokenForACollector() throws IOException {
        kubeconfig = config(api.userWithCertificate("admin"));
        assertThat(sentence("sources", "--context", "test"))
                .isEqualTo("kiroku: user \"me\" of context \"test\" has no token, and a collector knows callers by"
                        + " tokens: name a service account with --service-account NAMESPACE:NAME, or a token of"
                        + " kubectl create token with --token-file");
        Path file = Files.writeString(place.resolve("alice.token"), token);
        assertThat(run("sources", "--context", "test", "--token-file", file.toString())
                        .status())
                .isZero();
        // The collector of this test knows no service accounts, and says so itself.
        assertThat(sentence("sources", "--context", "test", "--service-account", "developer"))
                .doesNotContain("does not answer");
        assertThat(api.asked()).contains("POST /api/v1/namespaces/shop/serviceaccounts/developer/token");
        api.forbid("create serviceaccounts/token pay");
        assertThat(sentence("sources", "--context", "test", "--service-account", "pay:developer"))
                .isEqualTo("kiroku: no token is to be had for service account pay:developer: serviceaccounts"
                        + " \"developer\" is forbidden");
    }

    @Test
    void aCredentialPluginIsRun() throws IOException {
        Path plugin = Files.writeString(place.resolve("login"), """
            #!/bin/sh
            printf '%s' "$KUBERNETES_EXEC_INFO" >"$OUTPUT"
            printf '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",'
            printf '"status": {"token": "%s", "expirationTimestamp": "2099-01-01T00:00:00Z"}}' "$1"
            """);
        assertThat(plugin.toFile().setExecutable(true)).isTrue();
        Path told = place.resolve("told");
        kubeconfig = config("""
            {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./login, args: [%s], interactiveMode: Never,
                    provideClusterInfo: true, env: [{name: OUTPUT, value: %s}]}}\
            """.formatted(token, told));
        assertThat(run("logs", "--context", "test", "web-1").out()).isEqualTo("bought\n");
        assertThat(Files.readString(told))
                .contains("\"kind\":\"ExecCredential\"", "\"interactive\":false", "\"server\":\"" + api.url() + "\"");
    }
}
