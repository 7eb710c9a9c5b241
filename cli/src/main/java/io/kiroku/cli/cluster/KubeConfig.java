package io.kiroku.cli.cluster;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * kubeconfig files, read as kubectl reads them: {@code --kubeconfig} alone, else those of {@code KUBECONFIG}, of which some may be
 * missing, else {@code ~/.kube/config}. Of what several files have, the first one's counts. Relative paths are from the file
 * that has them. Without any file, in a pod, the service account of the pod.
 */
public final class KubeConfig {
    /** The environment's variable that names the files. */
    public static final String VARIABLE = "KUBECONFIG";

    private static final int MOST_BYTES = 4 << 20;
    private static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    /** What a file says of something, and where the file lies. */
    private record Entry(YamlNode node, Path directory) {}

    private final Map<String, Entry> clusters = new LinkedHashMap<>();
    private final Map<String, Entry> users = new LinkedHashMap<>();
    private final Map<String, Entry> contexts = new LinkedHashMap<>();
    private Optional<String> current = Optional.empty();

    private KubeConfig() {}

    /**
     * The context of that name, or the current one.
     *
     * @param named the file that was named, which has to be there
     * @param home the user's directory
     * @throws ClusterException with one sentence if there is none, or it is not whole
     */
    public static KubeContext context(
            Optional<Path> named, Optional<String> name, Map<String, String> environment, Path home)
            throws ClusterException {
        List<Path> files = files(named, environment, home);
        if (files.isEmpty()) {
            Optional<KubeContext> pod = name.isPresent() ? Optional.empty() : ofPod(environment, ACCOUNT);
            return pod.orElseThrow(() -> new ClusterException(
                    "no kubeconfig: expected one in %s, in %s or named with --kubeconfig FILE; kubectl needs it, too"
                            .formatted(home.resolve(".kube/config"), VARIABLE)));
        }
        KubeConfig config = new KubeConfig();
        for (Path file : files) {
            config.add(file);
        }
        return config.context(name, files);
    }

    private static List<Path> files(Optional<Path> named, Map<String, String> environment, Path home) {
        if (named.isPresent()) {
            return List.of(named.get());
        }
        String variable = environment.getOrDefault(VARIABLE, "");
        List<Path> files = new ArrayList<>();
        if (variable.isEmpty()) {
            files.add(home.resolve(".kube/config"));
        }
        for (String file : variable.split(":", -1)) {
            if (!file.isEmpty()) {
                files.add(Path.of(file));
            }
        }
        return files.stream().filter(Files::exists).toList();
    }

    private void add(Path file) throws ClusterException {
        YamlNode node = YamlNode.parse(file.toString(), read(file));
        Path directory = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
        index(node, "clusters", "cluster", directory, clusters);
        index(node, "users", "user", directory, users);
        index(node, "contexts", "context", directory, contexts);
        if (current.isEmpty()) {
            current = node.text("current-context");
        }
    }

    private static void index(YamlNode node, String list, String what, Path directory, Map<String, Entry> all)
            throws ClusterException {
        for (YamlNode one : node.nodes(list)) {
            Optional<String> name = one.text("name");
            if (name.isPresent()) {
                all.putIfAbsent(name.get(), new Entry(one.at(what), directory));
            }
        }
    }

    private KubeContext context(Optional<String> wanted, List<Path> files) throws ClusterException {
        String there = contexts.isEmpty() ? "none" : String.join(", ", contexts.keySet());
        if (wanted.isEmpty() && current.isEmpty()) {
            throw new ClusterException(
                    "no current context in %s: name one with --context; there are: %s".formatted(named(files), there));
        }
        String name = wanted.or(() -> current).orElseThrow();
        Entry context = contexts.get(name);
        if (context == null) {
            throw new ClusterException("no context \"%s\" in %s; there are: %s".formatted(name, named(files), there));
        }
        String clusterName = required(context, "cluster", name);
        Entry cluster = clusters.get(clusterName);
        if (cluster == null) {
            throw new ClusterException("context \"%s\" is of cluster \"%s\", and there is no such cluster in %s"
                    .formatted(name, clusterName, named(files)));
        }
        Optional<String> userName = context.node().text("user");
        Entry user = userName.isEmpty()
                ? new Entry(new YamlNode("no user", Map.of()), context.directory())
                : users.get(userName.get());
        if (user == null) {
            throw new ClusterException("context \"%s\" is of user \"%s\", and there is no such user in %s"
                    .formatted(name, userName.orElse(""), named(files)));
        }
        return new KubeContext(
                name,
                context.node().text("namespace").orElse("default"),
                cluster(clusterName, cluster),
                user(userName.orElse(""), user));
    }

    private static String named(List<Path> files) {
        return String.join(", ", files.stream().map(Path::toString).toList());
    }

    private static String required(Entry entry, String field, String name) throws ClusterException {
        Optional<String> value = entry.node().text(field);
        return value.orElseThrow(() ->
                new ClusterException("expected %s for \"%s\" in the kubeconfig, found none".formatted(field, name)));
    }

    private static KubeContext.Cluster cluster(String name, Entry entry) throws ClusterException {
        YamlNode node = entry.node();
        return new KubeContext.Cluster(
                url("server", required(entry, "server", name), "https?"),
                pem(entry, "certificate-authority"),
                node.flag("insecure-skip-tls-verify"),
                node.text("tls-server-name"),
                proxy(node));
    }

