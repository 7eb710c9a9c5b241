package io.kiroku.systemtests.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Helm itself takes the chart, and Kubernetes would take what comes of it. */
final class ChartTest {
    private static final Path GOLDEN = Chart.ROOT.resolve("system-tests/src/test/resources/chart");
    private static final Path FULL = GOLDEN.resolve("full-values.yaml");

    /** Values that are chosen between, each with what it may be. */
    private static final Map<String, List<String>> CHOICES = Map.ofEntries(
            Map.entry("tls.source", List.of("helm", "certManager")),
            Map.entry("enrolment.by", List.of("token", "none")),
            Map.entry("agent.hostNetwork", List.of("false", "true")),
            Map.entry("agent.priorityQuota", List.of("false", "true")),
            Map.entry("networkPolicy.enabled", List.of("true", "false")),
            Map.entry("podDisruptionBudget.enabled", List.of("true", "false")),
            Map.entry("collector.access.tokensSecret", List.of("", "callers")),
            Map.entry("collector.witnesses", List.of("", "quorum none")),
            Map.entry("monitoring.serviceMonitor.enabled", List.of("false", "true")),
            Map.entry("monitoring.prometheusRule.enabled", List.of("false", "true")),
            Map.entry("monitoring.dashboard.enabled", List.of("false", "true")));

    private PretendCluster cluster;

    @BeforeEach
    void startCluster() throws IOException {
        cluster = new PretendCluster();
    }

    @AfterEach
    void endCluster() {
        cluster.close();
    }

    @Test
    void lintFindsNothing() {
        LintResult result = new Helm(Chart.DIRECTORY).lint().strict().call();
        assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
    }

    @Test
    void everyObjectOfEveryPairOfChoicesIsOneThatKubernetesKnows() {
        for (Map<String, String> values : pairs()) {
            List<Map<String, Object>> objects = Chart.objects(values);
            assertThat(objects).as("%s", values).hasSizeGreaterThan(6);
            for (Map<String, Object> object : objects) {
                assertKnown(values, object);
            }
            assertThat(objects.stream().map(object -> object.get("kind") + " " + Chart.name(object)))
                    .doesNotHaveDuplicates();
        }
    }

    private static void assertKnown(Object values, Map<String, Object> object) {
        if (ForeignObjects.areOf(object)) {
            ForeignObjects.assertKnown(object);
            return;
        }
        try {
            Chart.kubernetes(object);
        } catch (IllegalArgumentException unknown) {
            throw new AssertionError("%s with %s".formatted(Chart.name(object), values), unknown);
        }
    }

    /** So many sets of values that any two choices of two values meet in one of them. */
    private static List<Map<String, String>> pairs() {
        List<Map<String, String>> sets = new ArrayList<>();
        List<String> names = CHOICES.keySet().stream().sorted().toList();
        // Bit b of the value's number decides in set 2b, and its opposite in set 2b + 1; two numbers differ in one bit
        // at least.
        for (int bit = -1; bit < 4; bit++) {
            for (int flip = 0; flip < 2; flip++) {
                Map<String, String> values = new LinkedHashMap<>();
                for (int i = 0; i < names.size(); i++) {
                    int chosen = (bit < 0 ? 0 : i >> bit & 1) ^ flip;
                    values.put(
                            names.get(i),
                            CHOICES.getOrDefault(names.get(i), List.of()).get(chosen));
                }
                sets.add(values);
            }
        }
        return sets;
    }

    @Test
    void unknownFieldsAreNotTaken() {
        Map<String, Object> object = Chart.find(Chart.objects(Map.of()), "DaemonSet", "-agent");
        uncheckedMap(Chart.at(object, "spec", "template", "spec")).put("hostNetwrok", true);
        assertThatThrownBy(() -> Chart.kubernetes(object)).hasMessageContaining("hostNetwrok");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> uncheckedMap(Object map) {
        return (Map<String, Object>) map;
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "full"})
    void whatIsInstalledIsAsItWas(String name) throws IOException {
        Path golden = GOLDEN.resolve(name + ".yaml");
        String rendered = Chart.render(name.equals("full") ? List.of(FULL) : List.of(), Map.of())
                .replaceAll("((?:ca\\.crt|tls\\.crt|tls\\.key): )[A-Za-z0-9+/=]{40,}", "$1MADE")
                .replaceAll("-----BEGIN CERTIFICATE-----[^\"]*", "MADE");
        for (Map<String, Object> object : Chart.parse(rendered)) {
            assertKnown(name, object);
        }
        if (Boolean.getBoolean("kiroku.golden.write")) {
            Files.writeString(golden, rendered);
        }
        assertThat(rendered)
                .as("what Helm renders; -Dkiroku.golden.write=true writes it to %s", golden)
                .isEqualTo(Files.readString(golden));
    }

