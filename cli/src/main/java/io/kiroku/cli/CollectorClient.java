package io.kiroku.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kiroku.collector.access.Call;
import io.kiroku.collector.custody.CustodyJson;
import io.kiroku.collector.custody.CustodyReport;
import io.kiroku.collector.custody.CustodyRequest;
import io.kiroku.collector.query.GapRequest;
import io.kiroku.collector.query.GapsJson;
import io.kiroku.collector.query.LogFrames;
import io.kiroku.collector.query.LogOutput;
import io.kiroku.collector.query.LogParameters;
import io.kiroku.collector.query.LogRequest;
import io.kiroku.collector.query.LostBytes;
import io.kiroku.collector.query.ReportJson;
import io.kiroku.collector.query.Source;
import io.kiroku.collector.query.SourcesJson;
import io.kiroku.evidence.verify.Report;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Asks a collector over HTTP. */
final class CollectorClient implements AutoCloseable {
    private static final Duration TO_CONNECT = Duration.ofSeconds(10);
    private static final int MOST_ANSWER = 256 << 20;

    private final URI base;
    private final CallerOptions.Introduction introduction;
    private final HttpClient client;

    CollectorClient(URI base, CallerOptions.Introduction introduction) throws CommandException {
        this.base = base;
        this.introduction = introduction;
        if (introduction.token().isPresent() && !isSafe(base)) {
            throw CommandException.misuse(
                    "a token goes to https or to this machine alone, and %s is neither".formatted(base));
        }
        HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(TO_CONNECT);
        if (introduction.ca().isPresent()) {
            builder.sslContext(trusting(introduction.ca().get()));
        }
        this.client = builder.build();
    }

    private static boolean isSafe(URI base) {
        return "https".equals(base.getScheme()) || base.getHost().matches("localhost|127(\\.[0-9]{1,3}){3}|\\[::1]");
    }

    private static SSLContext trusting(Path pem) throws CommandException {
        try (InputStream in = Files.newInputStream(pem)) {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                trusted.setCertificateEntry("ca" + number++, certificate);
            }
            if (number == 0) {
                throw CommandException.misuse("--ca: expected certificates in PEM in %s, found none".formatted(pem));
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance("PKIX");
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException failure) {
            throw CommandException.failure("--ca: " + Failures.sentence(failure));
        }
    }

    List<Source> sources() throws IOException, InterruptedException, CommandException {
        return SourcesJson.read(whole("/api/v1/sources"));
    }

    List<LostBytes> gaps(GapRequest request) throws IOException, InterruptedException, CommandException {
        return GapsJson.read(whole("/api/v1/gaps?" + request.write()));
    }

    CustodyReport custody(CustodyRequest request) throws IOException, InterruptedException, CommandException {
        return CustodyJson.read(whole("/api/v1/custody?" + request.write()));
    }

    Report verify() throws IOException, InterruptedException, CommandException {
        return ReportJson.read(whole("/api/v1/verify"));
    }

    /** Returns false if not all that was asked for could be shown. */
    boolean logs(LogRequest request, LogOutput out) throws IOException, InterruptedException, CommandException {
        try (InputStream body = get("/api/v1/logs?" + LogParameters.write(request), LogFrames.MEDIA_TYPE)) {
            return LogFrames.read(body, out);
        }
    }

    private byte[] whole(String path) throws IOException, InterruptedException, CommandException {
        try (InputStream body = get(path, "application/json")) {
            byte[] bytes = body.readNBytes(MOST_ANSWER + 1);
            if (bytes.length > MOST_ANSWER) {
                throw CommandException.failure(
                        "the answer of %s is longer than %s".formatted(base, Sizes.format(MOST_ANSWER)));
            }
            return bytes;
        }
    }

    private InputStream get(String path, String accept) throws IOException, InterruptedException, CommandException {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(URI.create(base + path)).header("Accept", accept);
        introduction.token().ifPresent(token -> builder.header("Authorization", "Bearer " + token));
        state(builder, Call.CASE, introduction.caseId());
        state(builder, Call.PURPOSE, introduction.purpose());
        HttpRequest request = builder.build();
        HttpResponse<InputStream> response;
        try {
            response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException failure) {
            throw CommandException.failure(
                    "the collector at %s does not answer: %s".formatted(base, Failures.sentence(failure)));
        }
        if (response.statusCode() != 200) {
            try (InputStream body = response.body()) {
                throw CommandException.failure(error(response.statusCode(), body.readNBytes(64 << 10)));
            }
        }
        return response.body();
    }

    private static void state(HttpRequest.Builder builder, String header, String text) {
        if (!text.isEmpty()) {
            builder.header(header, URLEncoder.encode(text, StandardCharsets.UTF_8));
        }
    }

    private String error(int status, byte[] body) throws IOException {
        try {
            JsonNode json = new ObjectMapper().readTree(body);
            if (json != null && json.path("error").isTextual()) {
                String hint = status == 401 && introduction.token().isEmpty()
                        ? "; name a token with --token-file FILE or in " + CallerOptions.TOKEN
                        : "";
                return json.path("error").asText() + hint;
            }
        } catch (JsonProcessingException notOurs) {
            // Something else answers at that address: its status is all there is to say.
        }
        return "%s answered with the status %d: is it a collector's HTTP edge?".formatted(base, status);
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