    private static Optional<URI> proxy(YamlNode node) throws ClusterException {
        Optional<String> proxy = node.text("proxy-url");
        return proxy.isEmpty() ? Optional.empty() : Optional.of(url("proxy-url", proxy.get(), "http"));
    }

    private static URI url(String field, String text, String schemes) throws ClusterException {
        try {
            URI url = new URI(text.replaceFirst("/+$", ""));
            if (url.getScheme() != null && url.getScheme().matches(schemes) && url.getHost() != null) {
                return url;
            }
        } catch (URISyntaxException noUrl) {
            // The same as one of another scheme.
        }
        throw new ClusterException("expected a URL of %s for %s in the kubeconfig, found \"%s\""
                .formatted(schemes.equals("http") ? "http" : "http or https", field, text));
    }

    private static KubeContext.User user(String name, Entry entry) throws ClusterException {
        YamlNode node = entry.node();
        for (String dropped : List.of("auth-provider", "username")) {
            if (node.has(dropped)) {
                throw new ClusterException(
                        "user \"%s\" has %s in the kubeconfig, which Kubernetes takes no more: expected a token, a certificate or exec"
                                .formatted(name, dropped));
            }
        }
        if (node.has("as")) {
            throw new ClusterException(
                    "user \"%s\" acts as somebody else (\"as\" in the kubeconfig), which a collector does not know: choose another context with --context"
                            .formatted(name));
        }
        Optional<String> tokenFile = node.text("tokenFile");
        return new KubeContext.User(
                name,
                node.text("token"),
                tokenFile.map(file -> entry.directory().resolve(file)),
                pem(entry, "client-certificate"),
                pem(entry, "client-key"),
                node.has("exec") ? Optional.of(exec(name, node.at("exec"), entry.directory())) : Optional.empty());
    }

    private static KubeContext.Exec exec(String user, YamlNode node, Path directory) throws ClusterException {
        Map<String, String> environment = new LinkedHashMap<>();
        for (YamlNode variable : node.nodes("env")) {
            environment.put(
                    variable.text("name").orElse(""), variable.text("value").orElse(""));
        }
        environment.remove("");
        Optional<String> command = node.text("command");
        if (command.isEmpty()) {
            throw new ClusterException(
                    "expected a command for exec of user \"%s\" in the kubeconfig, found none".formatted(user));
        }
        return new KubeContext.Exec(
                node.text("apiVersion").orElse(""),
                command.get(),
                node.texts("args"),
                environment,
                directory,
                node.flag("provideClusterInfo"),
                !node.text("interactiveMode").orElse("IfAvailable").equals("Never"),
                node.text("installHint").orElse(""));
    }

    /** {@code NAME-data} in base64, which counts, or the file {@code NAME}. */
    private static Optional<KubeContext.Pem> pem(Entry entry, String field) throws ClusterException {
        Optional<String> data = entry.node().text(field + "-data");
        if (data.isPresent()) {
            try {
                byte[] bytes = Base64.getDecoder().decode(data.get().replaceAll("\\s", ""));
                return Optional.of(new KubeContext.Pem(
                        field + "-data of the kubeconfig", new String(bytes, StandardCharsets.ISO_8859_1)));
            } catch (IllegalArgumentException noBase64) {
                throw new ClusterException("expected base64 for %s-data in the kubeconfig".formatted(field));
            }
        }
        Optional<String> file = entry.node().text(field);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        Path path = entry.directory().resolve(file.get());
        return Optional.of(new KubeContext.Pem(path.toString(), read(path)));
    }

    /** The account of the pod that this runs in, if it does. */
    static Optional<KubeContext> ofPod(Map<String, String> environment, Path account) throws ClusterException {
        String host = environment.getOrDefault("KUBERNETES_SERVICE_HOST", "");
        String port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
        Path token = account.resolve("token");
        if (host.isEmpty() || !Files.exists(token)) {
            return Optional.empty();
        }
        Path ca = account.resolve("ca.crt");
        Path namespace = account.resolve("namespace");
        return Optional.of(new KubeContext(
                "in-cluster",
                Files.exists(namespace) ? read(namespace).strip() : "default",
                new KubeContext.Cluster(
                        url(
                                "the API server",
                                "https://%s:%s".formatted(host.contains(":") ? "[" + host + "]" : host, port),
                                "https"),
                        Files.exists(ca) ? Optional.of(new KubeContext.Pem(ca.toString(), read(ca))) : Optional.empty(),
                        false,
                        Optional.empty(),
                        Optional.empty()),
                new KubeContext.User(
                        "the pod's service account",
                        Optional.empty(),
                        Optional.of(token),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())));
    }

    /** A file's text. */
    static String read(Path file) throws ClusterException {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new ClusterException(
                        "expected at most %d bytes in %s, found %d".formatted(MOST_BYTES, file, Files.size(file)));
            }
            byte[] bytes = Files.readAllBytes(file);
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (NoSuchFileException missing) {
            throw new ClusterException("no such file: " + file, missing);
        } catch (IOException failure) {
            throw new ClusterException("%s cannot be read: %s".formatted(file, failure.getMessage()), failure);
        }
    }
}