    @ParameterizedTest
    @CsvSource({
        "agent.ringFull, drop",
        "agent.ringSize, much",
        "agent.rinSize, 1GiB",
        "agent.stateDir, var/lib",
        "collector.access.kubernetes, false",
        "collector.access.callers, everybody",
        "collector.access.oidc.issuer, https://login.example.com",
        "image.digest, latest",
        "enrolment.by, password",
        "enrolment.by, code",
        "enrolment.certificateLife, long",
        "tls.source, none",
        "tls.source, secrets"
    })
    void valuesThatCannotBeAreRefused(String name, String value) {
        assertThatThrownBy(() -> Chart.objects(Map.of(name, value)))
                .hasMessageContaining(name.substring(name.indexOf('.') + 1).replaceFirst("\\..*", ""));
    }

    @Test
    void certificatesOfTheChartsOwnFitTogetherAndAreKeptByAnUpgrade() throws Exception {
        Map<String, String> shared = Map.of("enrolment.by", "none");
        List<Map<String, Object>> first = Chart.objects(shared);
        Map<String, Object> collector = Chart.find(first, "Secret", "collector-tls");
        Map<String, Object> agent = Chart.find(first, "Secret", "agent-tls");
        X509Certificate authority = certificate(collector, "ca.crt");
        certificate(collector, "tls.crt").verify(authority.getPublicKey());
        certificate(agent, "tls.crt").verify(authority.getPublicKey());
        assertThat(Chart.at(agent, "data", "ca.crt")).isEqualTo(Chart.at(collector, "data", "ca.crt"));
        String host = Chart.arguments(Chart.find(first, "DaemonSet", "-agent")).stream()
                .filter(argument -> argument.startsWith("--collector="))
                .findFirst()
                .orElseThrow()
                .replaceAll("--collector=|:4470", "");
        assertThat(certificate(collector, "tls.crt").getSubjectAlternativeNames())
                .as("names of the collector")
                .anySatisfy(name -> assertThat(name.get(1)).isEqualTo(host));
        assertThat(Chart.at(agent, "metadata", "annotations", "helm.sh/resource-policy"))
                .isEqualTo("keep");

        assertThat(Chart.at(Chart.find(first, "ConfigMap", "collector-ca"), "data", "ca.crt"))
                .as("what callers are told")
                .isEqualTo(pem(collector));

        cluster.put(Chart.name(collector), Serialization.asJson(Chart.kubernetes(collector)));
        assertThat(Chart.at(
                        Chart.find(Chart.objects(Map.of("tls.source", "certManager")), "ConfigMap", "collector-ca"),
                        "data",
                        "ca.crt"))
                .as("that of others is known once there is one")
                .isEqualTo(pem(collector));
        assertThat(Chart.find(Chart.objects(shared), "Secret", "agent-tls").get("data"))
                .as("one of two alone would not fit to a new one")
                .isNotEqualTo(agent.get("data"));
        cluster.put(Chart.name(agent), Serialization.asJson(Chart.kubernetes(agent)));
        List<Map<String, Object>> second = Chart.objects(shared);
        assertThat(Chart.find(second, "Secret", "agent-tls").get("data")).isEqualTo(agent.get("data"));
        assertThat(Chart.find(second, "Secret", "collector-tls").get("data")).isEqualTo(collector.get("data"));
        List<Map<String, Object>> enrolled = Chart.objects(Map.of());
        assertThat(Chart.find(enrolled, "Secret", "collector-tls").get("data"))
                .as("where agents are enrolled its own is enough")
                .isEqualTo(collector.get("data"));
        assertThat(enrolled.stream()
                        .filter(object -> "Secret".equals(object.get("kind")))
                        .map(Chart::name))
                .containsExactly(Chart.name(collector));
    }

    private static String pem(Map<String, Object> secret) {
        return new String(
                Base64.getDecoder()
                        .decode(((Secret) Chart.kubernetes(secret)).getData().get("ca.crt")),
                StandardCharsets.US_ASCII);
    }

    private static X509Certificate certificate(Map<String, Object> object, String file) throws Exception {
        String pem = ((Secret) Chart.kubernetes(object)).getData().get(file);
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(
                        new ByteArrayInputStream(Base64.getDecoder().decode(pem)));
    }
}
