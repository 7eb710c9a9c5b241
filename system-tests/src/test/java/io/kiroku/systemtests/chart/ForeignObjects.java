package io.kiroku.systemtests.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;

/** Objects of kinds that Kubernetes itself does not have: cert-manager's and the Prometheus operator's. */
final class ForeignObjects {
    /** By kind: its version, and the fields of its specification that the chart may use, as their documentation has them. */
    private static final Map<String, Known> KNOWN = Map.of(
            "Issuer",
            new Known("cert-manager.io/v1", Set.of("selfSigned", "ca")),
            "Certificate",
            new Known(
                    "cert-manager.io/v1",
                    Set.of(
                            "isCA",
                            "commonName",
                            "dnsNames",
                            "secretName",
                            "duration",
                            "renewBefore",
                            "privateKey",
                            "issuerRef",
                            "usages")),
            "ServiceMonitor",
            new Known("monitoring.coreos.com/v1", Set.of("selector", "endpoints")),
            "PrometheusRule",
            new Known("monitoring.coreos.com/v1", Set.of("groups")));

    private record Known(String version, Set<String> fields) {}

    private ForeignObjects() {}

    static boolean areOf(Map<String, Object> object) {
        return KNOWN.containsKey(String.valueOf(object.get("kind")));
    }

    static void assertKnown(Map<String, Object> object) {
        Known known = KNOWN.getOrDefault(String.valueOf(object.get("kind")), new Known("", Set.of()));
        assertThat(object.get("apiVersion")).isEqualTo(known.version());
        assertThat(object.keySet()).containsExactlyInAnyOrder("apiVersion", "kind", "metadata", "spec");
        assertThat(known.fields())
                .as("fields of %s %s", object.get("kind"), Chart.name(object))
                .containsAll(((Map<?, ?>) Chart.at(object, "spec"))
                        .keySet().stream().map(String::valueOf).toList());
    }
}
