package io.kiroku.collector.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.Server;
import io.kiroku.collector.access.CustodyRecord.Outcome;
import io.kiroku.collector.access.CustodyRecord.Stage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GateTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

    private final List<CustodyRecord> custody = new CopyOnWriteArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final HttpClient client = HttpClient.newHttpClient();
    private boolean diskIsFull;
    private CompletableFuture<HttpResponse> answer = CompletableFuture.completedFuture(HttpResponse.of("secret"));
    private @Nullable Server server;

    private void start(Gate gate) {
        Server started = Server.builder()
                .http(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .decorator(gate)
                .service("/api/v1/logs", (context, request) -> {
                    asked.incrementAndGet();
                    assertThat(custody).as("before the answer's first byte").isNotEmpty();
                    Call.of(context).touches("0102:/var/log/syslog");
                    return HttpResponse.of(answer);
                })
                .service("/api/v1/verify", (context, request) -> HttpResponse.of("verified"))
                .build();
        started.start().join();
        server = started;
    }

    private void take(CustodyRecord record) throws IOException {
        if (diskIsFull) {
            throw new IOException("no space left on device");
        }
        custody.add(record);
    }

    private Gate guarded() {
        Voucher voucher = new Voucher() {
            @Override
            public boolean concerns(String token) {
                return true;
            }

            @Override
            public Caller caller(String token) throws RefusedTokenException {
                return switch (token) {
                    case "bad" -> throw new RefusedTokenException("this token has expired");
                    case "down" -> throw new AccessUnavailableException("nobody knows now");
                    default ->
                        new Caller(
                                token,
                                "test",
                                new Grants(List.of(
                                        new Grants.Grant(Grants.roles("reader"), Scope.parse(Scope.EVERYWHERE)))));
                };
            }
        };
        return Gate.guarded(List.of(voucher), false, this::take, InstantSource.fixed(NOW), System::nanoTime);
    }

    @AfterEach
    void stop() {
        client.shutdownNow();
        Server started = server;
        if (started != null) {
            started.stop().join();
        }
    }

    private HttpRequest request(String path, String token, String... headers) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s"
                        .formatted(Objects.requireNonNull(server).activeLocalPort(), path)))
                .header("Authorization", "Bearer " + token);
        if (headers.length > 0) {
            builder.headers(headers);
        }
        return builder.build();
    }

    private java.net.http.HttpResponse<String> get(String path, String token, String... headers) throws Exception {
        return client.send(request(path, token, headers), BodyHandlers.ofString());
    }

    private void awaitRecords(int count) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (custody.size() < count && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        assertThat(custody).hasSize(count);
    }

    @Test
    void aCallIsWrittenDownBeforeItIsAnsweredAndAtItsEnd() throws Exception {
        start(guarded());
        var response =
                get("/api/v1/logs?pod=web&namespace=shop", "alice", Call.CASE, "C-7", Call.PURPOSE, "why%20%E8%A8%98");
        assertThat(response.body()).isEqualTo("secret");
        awaitRecords(2);
        assertThat(custody.get(0))
                .isEqualTo(new CustodyRecord(
                        NOW,
                        custody.get(1).call(),
                        Stage.BEGUN,
                        "alice",
                        "test",
                        "127.0.0.1",
                        "logs",
                        "namespace=shop&pod=web",
                        "C-7",
                        "why 記",
                        Outcome.OPEN,
                        0,
                        0,
                        List.of(),
                        0));
        assertThat(custody.get(1).stage()).isEqualTo(Stage.ENDED);
        assertThat(custody.get(1).outcome()).isEqualTo(Outcome.ANSWERED);
        assertThat(custody.get(1).bytes()).isEqualTo(6);
        assertThat(custody.get(1).touched()).containsExactly("0102:/var/log/syslog");
        assertThat(custody.get(1).json())
                .startsWith("{\"when\":\"2026-03-01T10:00:00Z\",\"call\":\"")
                .endsWith(
                        "\",\"stage\":\"ended\",\"caller\":\"alice\",\"voucher\":\"test\",\"from\":\"127.0.0.1\",\"action\":\"logs\",\"selection\":\"namespace=shop&pod=web\",\"case\":\"C-7\",\"purpose\":\"why"
                            + " 記\",\"outcome\":\"answered\",\"status\":200,\"bytes\":6,\"touched\":[\"0102:/var/log/syslog\"],\"untold\":0}");
    }

    @Test
    void whatCannotBeWrittenDownIsNotAnswered() throws Exception {
        start(guarded());
        diskIsFull = true;
        var response = get("/api/v1/logs", "alice");
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body())
                .contains("cannot write down that this was asked")
                .doesNotContain("space");
        assertThat(asked).hasValue(0);
    }

    @Test
    void theSameHoldsForWhoeverIsOnTheMachine() throws Exception {
        start(Gate.open(this::take, InstantSource.fixed(NOW)));
        assertThat(get("/api/v1/logs", "anything").body()).isEqualTo("secret");
        awaitRecords(2);
        assertThat(custody.getFirst().caller()).isEqualTo("anybody on this machine");
        diskIsFull = true;
        assertThat(get("/api/v1/logs", "anything").statusCode()).isEqualTo(503);
    }

    @Test
    void aRefusedCallIsWrittenDownOnce() throws Exception {
        start(guarded());
        assertThat(get("/api/v1/verify", "alice").statusCode()).isEqualTo(403);
        awaitRecords(1);
        assertThat(custody.getFirst().outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(custody.getFirst().action()).isEqualTo("verify");
    }

    @Test
    void whoeverIsNotKnownLearnsWhyAndNothingElse() throws Exception {
        start(guarded());
        assertThat(get("/api/v1/logs", "bad").body()).isEqualTo("{\"error\":\"this token has expired\"}");
        assertThat(get("/api/v1/logs", "bad").statusCode()).isEqualTo(401);
        assertThat(get("/api/v1/logs", "down").statusCode()).isEqualTo(503);
        assertThat(get("/api/v1/logs", "alice", Call.PURPOSE, "%").statusCode()).isEqualTo(400);
        assertThat(get("/api/v1/logs", "alice", Call.PURPOSE, "x".repeat(3000)).statusCode())
                .isEqualTo(400);
        assertThat(custody).isEmpty();
    }

    @Test
    void oneCallerHasHisShareAndOthersAreAnsweredMeanwhile() throws Exception {
        start(guarded());
        CompletableFuture<HttpResponse> slow = new CompletableFuture<>();
        answer = slow;
        List<CompletableFuture<java.net.http.HttpResponse<String>>> waiting = new CopyOnWriteArrayList<>();
        for (int i = 0; i < CallerLimits.AT_ONCE; i++) {
            waiting.add(client.sendAsync(request("/api/v1/logs", "greedy"), BodyHandlers.ofString()));
        }
        awaitRecords(CallerLimits.AT_ONCE);
        var refused = get("/api/v1/logs", "greedy");
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body()).contains("6 of your requests are being answered");
        answer = CompletableFuture.completedFuture(HttpResponse.of("for others"));
        assertThat(get("/api/v1/logs", "honest").body()).isEqualTo("for others");
        slow.complete(HttpResponse.of("late"));
        CompletableFuture.allOf(waiting.toArray(CompletableFuture[]::new)).get(10, TimeUnit.SECONDS);
    }

    @Test
    void aMinuteHasItsMeasure() {
        long[] now = {0};
        CallerLimits limits = new CallerLimits(2, 3, () -> now[0]);
        for (int i = 0; i < 3; i++) {
            assertThat(limits.take("a")).isEmpty();
            limits.release("a");
        }
        assertThat(limits.take("a")).isPresent();
        assertThat(limits.take("b")).isEqualTo(Optional.empty());
        now[0] = TimeUnit.MINUTES.toNanos(1);
        assertThat(limits.take("a")).isEmpty();
    }
}
