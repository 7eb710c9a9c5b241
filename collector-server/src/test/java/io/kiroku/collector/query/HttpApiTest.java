package io.kiroku.collector.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.linecorp.armeria.server.Server;
import io.kiroku.collector.access.Gate;
import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.record.Entry;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpApiTest {
    private static final String WEB = "/p/default_web_u1/app/0.log";

    @TempDir
    Path data;

    private Store store;
    private Scribe node;
    private Server server;
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeEach
    void start() throws IOException {
        store = Scribe.open(data);
        node = new Scribe(store, "node-1");
        server = Server.builder()
                .http(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .decorator(Gate.open(_ -> {}, InstantSource.system()))
                .annotatedService(new HttpApi(
                        data,
                        InstantSource.fixed(Scribe.START),
                        () -> List.of(new NamedPod(
                                "default", "web", "u1", "node-1", "Running", true, List.of(), Map.of("app", "web"))),
                        new Answers(4)))
                .build();
        server.start().join();
    }

    @AfterEach
    void stop() {
        server.stop().join();
        client.close();
        store.close();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(server.activeLocalPort(), path)))
                .timeout(Duration.ofSeconds(30));
    }

    private HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return client.send(request(path).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private String error(String path, int status) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("content-type")).contains("application/json; charset=utf-8");
        return response.body();
    }

    private boolean framed(LogRequest request, LogOutput out) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = client.send(
                request("/api/v1/logs?" + LogParameters.write(request))
                        .header("Accept", LogFrames.MEDIA_TYPE)
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        try (InputStream body = response.body()) {
            return LogFrames.read(body, out);
        }
    }

    @Test
    void answersWithTheLossesThatAreAskedFor() throws Exception {
        node.file(1, WEB)
                .gap(1, 7, Entry.GapCause.TRUNCATED)
                .file(2, "/a")
                .lost(2)
                .seal();
        HttpResponse<byte[]> all = get("/api/v1/gaps");
        assertThat(all.statusCode()).isEqualTo(200);
        assertThat(all.headers().firstValue("content-type")).contains("application/json; charset=utf-8");
        assertThat(GapsJson.read(all.body())).hasSize(2);
        GapRequest request = GapRequest.read(Map.of("namespace", "default", "pod", "web"), Scribe.START);
        assertThat(GapsJson.read(get("/api/v1/gaps?" + request.write()).body()))
                .singleElement()
                .satisfies(loss -> assertThat(loss.length()).isEqualTo(7));
        assertThat(error("/api/v1/gaps?until=1h", 400)).contains("no parameter is called");
    }

    @Test
    void sourcesAreTheSameAsWithTheDataItself() throws Exception {
        node.file(1, WEB).log(1, "x").seal();
        Sources sources = new Sources();
        try (var reader = StoreReader.open(data)) {
            reader.scan(Position.START, sources::add);
        }
        assertThat(SourcesJson.read(get("/api/v1/sources").body())).hasSize(1).isEqualTo(sources.list(Scribe.START));
    }

    @Test
    void logsComeWholeWithNotesApart() throws Exception {
        byte[] bytes = new byte[3_000_000];
        new Random(1).nextBytes(bytes);
        node.file(1, WEB)
                .log(1, bytes)
                .gap(1, 5, Entry.GapCause.BUDGET)
                .log(1, "end")
                .seal();
        Taken taken = new Taken();
        assertThat(framed(LogRequest.raw(Selection.ofPod("default", "web")), taken))
                .isTrue();
        assertThat(taken.toBytes()).startsWith(bytes).hasSize(bytes.length + 3);
        assertThat(taken.notes()).singleElement().asString().contains("are lost: BUDGET");
    }

    @Test
    void whatIsMissingIsToldAtTheEnd() throws Exception {
        node.file(1, WEB).log(1, "a").skip(1, 5).log(1, "b").seal();
        assertThat(framed(LogRequest.raw(Selection.ofPod("default", "web")), new Taken()))
                .isFalse();
    }

    @Test
    void anyClientGetsTheBytesAlone() throws Exception {
        node.file(1, WEB).log(1, "2026-03-01T10:00:00Z stdout F hello\n").seal();
        HttpResponse<byte[]> response = get("/api/v1/logs?pod=web");
        assertThat(response.body()).asString().isEqualTo("hello\n");
        assertThat(response.headers().firstValue("content-type")).contains("text/plain; charset=utf-8");
        assertThat(get("/api/v1/logs?selector=app%3Dweb").body()).asString().isEqualTo("hello\n");
        assertThat(get("/api/v1/logs?pod=web&raw=true").body()).asString().endsWith("stdout F hello\n");
    }

    @Test
    void followsUntilTheClientGoes() throws Exception {
        node.file(1, WEB).log(1, "2026-03-01T10:00:00Z stdout F one\n").seal();
        LogRequest follow = new LogRequest(
                Selection.ofPod("default", "web"),
                false,
                true,
                false,
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty());
        HttpResponse<InputStream> response = client.send(
                request("/api/v1/logs?" + LogParameters.write(follow)).build(),
                HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            assertThat(body.readNBytes(4)).asString().isEqualTo("one\n");
            node.log(1, "2026-03-01T10:00:01Z stdout F two\n").seal();
            assertThat(body.readNBytes(4)).asString().isEqualTo("two\n");
        }
    }

    @Test
    void errorsAreOneSentence() throws Exception {
        node.file(1, WEB).log(1, "x").seal();
        node.file(2, "/p/default_web_u1/side/0.log").log(2, "x").seal();
        assertThat(error("/api/v1/logs?pod=db", 404)).startsWith("{\"error\":\"pod \\\"db\\\" is not known");
        assertThat(error("/api/v1/logs?pod=web", 409)).contains("choose one of: [app side]");
        assertThat(error("/api/v1/logs", 400)).contains("name a POD");
        assertThat(error("/api/v1/logs?pod=web&since=never", 400)).contains("expected a time such as");
        assertThat(error("/api/v1/logs?pod=web&tail=-1", 400)).contains("a number of lines");
        assertThat(error("/api/v1/logs?pod=web&raw=maybe", 400)).contains("true or false for raw");
        assertThat(error("/api/v1/logs?pod=web&pod=db", 400)).contains("pod is given twice");
        assertThat(error("/api/v1/logs?pod=web&colour=red", 400)).contains("no parameter is called");
    }

    @Test
    void verifiesTheStore() throws Exception {
        node.file(1, WEB).log(1, "x").gap(1, 5, Entry.GapCause.BUDGET).lost(1).seal();
        var report = ReportJson.read(get("/api/v1/verify").body());
        assertThat(report.holds()).isTrue();
        assertThat(report.counts().segments()).isEqualTo(1);
        assertThat(report.gaps()).hasSize(2).last().satisfies(gap -> {
            assertThat(gap.gap().to()).isEqualTo(Entry.UNKNOWN);
            assertThat(gap.source()).hasToString(WEB);
        });
    }

    @Test
    void parametersGiveBackTheRequest() {
        LogRequest request = new LogRequest(
                new Selection(
                        Optional.of("web"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("u1"),
                        Optional.of("a&b=c"),
                        false,
                        new Restart.Exactly(3),
                        Optional.empty(),
                        Optional.of("n ä"),
                        Optional.of("ab")),
                false,
                false,
                true,
                true,
                Optional.of(Scribe.START),
                Optional.of(Scribe.START.plusNanos(5)),
                Optional.of("kubelet.service"),
                OptionalLong.of(7));
        assertThat(readBack(request)).isEqualTo(request);
        for (String group : List.of("owner=deploy/web", "selector=a in (b,c),!d")) {
            LogRequest ofGroup = LogParameters.read(
                    Map.of(group.split("=", 2)[0], group.split("=", 2)[1], "allContainers", "true"), Scribe.START);
            assertThat(ofGroup.selection().group()).isPresent();
            assertThat(readBack(ofGroup)).isEqualTo(ofGroup);
        }
    }

    private static LogRequest readBack(LogRequest request) {
        Map<String, String> parameters = new HashMap<>();
        for (String pair : LogParameters.write(request).split("&", -1)) {
            int equals = pair.indexOf('=');
            parameters.put(
                    pair.substring(0, equals), URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return LogParameters.read(parameters, Scribe.START);
    }

    @Test
    void anAnswerThatBreaksOffIsNoAnswer() throws IOException {
        byte[] note = LogFrames.note("a note");
        byte[] end = LogFrames.end(true);
        byte[] all = Arrays.copyOf(note, note.length + end.length);
        System.arraycopy(end, 0, all, note.length, end.length);
        assertThat(LogFrames.read(new ByteArrayInputStream(all), new Taken())).isTrue();
        for (int cut = 0; cut < all.length; cut++) {
            byte[] part = Arrays.copyOf(all, cut);
            assertThatThrownBy(() -> LogFrames.read(new ByteArrayInputStream(part), new Taken()))
                    .isInstanceOf(EOFException.class);
        }
        assertThatThrownBy(() -> LogFrames.read(new ByteArrayInputStream(new byte[] {1, -1, 0, 0, 0}), new Taken()))
                .hasMessageContaining("found 4278190080");
        assertThatThrownBy(() -> LogFrames.read(new ByteArrayInputStream(new byte[] {9, 0, 0, 0, 0}), new Taken()))
                .hasMessageContaining("type 1 to 3");
    }
}
