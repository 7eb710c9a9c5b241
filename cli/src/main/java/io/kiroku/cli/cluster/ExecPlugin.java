package io.kiroku.cli.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs a credential plugin: a program that a kubeconfig names, told by {@code KUBERNETES_EXEC_INFO} what is wanted, that prints an
 * ExecCredential ({@code client.authentication.k8s.io/v1} or {@code v1beta1}). It has {@link #PATIENCE}, for somebody may have to
 * log in in a browser, and {@link #MOST_OUTPUT} bytes; what it says on standard error is seen as it is said.
 */
final class ExecPlugin {
    static final Duration PATIENCE = Duration.ofMinutes(3);
    static final int MOST_OUTPUT = 1 << 20;

    private static final String GROUP = "client.authentication.k8s.io/";

    private final KubeContext context;
    private final KubeContext.Exec exec;
    private final Invocation invocation;

    ExecPlugin(KubeContext context, KubeContext.Exec exec, Invocation invocation) {
        this.context = context;
        this.exec = exec;
        this.invocation = invocation;
    }

    Credentials run() throws ClusterException {
        if (!exec.apiVersion().equals(GROUP + "v1") && !exec.apiVersion().equals(GROUP + "v1beta1")) {
            throw new ClusterException("expected %sv1 or v1beta1 as apiVersion of exec in the kubeconfig, found \"%s\""
                    .formatted(GROUP, exec.apiVersion()));
        }
        return credential(output(start()));
    }

    private Process start() throws ClusterException {
        List<String> words = new ArrayList<>();
        // As kubectl does: a path with a slash in it is from the kubeconfig's directory, a bare name from the PATH.
        boolean isPath = exec.command().contains("/");
        words.add(isPath ? exec.directory().resolve(exec.command()).toString() : exec.command());
        words.addAll(exec.arguments());
        boolean asks = exec.mayAsk() && invocation.isTerminal();
        ProcessBuilder builder = new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectInput(
                        asks ? ProcessBuilder.Redirect.INHERIT : ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.environment().clear();
        builder.environment().putAll(invocation.environment());
        builder.environment().putAll(exec.environment());
        builder.environment().put("KUBERNETES_EXEC_INFO", info(asks).toString());
        try {
            return builder.start();
        } catch (IOException failure) {
            String hint = exec.installHint().strip().replaceAll("\\R+", " ");
            throw new ClusterException(
                    "the credential plugin %s of user \"%s\" cannot be run%s%s"
                            .formatted(
                                    exec.command(),
                                    context.user().name(),
                                    hint.isEmpty() ? ": is it installed?" : ": ",
                                    hint),
                    failure);
        }
    }

    private ObjectNode info(boolean asks) {
        ObjectNode info = JsonNodeFactory.instance
                .objectNode()
                .put("apiVersion", exec.apiVersion())
                .put("kind", "ExecCredential");
        ObjectNode spec = info.putObject("spec").put("interactive", asks);
        if (exec.provideClusterInfo()) {
            KubeContext.Cluster cluster = context.cluster();
            ObjectNode told =
                    spec.putObject("cluster").put("server", cluster.server().toString());
            cluster.serverName().ifPresent(name -> told.put("tls-server-name", name));
            cluster.proxy().ifPresent(proxy -> told.put("proxy-url", proxy.toString()));
            if (cluster.insecure()) {
                told.put("insecure-skip-tls-verify", true);
            }
            cluster.ca()
                    .ifPresent(ca -> told.put(
                            "certificate-authority-data",
                            Base64.getEncoder().encodeToString(ca.text().getBytes(StandardCharsets.ISO_8859_1))));
        }
        return info;
    }

    private byte[] output(Process process) throws ClusterException {
        CompletableFuture<byte[]> read = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (InputStream out = process.getInputStream()) {
                read.complete(out.readNBytes(MOST_OUTPUT + 1));
            } catch (IOException failure) {
                read.completeExceptionally(failure);
            }
        });
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            byte[] output = read.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
            if (output.length > MOST_OUTPUT) {
                throw failed("has printed more than %d bytes".formatted(MOST_OUTPUT));
            }
            if (!process.waitFor(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                throw failed("has not ended within %d seconds".formatted(PATIENCE.toSeconds()));
            }
            if (process.exitValue() != 0) {
                throw failed("has failed with exit status %d".formatted(process.exitValue()));
            }
            return output;
        } catch (TimeoutException late) {
            throw failed("has not ended within %d seconds".formatted(PATIENCE.toSeconds()));
        } catch (ExecutionException unreadable) {
            throw failed("cannot be read: " + unreadable.getMessage());
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
            throw failed("was interrupted");
        } finally {
            process.destroyForcibly();
        }
    }

    private ClusterException failed(String what) {
        return new ClusterException("the credential plugin %s of user \"%s\" %s"
                .formatted(exec.command(), context.user().name(), what));
    }

    private Credentials credential(byte[] output) throws ClusterException {
        JsonNode printed;
        try {
            printed = new ObjectMapper().readTree(output);
        } catch (JsonProcessingException noJson) {
            throw failed("has not printed JSON");
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        String version = text(printed, "apiVersion");
        if (!text(printed, "kind").equals("ExecCredential") || !version.equals(exec.apiVersion())) {
            throw failed("has not printed an ExecCredential of " + exec.apiVersion());
        }
        JsonNode status = printed.path("status");
        String expires = text(status, "expirationTimestamp");
        if (!expires.isEmpty() && !isAfterNow(expires)) {
            throw failed("has printed a credential that expired at " + expires);
        }
        Optional<KubeContext.Pem> certificate = pem(status, "clientCertificateData");
        Optional<KubeContext.Pem> key = pem(status, "clientKeyData");
        String token = text(status, "token");
        if (certificate.isPresent() != key.isPresent() || (token.isEmpty() && certificate.isEmpty())) {
            throw failed("has printed neither a token nor a certificate with its key");
        }
        return new Credentials(Optional.of(token), certificate, key);
    }

    private static String text(JsonNode node, String field) {
        String text = node.path(field).textValue();
        return text == null ? "" : text;
    }

    private boolean isAfterNow(String expires) throws ClusterException {
        try {
            return Instant.parse(expires).isAfter(invocation.clock().instant());
        } catch (DateTimeParseException noTime) {
            throw failed("has printed \"%s\" as expirationTimestamp".formatted(expires));
        }
    }

    private Optional<KubeContext.Pem> pem(JsonNode status, String field) {
        String text = text(status, field);
        return text.isEmpty()
                ? Optional.empty()
                : Optional.of(new KubeContext.Pem("%s of %s".formatted(field, exec.command()), text));
    }
}
