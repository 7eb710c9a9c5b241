package io.kiroku.collector.pods;

import static io.kiroku.collector.pods.ToldPods.START;
import static io.kiroku.collector.pods.ToldPods.ended;
import static io.kiroku.collector.pods.ToldPods.pod;
import static io.kiroku.collector.pods.ToldPods.table;
import static io.kiroku.collector.pods.ToldPods.waiting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.collector.access.Rights;
import io.kiroku.collector.query.KindName;
import io.kiroku.collector.query.LastLines;
import io.kiroku.collector.query.Scribe;
import io.kiroku.collector.query.SelectionException;
import io.kiroku.collector.query.Sources;
import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.record.Entry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrashesTest {
    private static final String WEB = "/var/log/pods/shop_web_u1/";

    @TempDir
    Path data;

    private Store store;
    private Scribe node;

    @BeforeEach
    void open() throws IOException {
        store = Scribe.open(data);
        node = new Scribe(store, "node-1");
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static String line(int second, String content) {
        return "%s stdout F %s\n".formatted(START.plusSeconds(second), content);
    }

    private static CrashRequest request(String target, int lines) {
        return new CrashRequest(Optional.of("shop"), KindName.parse(target), Optional.empty(), Optional.empty(), lines);
    }

    private List<Crash> crashes(PodTable table, CrashRequest request) throws IOException, SelectionException {
        try (StoreReader reader = StoreReader.open(data)) {
            List<PodView> views = PodViews.join(table, Sources.readable(reader, START.plusSeconds(100), Rights.ALL));
            List<Crash> crashes = new ArrayList<>();
            for (PodView view : Crashes.meant(views, request)) {
                crashes.add(Crashes.of(reader, table, view, request));
            }
            byte[] json = CrashJson.write(crashes).toString().getBytes(StandardCharsets.UTF_8);
            assertThat(CrashJson.read(json)).isEqualTo(crashes);
            return crashes;
        }
    }

    private static List<String> said(Crash.Life life) {
        return life.end().said().stream().map(LastLines.Said::text).toList();
    }

    /** Of the life between two reports, which ended after a tenth of a second, the cluster knows nothing. */
    @Test
    void everyLifeIsThereWhoeverKnowsOfIt() throws Exception {
        node.file(1, WEB + "app/0.log")
                .log(1, line(1, "up") + line(4, "working") + line(5, "panic: zero"))
                .end(1)
                .seal();
        node.file(2, WEB + "app/1.log").log(2, line(10, "panic: one")).end(2).seal();
        node.file(3, "/var/log/pods/shop_other_u2/app/0.log")
                .log(3, line(1, "of another"))
                .seal();
        Pod web = ToldPods.gone(
                pod(
                        "web",
                        "u1",
                        "Running",
                        ended("app", 0, 1, 5, 2, "Error"),
                        ended("app", 2, 20, 25, 137, "OOMKilled"),
                        waiting("app", 3, "CrashLoopBackOff")),
                60);
        PodTable table = table(web);
        ToldPods.event(table, "e1", web, 6, "BackOff", "Back-off restarting failed container");
        ToldPods.event(table, "e2", pod("other", "u2", "Running"), 6, "Killing", "of another");

        Crash crash = crashes(table, request("web", 2)).getFirst();
        assertThat(crash.pod().status()).isEqualTo("Deleted");
        assertThat(crash.events()).extracting(ClusterEvent::uid).containsExactly("e1");
        assertThat(crash.lives()).extracting(Crash.Life::restart).containsExactly(0, 1, 2);
        Crash.Life first = crash.lives().getFirst();
        assertThat(said(first)).containsExactly("working", "panic: zero");
        assertThat(first.end().said().getFirst().at()).contains(START.plusSeconds(4));
        assertThat(first.hasCrashed()).isTrue();
        Crash.Life untold = crash.lives().get(1);
        assertThat(untold.told()).isEmpty();
        assertThat(said(untold)).containsExactly("panic: one");
        assertThat(untold.began()).isEqualTo(START.plusSeconds(10));
        assertThat(untold.ended()).contains(START.plusSeconds(10));
        Crash.Life uncaptured = crash.lives().getLast();
        assertThat(uncaptured.log()).isEmpty();
        assertThat(said(uncaptured)).isEmpty();
        assertThat(uncaptured.ended()).contains(START.plusSeconds(25));
    }

    /** The kubelet cuts times to seconds: a life may seem to begin before the one before it has ended. */
    @Test
    void livesOfAContainerFollowEachOtherWhateverTheSecondsSay() throws Exception {
        node.file(1, WEB + "app/0.log")
                .log(1, "2026-03-01T10:00:05.800Z stdout F zero\n")
                .end(1)
                .seal();
        node.file(2, WEB + "app/1.log")
                .log(2, "2026-03-01T10:00:05.900Z stdout F one\n")
                .end(2)
                .seal();
        Pod web = pod("web", "u1", "Running", ended("app", 0, 5, 5, 1, "Error"), ended("app", 2, 5, 5, 1, "Error"));
        List<Crash.Life> lives =
                crashes(table(web), request("web", 5)).getFirst().lives();
        assertThat(lives).extracting(Crash.Life::restart).containsExactly(0, 1, 2);
        assertThat(lives.getFirst().began()).isEqualTo(START.plusMillis(5800));
        assertThat(lives.getFirst().ended()).contains(START.plusMillis(5800));
        assertThat(lives.getLast().began()).isEqualTo(START.plusMillis(5900));
    }

    @Test
    void whatIsMissingBetweenTheLastLinesIsToldAndVeryLongOnesAreCut() throws Exception {
        node.file(1, WEB + "app/0.log")
                .log(1, line(1, "before"))
                .gap(1, 5, Entry.GapCause.RING_OVERRUN)
                .log(1, line(2, "x".repeat(5000)))
                .seal();
        Crash crash = crashes(new PodTable(), request("web", 20)).getFirst();
        List<LastLines.Said> said = crash.lives().getFirst().end().said();
        assertThat(said).hasSize(3);
        assertThat(said.get(1).isNote()).isTrue();
        assertThat(said.get(1).text()).contains("are lost: RING_OVERRUN");
        assertThat(said.getLast().cut()).isGreaterThan(900);
        assertThat(crash.lives().getFirst().ended()).as("it is being followed").isEmpty();
        assertThat(crash.lives().getFirst().end().whole()).isTrue();
        assertThat(crashes(new PodTable(), request("web", 0))
                        .getFirst()
                        .lives()
                        .getFirst()
                        .end()
                        .said())
                .as("no line is asked for")
                .allMatch(LastLines.Said::isNote);
    }

    @Test
    void whatIsDamagedIsNotShownAndToldOf() throws Exception {
        node.file(1, WEB + "app/0.log").log(1, line(1, "in order")).end(1).seal();
        store.close();
        try (Stream<Path> volumes = Files.list(data.resolve("volumes"));
                RandomAccessFile file =
                        new RandomAccessFile(volumes.findFirst().orElseThrow().toFile(), "rw")) {
            byte[] bytes = new byte[(int) file.length()];
            file.readFully(bytes);
            int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("in order");
            file.seek(at);
            file.write('I');
        }
        Crash crash = crashes(new PodTable(), request("web", 5)).getFirst();
        assertThat(crash.lives().getFirst().end().whole()).isFalse();
        assertThat(crash.lives().getFirst().end().said())
                .noneMatch(said -> said.text().toLowerCase(Locale.ROOT).contains("in order"))
                .anyMatch(said -> said.isNote() && said.text().contains("is damaged"));
    }

    @Test
    void ofAnOwnerThePodsThatCrashedLastAreMeant() throws Exception {
        PodTable table = table(
                pod("web-a", "u1", "Running", ended("app", 0, 1, 5, 1, "Error")),
                pod("web-b", "u2", "Running", ended("app", 0, 1, 9, 1, "Error")),
                pod("web-c", "u3", "Succeeded", ended("app", 0, 1, 50, 0, "Completed")));
        assertThat(crashes(table, request("deploy/web", 1)))
                .extracting(crash -> crash.pod().name())
                .containsExactly("web-b", "web-a");
        assertThatThrownBy(() -> crashes(table, request("deploy/db", 1)))
                .hasMessage("no pod of deployment/db is known in namespace \"shop\"; kiroku pods lists what is");
        assertThatThrownBy(() -> crashes(table(pod("web-c", "u3", "Running")), request("deploy/web", 1)))
                .hasMessageContaining("none is known to have crashed");
    }

    @Test
    void aPodThatIsNotKnownIsAnsweredWithWhatIsNear() throws Exception {
        PodTable table = table(pod("web-a", "u1", "Running"), pod("web-a", "u2", "Running"));
        assertThat(crashes(
                                table,
                                new CrashRequest(
                                        Optional.empty(),
                                        KindName.parse("web-a"),
                                        Optional.of("u1"),
                                        Optional.empty(),
                                        1))
                        .getFirst()
                        .pod()
                        .logUid())
                .isEqualTo("u1");
        assertThatThrownBy(() -> crashes(table, request("web", 1)))
                .hasMessage("pod \"web\" is not known in namespace \"shop\"; near it are (namespace/pod): shop/web-a");
        assertThatThrownBy(() -> crashes(
                        table,
                        new CrashRequest(
                                Optional.empty(), KindName.parse("web-a"), Optional.of("x"), Optional.empty(), 1)))
                .hasMessage("pod \"web-a\" has no uid that begins with x, choose one of: u1, u2");
        assertThatThrownBy(() -> crashes(
                        table,
                        new CrashRequest(
                                Optional.empty(), KindName.parse("web-a"), Optional.empty(), Optional.of("x"), 1)))
                .hasMessageContaining("container x is not valid for pod web-a");
    }

    @Test
    void parametersGiveBackTheRequest() {
        CrashRequest request =
                new CrashRequest(Optional.empty(), KindName.parse("sts/db"), Optional.empty(), Optional.of("a&b"), 7);
        Map<String, String> parameters = new HashMap<>();
        for (String pair : request.write().split("&", -1)) {
            parameters.put(pair.split("=", 2)[0], URLDecoder.decode(pair.split("=", 2)[1], StandardCharsets.UTF_8));
        }
        assertThat(CrashRequest.read(parameters)).isEqualTo(request);
        assertThatThrownBy(() -> CrashRequest.read(Map.of("target", "web", "lines", "many")))
                .hasMessageContaining("lines");
        assertThatThrownBy(() -> CrashRequest.read(Map.of("target", "web", "lines", "1000")))
                .hasMessageContaining("100");
        assertThatThrownBy(() -> CrashRequest.read(Map.of("target", "deploy/web", "uid", "u")))
                .hasMessageContaining("uid");
        assertThatThrownBy(() -> CrashRequest.read(Map.of())).hasMessageContaining("expected a POD");
    }
}
