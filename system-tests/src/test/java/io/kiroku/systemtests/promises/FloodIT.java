package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.PacedWriter;
import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.systemtests.faults.Flood;
import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Program.Outcome;
import io.kiroku.tls.TestAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ten thousand connections at once that say nothing or a byte a second, again and again, from forty addresses: agents and readers
 * who mean well go on, those that come then get in, and what the collector takes stays bounded.
 */
final class FloodIT {
    private static final int MEBI = 1 << 20;
    private static final int ADDRESSES = 40;
    private static final int AT_AGENTS_PORT = 8_000;
    private static final int AT_HTTP = 2_000;

    /** In the process that floods, with some to spare. */
    private static final int DESCRIPTORS = AT_AGENTS_PORT + AT_HTTP + 1_000;

    /** What the collector may have open: places for agents, places for HTTP, its own files. */
    private static final long MOST_OPEN = 10_000 + 1_000 + 300;

    /** Fifty sentences at once for each port, then two a second, each with a line on how many were left out. */
    private static final int MOST_LINES = 300;

    private static final int MOST_LINES_A_SECOND = 8;

    private static final Duration FLOOD = Duration.ofSeconds(12);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    /** Who asks over HTTP. */
    private record Reader(int port, @Nullable SSLContext tls, String token) {
        /** The text of an answer, from its status line on, on a connection of its own. */
        private String get(String path) throws IOException {
            try (Socket socket = tls == null
                    ? new Socket(InetAddress.getLoopbackAddress(), port)
                    : tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout((int) PATIENCE.toMillis() / 2);
                socket.getOutputStream()
                        .write(
                                "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n"
                                        .formatted(path, token)
                                        .getBytes(StandardCharsets.US_ASCII));
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            }
        }

        /** The same, asked again where a busy machine was too slow to ask in time. */
        private String await(String path) throws Exception {
            List<String> answers = new ArrayList<>();
            Await.until(PATIENCE, "an answer for " + path, answers::toString, () -> {
                answers.add(tried(path));
                return answers.getLast().contains(" 200 ");
            });
            return answers.getLast();
        }

        private String tried(String path) {
            try {
                return get(path);
            } catch (IOException ended) {
                return ended.toString();
            }
        }

        private double metric(String name) throws Exception {
            String text = await("/metrics");
            Matcher line = Pattern.compile("(?m)^" + name + " (\\S+)$").matcher(text);
            assertThat(line.find()).as("%s in %s", name, text).isTrue();
            return Double.parseDouble(line.group(1));
        }
    }

    @Test
    void inPlainText() throws Exception {
        try (Site site = new Site(directory.resolve("site"))) {
            site.startCollector();
            flood(
                    site,
                    new Reader(site.http(), null, "none"),
                    "\u0000\u0000\u0000Z\u0001",
                    "GET /metrics HTTP/1.1\r\nX: ");
        }
    }

    @Test
    void overTls() throws Exception {
        TestAuthority authority = new TestAuthority("authority");
        Path tls = authority.write(directory.resolve("tls"), authority.issue("collector", "localhost", "127.0.0.1"));
        Path agentTls = authority.write(directory.resolve("agent-tls"), authority.issue("node-a"));
        Path tokens = directory.resolve("tokens");
        try (Site site = new Site(directory.resolve("site"))) {
            Outcome token = site.program()
                    .run(
                            "token",
                            "create",
                            "--name",
                            "alice",
                            "--role",
                            "administrator,reader",
                            "--tokens",
                            tokens.toString());
            assertThat(token.exit()).as("%s", token).isZero();
            // Who has no certificate may shake hands, too: he could want one.
            site.collectorOptions(
                    "--tls", tls.toString(), "--enroll", "--http-tls", tls.toString(), "--tokens", tokens.toString());
            site.startCollector();
            String helloOfTls = "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003";
            flood(
                    site,
                    new Reader(site.http(), trusting(authority), token.text().strip()),
                    helloOfTls,
                    helloOfTls,
                    "--tls",
                    agentTls.toString());
        }
    }

