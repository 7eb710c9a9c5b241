package io.kiroku.cli.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A collector's Service, and a ready pod behind it.
 *
 * @param port of the pod, for HTTPS
 * @param ca who has certified it, in PEM, if the cluster says so
 */
record CollectorService(String namespace, String name, String pod, int port, Optional<KubeContext.Pem> ca) {
    /** Where the chart is installed, if nobody says otherwise. */
    static final String DEFAULT_NAMESPACE = "kiroku";

    /** As the chart labels it. */
    static final String LABELS = "app.kubernetes.io/part-of=kiroku,app.kubernetes.io/component=collector";

    private static final String HTTPS = "https";

    /** The name that its certificate has. */
    String host() {
        return "%s.%s.svc".formatted(name, namespace);
    }

    /**
     * Finds it.
     *
     * @param namespace where; everywhere if empty, or in {@link #DEFAULT_NAMESPACE} if the user may not look everywhere
     * @param name only the Service of that name
     * @throws ClusterException with one sentence if there is none, or more than one, or it may not be looked at
     */
    static CollectorService find(ApiServer server, Optional<String> namespace, Optional<String> name)
            throws ClusterException {
        JsonNode service = service(server, namespace, name);
        String itsNamespace = text(service.path("metadata"), "namespace");
        String itsName = text(service.path("metadata"), "name");
        String of = itsNamespace + "/" + itsName;
        JsonNode port = null;
        for (JsonNode one : service.path("spec").path("ports")) {
            if (text(one, "name").equals(HTTPS)) {
                port = one;
            }
        }
        if (port == null) {
            throw new ClusterException("expected a port called %s of service %s, found none".formatted(HTTPS, of));
        }
        JsonNode pod = pod(server, service, itsNamespace, of);
        return new CollectorService(
                itsNamespace,
                itsName,
                text(pod.path("metadata"), "name"),
                targetPort(port, pod, of),
                ca(server, itsNamespace, itsName));
    }

    private static JsonNode service(ApiServer server, Optional<String> namespace, Optional<String> name)
            throws ClusterException {
        String query = "/services?labelSelector=" + encoded(LABELS);
        Optional<String> looked = namespace;
        ApiServer.Answer answer = server.get(
                namespace.map(where -> "/api/v1/namespaces/" + encoded(where)).orElse("/api/v1") + query);
        if (answer.status() == 403 && namespace.isEmpty()) {
            looked = Optional.of(DEFAULT_NAMESPACE);
            answer = server.get("/api/v1/namespaces/" + DEFAULT_NAMESPACE + query);
        }
        if (answer.status() == 403) {
            throw new ClusterException(
                    "user \"%s\" may not look for a collector in namespace %s; name another with --collector-namespace, or have the role kiroku-collector-caller bound there"
                            .formatted(server.context().user().name(), looked.orElse(DEFAULT_NAMESPACE)));
        }
        require(answer, server, "list services");
        List<JsonNode> found = new ArrayList<>();
        for (JsonNode one : answer.body().path("items")) {
            if (name.isEmpty() || name.get().equals(text(one.path("metadata"), "name"))) {
                found.add(one);
            }
        }
        String where = looked.map(one -> "namespace " + one).orElse("any namespace");
        if (found.isEmpty()) {
            throw new ClusterException("no collector%s in %s of context \"%s\" (a service with the labels %s)"
                    .formatted(
                            name.map(one -> " " + one).orElse(""),
                            where,
                            server.context().name(),
                            LABELS));
        }
        if (found.size() > 1) {
            throw new ClusterException(
                    "several collectors in %s: %s; choose one with --collector-namespace or --collector-service"
                            .formatted(
                                    where,
                                    found.stream()
                                            .map(one -> text(one.path("metadata"), "namespace") + "/"
                                                    + text(one.path("metadata"), "name"))
                                            .sorted()
                                            .collect(Collectors.joining(", "))));
        }
        return found.getFirst();
    }

    private static JsonNode pod(ApiServer server, JsonNode service, String namespace, String of)
            throws ClusterException {
        List<String> selector = new ArrayList<>();
        service.path("spec")
                .path("selector")
                .properties()
                .forEach(label ->
                        selector.add(label.getKey() + "=" + label.getValue().asText()));
        if (selector.isEmpty()) {
            throw new ClusterException("service %s selects no pods".formatted(of));
        }
        ApiServer.Answer answer = server.get("/api/v1/namespaces/%s/pods?labelSelector=%s"
                .formatted(encoded(namespace), encoded(String.join(",", selector))));
        require(answer, server, "list pods in namespace " + namespace);
        for (JsonNode pod : answer.body().path("items")) {
            if (isReady(pod)) {
                return pod;
            }
        }
        int there = answer.body().path("items").size();
        throw new ClusterException("no pod of the collector %s is ready: there %s %d; see kubectl -n %s get pods"
                .formatted(of, there == 1 ? "is" : "are", there, namespace));
    }

    private static boolean isReady(JsonNode pod) {
        if (!text(pod.path("metadata"), "deletionTimestamp").isEmpty()) {
            return false;
        }
        for (JsonNode condition : pod.path("status").path("conditions")) {
            if (text(condition, "type").equals("Ready")) {
                return text(condition, "status").equals("True");
            }
        }
        return false;
    }

    /** A Service's target is a number, or what a port of the pod is called; none is the port itself. */
    private static int targetPort(JsonNode port, JsonNode pod, String of) throws ClusterException {
        JsonNode target = port.path("targetPort");
        if (!target.isTextual()) {
            return target.asInt(port.path("port").asInt());
        }
        for (JsonNode container : pod.path("spec").path("containers")) {
            for (JsonNode one : container.path("ports")) {
                if (text(one, "name").equals(target.textValue())) {
                    return one.path("containerPort").asInt();
                }
            }
        }
        throw new ClusterException("the pod of service %s has no port called %s".formatted(of, target.textValue()));
    }

    /** From the ConfigMap that everybody may read who may call, or else from the Secret, for those who may read that. */
    private static Optional<KubeContext.Pem> ca(ApiServer server, String namespace, String name)
            throws ClusterException {
        String path = "/api/v1/namespaces/%s/".formatted(encoded(namespace));
        ApiServer.Answer map = server.get(path + "configmaps/" + encoded(name + "-ca"));
        String pem = map.isGood() ? text(map.body().path("data"), "ca.crt") : "";
        if (!pem.isEmpty()) {
            return Optional.of(new KubeContext.Pem("ConfigMap %s/%s-ca".formatted(namespace, name), pem));
        }
        ApiServer.Answer secret = server.get(path + "secrets/" + encoded(name + "-tls"));
        String data = secret.isGood() ? text(secret.body().path("data"), "ca.crt") : "";
        if (data.isEmpty()) {
            return Optional.empty();
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(data);
            return Optional.of(new KubeContext.Pem(
                    "Secret %s/%s-tls".formatted(namespace, name), new String(bytes, StandardCharsets.ISO_8859_1)));
        } catch (IllegalArgumentException noBase64) {
            throw new ClusterException("expected base64 in Secret %s/%s-tls".formatted(namespace, name), noBase64);
        }
    }

    private static void require(ApiServer.Answer answer, ApiServer server, String what) throws ClusterException {
        if (!answer.isGood()) {
            throw new ClusterException("the API server of context \"%s\" does not let user \"%s\" %s: %s"
                    .formatted(server.context().name(), server.context().user().name(), what, answer.message()));
        }
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    static String text(JsonNode node, String field) {
        String text = node.path(field).textValue();
        return text == null ? "" : text;
    }
}
