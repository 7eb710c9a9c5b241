package io.kiroku.systemtests.process;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Metrics of an agent or a collector, in the Prometheus text format. */
public final class Metrics {
    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpRequest request;

    /** @param port of the loopback interface */
    public Metrics(int port) {
        this.request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/metrics".formatted(port)))
                .timeout(Duration.ofSeconds(5))
                .build();
    }

    /** The values of all metrics without labels, by name; empty while nobody answers. */
    public Map<String, Double> read() throws InterruptedException {
        Map<String, Double> values = new HashMap<>();
        String text;
        try {
            text = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException notYet) {
            return values;
        }
        for (String line : text.lines().toList()) {
            int space = line.indexOf(' ');
            if (space > 0 && !line.startsWith("#") && line.indexOf('{') < 0) {
                values.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
            }
        }
        return values;
    }
}
