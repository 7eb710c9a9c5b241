package io.kiroku.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KubeConfigTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

    private static final String CONFIG = """
        apiVersion: v1
        kind: Config
        current-context: %1$s
        clusters: [{name: %1$s, cluster: {server: "https://%1$s.example.com/k8s/", certificate-authority: ca.pem}}]
        contexts:
        - {name: %1$s, context: {cluster: %1$s, user: %1$s, namespace: shop}}
        - {name: shared, context: {cluster: %1$s, user: %1$s}}
        users: [{name: %1$s, user: %2$s}]
        """;

    @TempDir
    private Path directory;

    private Path write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private KubeContext read(String kubeconfig, Optional<String> context) throws ClusterException {
        return KubeConfig.context(
                Optional.empty(), context, Map.of(KubeConfig.VARIABLE, kubeconfig), directory.resolve("home"));
    }

    @Test
    void ofSeveralFilesTheFirstCounts() throws Exception {
        write("a/ca.pem", "of a");
        write("b/ca.pem", "of b");
        Path a = write("a/config", CONFIG.formatted("a", "{tokenFile: token}"));
        Path b = write("b/config", CONFIG.formatted("b", "{token: 0123456789}"));
        String both = "%s:%s:%s".formatted(a, directory.resolve("missing"), b);
        KubeContext current = read(both, Optional.empty());
        assertThat(current.name()).isEqualTo("a");
        assertThat(current.namespace()).isEqualTo("shop");
        assertThat(current.cluster().server()).hasToString("https://a.example.com/k8s");
        assertThat(current.cluster().ca().orElseThrow().text()).isEqualTo("of a");
        assertThat(current.user().tokenFile()).contains(directory.resolve("a/token"));
        KubeContext other = read(both, Optional.of("b"));
        assertThat(other.cluster().ca().orElseThrow().text()).isEqualTo("of b");
        assertThat(other.user().token()).as("digits are no number").contains("0123456789");
        KubeContext shared = read(both, Optional.of("shared"));
        assertThat(shared.cluster().server()).hasToString("https://a.example.com/k8s");
        assertThat(shared.namespace()).isEqualTo("default");
        assertThat(KubeConfig.context(Optional.of(b), Optional.empty(), Map.of(), directory)
                        .name())
                .isEqualTo("b");
        write("home/.kube/ca.pem", "of home");
        write("home/.kube/config", CONFIG.formatted("home", "{}"));
        assertThat(read("", Optional.empty()).name()).isEqualTo("home");
    }

    @Test
    void aPodHasItsAccount() throws Exception {
        write("account/token", "secret");
        write("account/ca.crt", "pem");
        write("account/namespace", "shop\n");
        KubeContext pod = KubeConfig.ofPod(
                        Map.of("KUBERNETES_SERVICE_HOST", "fd00::1", "KUBERNETES_SERVICE_PORT", "6443"),
                        directory.resolve("account"))
                .orElseThrow();
        assertThat(pod.cluster().server()).hasToString("https://[fd00::1]:6443");
        assertThat(pod.namespace()).isEqualTo("shop");
        assertThat(KubeConfig.ofPod(Map.of(), directory.resolve("account"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        clusters: {                                   | expected YAML in
        clusters: text                                | expected a list for clusters in
        - one                                         | expected a mapping in
        users: null                                   | no current context in
        current-context: x                            | no context "x" in
        current-context: x#contexts: [{name: x, context: {cluster: c}}] | context "x" is of cluster "c", and there is no such cluster in
        current-context: x#contexts: [{name: x, context: {user: u}}] | expected cluster for "x" in the kubeconfig, found none
        current-context: x#contexts: [{name: x, context: {cluster: c}}]#clusters: [{name: c, cluster: {server: c.example.com}}] | expected a URL of http or https for server in the kubeconfig, found "c.example.com"
        current-context: x#contexts: [{name: x, context: {cluster: c, user: u}}]#clusters: [{name: c, cluster: {server: "https://c"}}] | context "x" is of user "u", and there is no such user in
        current-context: x#contexts: [{name: x, context: {cluster: c, user: u}}]#clusters: [{name: c, cluster: {server: "https://c"}}]#users: [{name: u, user: {as: root}}] | user "u" acts as somebody else
        current-context: x#contexts: [{name: x, context: {cluster: c, user: u}}]#clusters: [{name: c, cluster: {server: "https://c"}}]#users: [{name: u, user: {username: u}}] | user "u" has username in the kubeconfig, which Kubernetes takes no more
        current-context: x#contexts: [{name: x, context: {cluster: c, user: u}}]#clusters: [{name: c, cluster: {server: "https://c"}}]#users: [{name: u, user: {client-key-data: "%"}}] | expected base64 for client-key-data in the kubeconfig
        """)
    void whatIsNotWholeIsSaidInASentence(String text, String sentence) throws IOException {
        Path file = write("config", text.replace("#", "\n"));
        assertThatThrownBy(() -> read(file.toString(), Optional.empty()))
                .isInstanceOf(ClusterException.class)
                .hasMessageStartingWith(sentence)
                .hasMessageNotContaining("\n");
    }

    @Test
    void damagedFilesAreSaidToBeSo() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String whole = CONFIG.formatted("a", "{exec: {command: x, args: [y], env: [{name: n, value: v}]}}");
        write("ca.pem", "pem");
        for (int i = 0; i < 3000; i++) {
            StringBuilder text = new StringBuilder(whole);
            for (int change = random.nextInt(4); change >= 0; change--) {
                int at = random.nextInt(text.length());
                text.replace(
                        at,
                        Math.min(text.length(), at + random.nextInt(3)),
                        "{}[]:&*!-\n\t\"'ax".substring(random.nextInt(14)));
            }
            Path file = write("config", text.toString());
            try {
                assertThat(read(file.toString(), Optional.empty()).name()).isNotNull();
            } catch (ClusterException said) {
                assertThat(said.getMessage()).as("seed %d", seed).isNotBlank();
            }
        }
    }

    private Credentials plugin(String script) throws IOException, ClusterException {
        Path program = write("plugin", "#!/bin/sh\n" + script);
        assertThat(program.toFile().setExecutable(true)).isTrue();
        write("ca.pem", "pem");
        Path file = write("config", CONFIG.formatted("a", """
            {exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ./plugin, installHint: "get it"}}\
            """));
        return Credentials.of(
                read(file.toString(), Optional.empty()), new Invocation(Map.of(), false, InstantSource.fixed(NOW)));
    }

    private static String credential(String status) {
        return "echo '{\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"kind\":\"ExecCredential\",\"status\":%s}'"
                .formatted(status);
    }

    @Test
    void credentialPluginsAreBoundedAndChecked() throws Exception {
        assertThat(plugin(credential("{\"token\":\"t\"}")).token()).contains("t");
        assertThat(plugin(credential("{\"clientCertificateData\":\"c\",\"clientKeyData\":\"k\",\"token\":null}"))
                        .certificate())
                .isPresent();
        String expired = NOW.minus(Duration.ofSeconds(1)).toString();
        Map.of(
                        credential("{\"token\":\"t\",\"expirationTimestamp\":\"" + expired + "\"}"),
                        "has printed a credential that expired at " + expired,
                        credential("{}"),
                        "has printed neither a token nor a certificate with its key",
                        "exit 3",
                        "has failed with exit status 3",
                        "echo {",
                        "has not printed JSON",
                        "echo '{}'",
                        "has not printed an ExecCredential of client.authentication.k8s.io/v1beta1",
                        "exec yes",
                        "has printed more than 1048576 bytes")
                .forEach((script, sentence) -> assertThatThrownBy(() -> plugin(script))
                        .as(script)
                        .hasMessage("the credential plugin ./plugin of user \"a\" " + sentence));
        Files.delete(directory.resolve("plugin"));
        assertThatThrownBy(() -> Credentials.of(
                        read(directory.resolve("config").toString(), Optional.empty()),
                        new Invocation(Map.of(), false, InstantSource.fixed(NOW))))
                .hasMessage("the credential plugin ./plugin of user \"a\" cannot be run: get it");
    }
}