    private static SSLContext trusting(TestAuthority authority) throws Exception {
        KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
        anchors.load(null, null);
        anchors.setCertificateEntry("authority", authority.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(anchors);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private void flood(Site site, Reader reader, String agentsDrip, String httpDrip, String... agentOptions)
            throws Exception {
        assertThat(limit(ProcessHandle.current().pid()))
                .as("files that this test may open (ulimit -Hn)")
                .isGreaterThanOrEqualTo(DESCRIPTORS);
        site.startAgent(agentOptions);
        site.awaitFirstSegment();
        PretendContainer container =
                site.node(Rotation.NONE).startPod("shop", "web-1").start("web");
        Path late = Files.writeString(
                Files.createDirectory(directory.resolve("logs")).resolve("late.log"), "late\n");
        long mostOpen = 0;
        int answered = 0;
        long began = System.nanoTime();
        try (PacedWriter writer = PacedWriter.start(container, site.seed(), MEBI, 12 * MEBI);
                Flood flood = Flood.start(
                        ADDRESSES,
                        new Flood.Target(site.port(), AT_AGENTS_PORT, agentsDrip),
                        new Flood.Target(site.http(), AT_HTTP, httpDrip))) {
            Await.until(
                    PATIENCE,
                    "the flood to have come",
                    () -> "%d connections".formatted(flood.begun()),
                    () -> flood.begun() >= AT_AGENTS_PORT + AT_HTTP);
            long end = System.nanoTime() + FLOOD.toNanos();
            startAnother(site, late, agentOptions);
            while (System.nanoTime() < end) {
                reader.await("/healthz");
                answered++;
                mostOpen = Math.max(mostOpen, openFiles(site.collector().pid()));
                TimeUnit.MILLISECONDS.sleep(200);
            }
            Await.until(
                    PATIENCE,
                    "an agent that came then to be heard",
                    site::tails,
                    () -> site.captured().look().bytesOf(late) > 0);
            writer.await(30);
            site.awaitCaptured(PATIENCE);
            site.assertBitExact();
            System.out.printf(
                    Locale.ROOT,
                    "%d connections begun, %d at once, %d ended by the collector; at most %d files open there, %d MiB"
                            + " resident; %d requests answered%n",
                    flood.begun(),
                    flood.mostOpen(),
                    flood.ended(),
                    mostOpen,
                    site.collector().stats().peakBytes() / MEBI,
                    answered);
            assertThat(flood.ended())
                    .as("refused, or ended for their silence")
                    .isGreaterThan((AT_AGENTS_PORT + AT_HTTP) / 2);
        }
        assertThat(mostOpen).as("files that the collector had open").isLessThanOrEqualTo(MOST_OPEN);
        assertThat(site.collector().stats().peakBytes())
                .as("the collector's peak memory")
                .isLessThan(700L * MEBI);
        assertThat(reader.metric("kiroku_collector_connections_turned_away_total"))
                .isGreaterThan(1_000);
        assertThat(reader.metric("kiroku_collector_http_connections_turned_away_total"))
                .isGreaterThan(500);
        long seconds = Duration.ofNanos(System.nanoTime() - began).toSeconds();
        assertThat(site.collector().output().lines())
                .as("sentences about it")
                .anyMatch(line -> line.contains("refused: ") || line.contains("closed"))
                .hasSizeLessThan(MOST_LINES + MOST_LINES_A_SECOND * (int) seconds);
    }

    /** An agent of another node, which captures that file alone. */
    private void startAnother(Site site, Path log, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "agent",
                "--node",
                "node-b",
                "--state",
                directory.resolve("node-b").toString(),
                "--collector",
                "127.0.0.1:" + site.port(),
                "--pod-logs",
                Files.createDirectory(directory.resolve("no-pods")).toString(),
                "--logs",
                log.toString(),
                "--journal",
                "off",
                "--metrics",
                "none"));
        arguments.addAll(List.of(options));
        site.keep(site.program().start("agent-of-node-b", arguments.toArray(String[]::new)));
    }

    private static long openFiles(long pid) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return descriptors.count();
        }
    }

    private static long limit(long pid) throws IOException {
        String limits = Files.readString(Path.of("/proc", Long.toString(pid), "limits"));
        Matcher line = Pattern.compile("Max open files\\s+(\\d+)").matcher(limits);
        return line.find() ? Long.parseLong(line.group(1)) : Long.MAX_VALUE;
    }
}
