package io.kiroku.systemtests.loss;

import io.kiroku.cli.demo.Written;
import io.kiroku.systemtests.lines.LineAudit;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A log as the collector gives it back, raw, over HTTP.
 *
 * @param sha256 of its bytes, lower-case hexadecimal
 */
record GivenBack(LineAudit audit, String sha256) {
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;

    static GivenBack read(HttpClient client, int port, Written log) throws IOException, InterruptedException {
        URI uri =
                URI.create("http://127.0.0.1:%d/api/v1/logs?namespace=%s&pod=%s&uid=%s&container=%s&restart=%d&raw=true"
                        .formatted(
                                port,
                                encoded(log.namespace()),
                                encoded(log.pod()),
                                encoded(log.uid()),
                                encoded(log.container()),
                                log.restart()));
        HttpResponse<InputStream> response =
                client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            MessageDigest digest = newDigest();
            if (response.statusCode() == NOT_FOUND) {
                return new GivenBack(LineAudit.NONE, HexFormat.of().formatHex(digest.digest()));
            }
            if (response.statusCode() != OK) {
                throw new IOException("%s: status %d, %s"
                        .formatted(
                                uri, response.statusCode(), new String(body.readAllBytes(), StandardCharsets.UTF_8)));
            }
            LineAudit audit = LineAudit.of(new DigestInputStream(body, digest));
            return new GivenBack(audit, HexFormat.of().formatHex(digest.digest()));
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
