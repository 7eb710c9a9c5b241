package io.kiroku.cli.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.websocket.WebSocketService;
import io.kiroku.tls.Pem;
import io.kiroku.tls.TestAuthority;
import io.netty.handler.ssl.ClientAuth;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * As much of a cluster's API server as a kubectl plugin and a collector ask: Services, Pods, ConfigMaps and Secrets that were put,
 * TokenRequest, TokenReview, SubjectAccessReview, and port forwards that really forward ({@link Forwarding}). Over HTTPS, on loopback,
 * with callers who are known by token or certificate.
 */
public final class PretendApiServer implements AutoCloseable {
    /** What a token that was made by TokenRequest begins with. */
    public static final String MADE = "made-for-";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final TestAuthority authority = new TestAuthority("cluster");
    private final Map<String, String> tokens = new ConcurrentHashMap<>();
    private final Map<String, ObjectNode> objects = new ConcurrentHashMap<>();
    private final Set<String> forbidden = ConcurrentHashMap.newKeySet();
    private final Set<String> readers = ConcurrentHashMap.newKeySet();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final Forwarding forwarding = new Forwarding();
    private final Server server;
    private final String url;

    /** @param hosts what its certificate is for, such as 127.0.0.1 */
    public PretendApiServer(String... hosts) {
        TestAuthority.Issued own = authority.issue("api", hosts);
        ServerBuilder builder = Server.builder()
                .https(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .tls(TlsKeyPair.of(own.key().getPrivate(), own.certificate()))
                .tlsCustomizer(ssl -> ssl.clientAuth(ClientAuth.OPTIONAL).trustManager(authority.certificate()));
        WebSocketService forwards = WebSocketService.builder(forwarding)
                .subprotocols("v4.channel.k8s.io")
                .allowedOrigins("*")
                .build();
        builder.route()
                .path("/api/v1/namespaces/{namespace}/pods/{pod}/portforward")
                .decorator((delegate, context, request) -> {
                    String namespace = String.valueOf(context.pathParam("namespace"));
                    HttpResponse refusal = refusal(context, "get", "pods/portforward", namespace);
                    return refusal != null
                            ? refusal
                            : objects.containsKey("pods/%s/%s".formatted(namespace, context.pathParam("pod")))
                                    ? delegate.serve(context, request)
                                    : status(404, "pods not found");
                })
                .build(forwards);
        builder.serviceUnder(
                "/",
                (context, request) -> HttpResponse.of(
                        request.aggregate().thenApply(whole -> answer(context, whole.method(), whole.contentUtf8()))));
        this.server = builder.build();
        server.start().join();
        this.url = "https://127.0.0.1:" + server.activeLocalPort();
    }

    public TestAuthority authority() {
        return authority;
    }

    public String url() {
        return url;
    }

    /** From now on that token is that user's. */
    public void know(String token, String user) {
        tokens.put(token, user);
    }

    /** From now on nobody may do that, such as {@code list services} or {@code list services kiroku}. */
    public void forbid(String what) {
        forbidden.add(what);
    }

    /** From now on that user may get {@code pods/log} in that namespace. */
    public void letRead(String user, String namespace) {
        readers.add(user + " " + namespace);
    }

    /** Ports of pods lead there. */
    public void leadPort(int port, int to) {
        forwarding.lead(port, to);
    }

    /** Forwards are passed on to the URL of a streaming server that is asked for each, by the pod's port. */
    public void passForwardsOn(IntFunction<URI> url) {
        forwarding.passOn(url);
    }

    /** What was asked, method and path with query. */
    public List<String> asked() {
        return new ArrayList<>(asked);
    }

    /** Connections that are forwarded now. */
    public int forwards() {
        return forwarding.open();
    }

    /** A collector as the chart installs it, whose HTTPS port leads to that port of loopback. */
    public void installCollector(String namespace, String name, TestAuthority certifiedBy, int port)
            throws IOException {
        put("services", namespace, name, """
            {"metadata": {"labels": {"app.kubernetes.io/part-of": "kiroku", "app.kubernetes.io/component": "collector"}},
             "spec": {"selector": {"app.kubernetes.io/instance": "%s"},
                      "ports": [{"name": "agents", "port": 4470, "targetPort": "agents"},
                                {"name": "https", "port": 4480, "targetPort": "https"}]}}
            """.formatted(name));
        put("pods", namespace, name + "-0", """
            {"metadata": {"labels": {"app.kubernetes.io/instance": "%s"}},
             "spec": {"containers": [{"ports": [{"name": "agents", "containerPort": 4470},
                                                {"name": "https", "containerPort": 4480}]}]},
             "status": {"conditions": [{"type": "Initialized", "status": "True"}, {"type": "Ready", "status": "True"}]}}
            """.formatted(name));
        ObjectNode ca = JSON.createObjectNode();
        ca.putObject("data").put("ca.crt", pem(certifiedBy.certificate()));
        put("configmaps", namespace, name + "-ca", ca.toString());
        forwarding.lead(4480, port);
    }

    /** From now on there is that object. */
    public void put(String resource, String namespace, String name, String json) throws IOException {
        ObjectNode object = (ObjectNode) JSON.readTree(json);
        object.withObject("/metadata").put("name", name).put("namespace", namespace);
        objects.put("%s/%s/%s".formatted(resource, namespace, name), object);
    }

    /** From now on it is gone. */
    public void remove(String resource, String namespace, String name) {
        objects.remove("%s/%s/%s".formatted(resource, namespace, name));
    }

    /** A kubeconfig with one context for it. */
    public String kubeconfig(String context, String namespace, String user) throws IOException {
        return """
            apiVersion: v1
            kind: Config
            current-context: %s
            clusters:
            - name: pretend
              cluster:
                server: %s
                certificate-authority-data: %s
            contexts:
            - name: %s
              context: {cluster: pretend, user: me, namespace: %s}
            users:
            - name: me
              user: %s
            """.formatted(context, url(), base64(pem(authority.certificate())), context, namespace, user);
    }

    /** A user who shows a certificate. */
    public String userWithCertificate(String name) throws IOException {
        TestAuthority.Issued issued = authority.issue(name);
        return "{client-certificate-data: %s, client-key-data: %s}"
                .formatted(
                        base64(pem(issued.certificate())),
                        base64(new String(Pem.of(issued.key().getPrivate()), StandardCharsets.US_ASCII)));
    }

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    static String pem(X509Certificate certificate) throws IOException {
        return new String(Pem.of(List.of(certificate)), StandardCharsets.US_ASCII);
    }

    private @Nullable String user(ServiceRequestContext context) {
        String header = context.request().headers().get("authorization", "");
        if (header.startsWith("Bearer ")) {
            return tokens.get(header.substring("Bearer ".length()));
        }
        try {
            var session = context.sslSession();
            return session == null
                    ? null
                    : ((X509Certificate) session.getPeerCertificates()[0])
                            .getSubjectX500Principal()
                            .getName()
                            .replace("CN=", "");
        } catch (SSLPeerUnverifiedException nobody) {
            return null;
        }
    }

    private @Nullable HttpResponse refusal(
            ServiceRequestContext context, String verb, String resource, String namespace) {
        String user = user(context);
        if (user == null) {
            return status(401, "Unauthorized");
        }
        String what = "%s %s %s".formatted(verb, resource, namespace).strip();
        return forbidden.contains(what) ? status(403, "User \"%s\" cannot %s".formatted(user, what)) : null;
    }

    private static HttpResponse status(int code, String message) {
        return json(
                code,
                JSON.createObjectNode()
                        .put("kind", "Status")
                        .put("message", message)
                        .put("code", code));
    }

    private static HttpResponse json(int code, JsonNode json) {
        return HttpResponse.of(HttpStatus.valueOf(code), MediaType.JSON, json.toString());
    }

    private HttpResponse answer(ServiceRequestContext context, HttpMethod method, String body) {
        String path = context.path();
        asked.add(method + " " + path + (context.query() == null ? "" : "?" + context.query()));
        try {
            if (method == HttpMethod.POST) {
                return posted(context, path, (ObjectNode) JSON.readTree(body));
            }
            List<String> parts = List.of(path.substring(1).split("/", -1));
            boolean named = parts.size() > 3 && parts.get(2).equals("namespaces");
            String namespace = named ? parts.get(3) : "";
            int at = named ? 4 : 2;
            if (parts.size() <= at || !path.startsWith("/api/v1/")) {
                return status(404, "not found");
            }
            boolean isList = parts.size() == at + 1;
            HttpResponse refusal = refusal(context, isList ? "list" : "get", parts.get(at), namespace);
            if (refusal != null) {
                return refusal;
            }
            return isList
                    ? list(parts.get(at), namespace, Optional.ofNullable(context.queryParam("labelSelector")))
                    : Optional.ofNullable(
                                    objects.get("%s/%s/%s".formatted(parts.get(at), namespace, parts.get(at + 1))))
                            .map(object -> json(200, object))
                            .orElseGet(() -> status(404, "not found"));
        } catch (IOException noJson) {
            return status(400, String.valueOf(noJson.getMessage()));
        }
    }

    private HttpResponse list(String resource, String namespace, Optional<String> selector) {
        ObjectNode list = JSON.createObjectNode().put("kind", "List");
        var items = list.putArray("items");
        objects.forEach((key, object) -> {
            JsonNode labels = object.path("metadata").path("labels");
            boolean matches = selector.isEmpty()
                    || List.of(selector.get().split(",", -1)).stream()
                            .allMatch(one -> one.equals(one.split("=", -1)[0] + "="
                                    + labels.path(one.split("=", -1)[0]).asText()));
            if (matches && key.startsWith(resource + "/" + (namespace.isEmpty() ? "" : namespace + "/"))) {
                items.add(object);
            }
        });
        return json(200, list);
    }

    private HttpResponse posted(ServiceRequestContext context, String path, ObjectNode body) {
        String user = user(context);
        if (user == null) {
            return status(401, "Unauthorized");
        }
        ObjectNode status = body.putObject("status");
        if (path.endsWith("/tokenreviews")) {
            String reviewed = tokens.get(body.path("spec").path("token").asText());
            status.put("authenticated", reviewed != null);
            if (reviewed != null) {
                status.putObject("user").put("username", reviewed);
            }
        } else if (path.endsWith("/subjectaccessreviews")) {
            JsonNode spec = body.path("spec");
            JsonNode wanted = spec.path("resourceAttributes");
            status.put(
                    "allowed",
                    readers.contains(spec.path("user").asText() + " "
                                    + wanted.path("namespace").asText())
                            && wanted.path("subresource").asText().equals("log")
                            && wanted.path("resource").asText().equals("pods"));
        } else if (path.matches("/api/v1/namespaces/[^/]+/serviceaccounts/[^/]+/token")) {
            String[] parts = path.split("/", -1);
            String account = parts[4] + ":" + parts[6];
            if (forbidden.contains("create serviceaccounts/token " + parts[4])) {
                return status(403, "serviceaccounts \"%s\" is forbidden".formatted(parts[6]));
            }
            tokens.put(MADE + account, "system:serviceaccount:" + account);
            status.put("token", MADE + account);
        } else {
            return status(404, "not found");
        }
        return json(201, body);
    }

    @Override
    public void close() {
        forwarding.close();
        server.close();
    }
}
