package io.kiroku.collector.stamp;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.collector.config.StampConfig;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.time.OpensslTsa;
import io.kiroku.evidence.time.StampedCheckpoint;
import io.kiroku.evidence.time.TimestampRequest;
import io.kiroku.evidence.time.TimestampToken;
import io.kiroku.evidence.time.TsaServer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over HTTP, with an authority that is openssl's. */
class StampingTest {
    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofSeconds(2);
    private static final URI NOBODY = URI.create("http://127.0.0.1:1/");

    @TempDir
    private static Path authorityDirectory;

    @TempDir
    private Path directory;

    private static OpensslTsa tsa;

    @BeforeAll
    static void found() throws Exception {
        tsa = OpensslTsa.in(authorityDirectory, "tsa");
    }

    private static byte[] note(int size) {
        return new String(StampedCheckpoint.note(), StandardCharsets.UTF_8)
                .replace("\n3\n", "\n" + size + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static void eventually(Supplier<Boolean> condition) throws InterruptedException {
        long began = System.nanoTime();
        while (!condition.get()) {
            assertThat(System.nanoTime() - began).isLessThan(BOUND.toNanos());
            Thread.sleep(20);
        }
    }

    private Stamping start(Duration every, Supplier<Optional<byte[]>> latest, URI... authorities) throws Exception {
        return Stamping.start(
                new StampConfig(List.of(authorities), every),
                directory.resolve("log/timestamps"),
                latest,
                System::nanoTime);
    }

    private Path file(String name) {
        return directory.resolve("log/timestamps").resolve(name);
    }

    private List<String> files() throws Exception {
        try (Stream<Path> files = Files.list(directory.resolve("log/timestamps"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private void assertStamped(int size, int number) throws Exception {
        byte[] checkpoint = Files.readAllBytes(file(size + ".checkpoint"));
        byte[] response = Files.readAllBytes(file(size + "-" + number + ".tsr"));
        assertThat(TimestampToken.parseEither(response)
                        .verify(checkpoint, tsa.anchors())
                        .holds())
                .isTrue();
        assertThat(tsa.verify(checkpoint, response)).matches(outcome -> outcome.status() == 0);
    }

    @Test
    void checkpointsAreStampedByEachAuthorityThatAnswers() throws Exception {
        AtomicReference<Optional<byte[]>> latest = new AtomicReference<>(Optional.empty());
        try (TsaServer one = TsaServer.start(tsa::reply);
                TsaServer two = TsaServer.start(tsa::reply)) {
            two.answerAs("application/octet-stream");
            try (Stamping stamping = start(Duration.ofSeconds(1), latest::get, one.url(), NOBODY, two.url())) {
                latest.set(Optional.of(note(3)));
                eventually(() -> stamping.counts().stamps() == 2);
                assertThat(files()).containsExactly("3-1.tsr", "3-3.tsr", "3.checkpoint");
                assertThat(stamping.counts().newest()).isPresent();
                latest.set(Optional.of(note(5)));
                eventually(() -> stamping.counts().stamps() == 4);
            }
            assertThat(Files.readAllBytes(file("3.checkpoint"))).isEqualTo(note(3));
            for (int size : List.of(3, 5)) {
                assertStamped(size, 1);
                assertStamped(size, 3);
            }
        }
    }

    @Test
    void afterARestartWhatIsStampedStaysSo() throws Exception {
        byte[] other = (new String(note(3), StandardCharsets.UTF_8) + "\u2014 witness q83vEjRWeJA=\n")
                .getBytes(StandardCharsets.UTF_8);
        try (TsaServer server = TsaServer.start(tsa::reply);
                TsaServer second = TsaServer.start(tsa::reply)) {
            try (Stamping stamping = start(Duration.ofHours(1), () -> Optional.of(note(3)), server.url())) {
                eventually(() -> stamping.counts().stamps() == 1);
            }
            try (Stamping stamping = start(Duration.ofHours(1), () -> Optional.of(other), server.url(), second.url())) {
                eventually(() -> stamping.counts().stamps() == 1);
            }
            assertThat(server.requests()).isEqualTo(1);
            assertThat(Files.readAllBytes(file("3.checkpoint"))).isEqualTo(note(3));
            assertStamped(3, 1);
            assertStamped(3, 2);
        }
    }

    @Test
    void whateverAnAuthorityAnswersIsASentence() throws Exception {
        byte[] note = note(3);
        try (TsaServer server = TsaServer.start(tsa::reply);
                TimestampClient client = new TimestampClient(SHORT)) {
            assertThat(client.ask(server.url(), note)).isInstanceOf(StampOutcome.Stamped.class);
            assertThat(failure(client.ask(NOBODY, note)))
                    .isEqualTo("expected an answer, found that the connection was refused");
            byte[] kept = tsa.reply(TimestampRequest.over(note, 7).der());
            server.serve(_ -> kept);
            assertThat(failure(client.ask(server.url(), note))).startsWith("expected the nonce ");
            server.serve(_ -> "<html>".getBytes(StandardCharsets.UTF_8));
            assertThat(failure(client.ask(server.url(), note))).startsWith("expected a value of 104 bytes");
            server.serve(_ -> new byte[0]);
            assertThat(failure(client.ask(server.url(), note)))
                    .startsWith("expected a timestamp response, found its end");
            server.serve(_ -> new byte[TimestampToken.MOST_BYTES + 1]);
            assertThat(failure(client.ask(server.url(), note))).startsWith("expected an answer, found that ");
            server.answerWith(503);
            assertThat(failure(client.ask(server.url(), note))).isEqualTo("expected the HTTP status 200, found 503");
        }
    }

    @Test
    void anAuthorityThatIsSilentIsNotWaitedFor() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        try (TsaServer server = TsaServer.start(request -> {
            asked.countDown();
            over.await();
            return request;
        })) {
            try (TimestampClient client = new TimestampClient(SHORT)) {
                assertThat(failure(client.ask(server.url(), note(3))))
                        .isEqualTo("expected an answer within 2 s, found none");
            }
            Stamping stamping = start(Duration.ofHours(1), () -> Optional.of(note(3)), server.url());
            asked.await();
            long began = System.nanoTime();
            stamping.close();
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
            assertThat(files()).isEmpty();
            over.countDown();
        }
    }

    private static String failure(StampOutcome outcome) {
        assertThat(outcome).isInstanceOf(StampOutcome.Failed.class);
        return ((StampOutcome.Failed) outcome).sentence();
    }

    @Test
    void aNoteThatIsNoneIsKeptNowhere() throws Exception {
        AtomicReference<Optional<byte[]>> latest = new AtomicReference<>(Optional.of(new byte[] {1}));
        try (TsaServer server = TsaServer.start(tsa::reply)) {
            try (Stamping stamping = start(Duration.ofSeconds(1), latest::get, server.url())) {
                Thread.sleep(300);
                latest.set(Optional.of(note(4)));
                eventually(() -> stamping.counts().stamps() == 1);
            }
            assertThat(files()).containsExactly("4-1.tsr", "4.checkpoint");
            assertThat(Octets.of(Files.readAllBytes(file("4.checkpoint")))).isEqualTo(Octets.of(note(4)));
        }
    }
}
