package io.kiroku.cli;

import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku audit webhook-config}. */
@Command(
        name = "webhook-config",
        description = {
            "Writes the kubeconfig file that an API server is given with --audit-webhook-config-file, so that it sends",
            "what it audits to a collector. It shows itself by a token of role sender (kiroku token create)."
        })
final class AuditWebhookConfigCommand implements Callable<Integer> {
    private static final int MOST_BYTES = 1 << 20;

    @ParentCommand
    private AuditCommand parent;

    @Option(
            names = "--collector",
            paramLabel = "URL",
            required = true,
            description = "the collector, as the API server reaches it: https://collector.example.com:4480")
    private String collector;

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description =
                    "the authorities (PEM) of the collector's certificate (default: those of the API server's system)")
    private @Nullable Path ca;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "a file with the token, which is written into it")
    private @Nullable Path tokenFile;

    @Option(
            names = "--client-certificate",
            paramLabel = "PATH",
            description = {
                "instead of a token a certificate of the authorities in senders.crt: its path on the API server's",
                "machine, with --client-key"
            })
    private @Nullable String clientCertificate;

    @Option(names = "--client-key", paramLabel = "PATH", description = "the path of its key there")
    private @Nullable String clientKey;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "where to write it, for its owner alone; it must not be there yet (default: standard output)")
    private @Nullable Path output;

    @Override
    public Integer call() throws IOException, CommandException {
        String config = config();
        if (output == null) {
            parent.kiroku().terminal().out().print(config);
            return 0;
        }
        try (OutputStream out = Files.newOutputStream(
                Files.createFile(
                        output, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))),
                StandardOpenOption.WRITE)) {
            out.write(config.getBytes(StandardCharsets.UTF_8));
        }
        return 0;
    }

    private String config() throws IOException, CommandException {
        URI url = RemoteOptions.url(collector);
        if (!CollectorClient.isSafe(url)) {
            throw CommandException.misuse(
                    "audit events and a token go to https or to this machine alone, and %s is neither".formatted(url));
        }
        if ((clientCertificate == null) != (clientKey == null) || (clientKey != null && tokenFile != null)) {
            throw CommandException.misuse(
                    "expected --token-file, or --client-certificate and --client-key, found a part or both");
        }
        StringBuilder yaml = new StringBuilder();
        yaml.append("apiVersion: v1\nkind: Config\nclusters:\n  - name: kiroku\n    cluster:\n");
        yaml.append("      server: ").append(quoted(url + "/api/v1/audit")).append('\n');
        if (ca != null) {
            byte[] pem = small(ca);
            if (!new String(pem, StandardCharsets.ISO_8859_1).contains("-----BEGIN CERTIFICATE-----")) {
                throw CommandException.misuse("--ca: expected certificates in PEM in %s, found none".formatted(ca));
            }
            yaml.append("      certificate-authority-data: ")
                    .append(Base64.getEncoder().encodeToString(pem))
                    .append('\n');
        }
        yaml.append("users:\n  - name: api-server\n    user:");
        if (tokenFile != null) {
            yaml.append("\n      token: ").append(quoted(token(tokenFile))).append('\n');
        } else if (clientCertificate != null && clientKey != null) {
            yaml.append("\n      client-certificate: ").append(quoted(clientCertificate));
            yaml.append("\n      client-key: ").append(quoted(clientKey)).append('\n');
        } else {
            yaml.append(" {}\n");
        }
        yaml.append("contexts:\n  - name: kiroku\n    context:\n      cluster: kiroku\n      user: api-server\n");
        yaml.append("current-context: kiroku\n");
        return yaml.toString();
    }

    private static String token(Path file) throws IOException, CommandException {
        String token = new String(small(file), StandardCharsets.UTF_8).strip();
        if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw CommandException.misuse("expected one token in %s, found something else".formatted(file));
        }
        return token;
    }

    private static byte[] small(Path file) throws IOException, CommandException {
        if (Files.size(file) > MOST_BYTES) {
            throw CommandException.misuse(
                    "expected at most %d bytes in %s, found %d".formatted(MOST_BYTES, file, Files.size(file)));
        }
        return Files.readAllBytes(file);
    }

    /** A text of JSON is one of YAML. */
    private static String quoted(String text) {
        return TextNode.valueOf(text).toString();
    }
}
