package io.kiroku.collector.pods;

import static io.kiroku.collector.pods.ToldPods.START;
import static io.kiroku.collector.pods.ToldPods.ended;
import static io.kiroku.collector.pods.ToldPods.pod;
import static io.kiroku.collector.pods.ToldPods.running;
import static io.kiroku.collector.pods.ToldPods.table;
import static io.kiroku.collector.pods.ToldPods.waiting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.collector.query.PodLogPath;
import io.kiroku.collector.query.Source;
import io.kiroku.evidence.Dice;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.NodeClock;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PodViewsTest {
    private static final Octets STREAM = Octets.zero(16);

    private static Source log(String path, int first, int last, Source.State state, long gaps) {
        return log(STREAM, path, first, last, state, gaps);
    }

    private static Source log(Octets stream, String path, int first, int last, Source.State state, long gaps) {
        FilePath file = FilePath.of("/var/log/pods/" + path);
        return new Source(
                "node-1",
                stream,
                file,
                PodLogPath.parse(file).orElse(null),
                100,
                1,
                new Source.Gaps(gaps, 0, gaps),
                START.plusSeconds(first),
                START.plusSeconds(last),
                state,
                NodeClock.Standing.UNKNOWN);
    }

    private static PodView only(PodTable table, Source... sources) {
        assertThat(PodViews.join(table, List.of(sources))).hasSize(1);
        return PodViews.join(table, List.of(sources)).getFirst();
    }

    private static List<String> names(PodTable table, String query, Source... sources) {
        Map<String, String> parameters = new HashMap<>();
        for (String pair : query.split("&", -1)) {
            parameters.put(pair.split("=", 2)[0], pair.split("=", 2)[1]);
        }
        PodRequest request = PodRequest.read(parameters, START.plusSeconds(100));
        assertThat(readBack(request)).isEqualTo(request);
        return PodViews.choose(PodViews.join(table, List.of(sources)), request).stream()
                .map(PodView::name)
                .toList();
    }

    private static PodRequest readBack(PodRequest request) {
        Map<String, String> parameters = new HashMap<>();
        for (String pair : request.write().split("&", -1)) {
            parameters.put(pair.split("=", 2)[0], URLDecoder.decode(pair.split("=", 2)[1], StandardCharsets.UTF_8));
        }
        return PodRequest.read(parameters, START);
    }

    @Test
    void whatWasToldAndWhatWasCapturedMeetByUid() {
        PodTable table = table(ToldPods.gone(
                pod("web", "u1", "Running", ended("app", 0, 1, 5, 1, "Error"), ended("app", 1, 6, 9, 137, "OOMKilled")),
                60));
        table.add(new Observation.Preserved(
                START, new Preservation("u1", "app", 1, Preservation.Cause.OOM_KILLED, START, START.plusSeconds(900))));
        PodView view = only(
                table,
                log("shop_web_u1/app/0.log", 1, 5, Source.State.ENDED, 0),
                log("shop_web_u1/app/1.log", 6, 9, Source.State.ENDED, 0));
        assertThat(view.status()).isEqualTo("Deleted");
        assertThat(view.isDead()).isTrue();
        assertThat(view.died()).contains(START.plusSeconds(60));
        assertThat(view.restarts()).isEqualTo(1);
        assertThat(view.lastEnd()).get().extracting(Instance::reason).isEqualTo("OOMKilled");
        assertThat(view.captured()).isEqualTo(PodView.Captured.WHOLE);
        assertThat(view.preservedUntil()).contains(START.plusSeconds(900));
        assertThat(view.logs()).hasSize(2);
    }

    @Test
    void aPodOfWhichNobodyToldIsKnownByItsLogs() {
        PodView view = only(
                new PodTable(),
                log("shop_web_u1/app/3.log", 6, 9, Source.State.ENDED, 0),
                log("shop_web_u1/app/2.log", 1, 5, Source.State.LOST, 1));
        assertThat(view.told()).isEmpty();
        assertThat(view.status()).isEqualTo("Unknown");
        assertThat(view.node()).isEqualTo("node-1");
        assertThat(view.restarts()).isEqualTo(3);
        assertThat(view.born()).isEqualTo(START.plusSeconds(1));
        assertThat(view.died()).contains(START.plusSeconds(9));
        assertThat(view.captured()).isEqualTo(PodView.Captured.GAPS);
        assertThat(only(new PodTable(), log("shop_web_u1/app/3.log", 6, 9, Source.State.FOLLOWING, 0))
                        .isDead())
                .isFalse();
    }

    @Test
    void aPathOfAnotherNamespaceOrNameIsNoLogOfAPodWhateverItsUid() {
        PodTable table = table(pod("web", "u1", "Running", running("app", 0, 1)));
        List<PodView> views = PodViews.join(
                table,
                List.of(
                        log("pay_web_u1/app/0.log", 1, 5, Source.State.ENDED, 0),
                        log("shop_bank_u1/app/0.log", 1, 5, Source.State.ENDED, 0)));
        assertThat(views).hasSize(3);
        assertThat(views)
                .filteredOn(view -> view.told().isPresent())
                .singleElement()
                .satisfies(told -> {
                    assertThat(told.logs()).isEmpty();
                    assertThat(told.captured()).isEqualTo(PodView.Captured.NONE);
                });
    }

    @Test
    void aStaticPodsLogsMeetByTheUidInTheirPaths() {
        Pod mirror = pod("etcd", "u1", "Running", running("etcd", 0, 1));
        Pod told = new Pod(
                mirror.namespace(),
                mirror.name(),
                "u1",
                "0f1e",
                mirror.node(),
                List.of(),
                mirror.labels(),
                mirror.created(),
                mirror.deletion(),
                mirror.gone(),
                mirror.missedSince(),
                mirror.phase(),
                "",
                "",
                mirror.instances());
        assertThat(only(table(told), log("shop_etcd_0f1e/etcd/0.log", 1, 5, Source.State.FOLLOWING, 0))
                        .logs())
                .hasSize(1);
    }

    @Test
    void whatRanAndHasNoLogIsAGapAndWhatNeverRanIsNone() {
        Source first = log("shop_web_u1/app/0.log", 1, 5, Source.State.ENDED, 0);
        Pod twice = pod("web", "u1", "Running", ended("app", 0, 1, 5, 1, "Error"), running("app", 1, 6));
        assertThat(only(table(twice), first).captured()).isEqualTo(PodView.Captured.GAPS);
        Pod waits =
                pod("web", "u1", "Running", ended("app", 0, 1, 5, 1, "Error"), waiting("app", 1, "CrashLoopBackOff"));
        assertThat(only(table(waits), first).captured()).isEqualTo(PodView.Captured.WHOLE);
        assertThat(only(table(waits), first).restarts()).isZero();
        // As the kubelet reports what could not be started: both times are the epoch.
        int epoch = (int) -START.getEpochSecond();
        Pod unstartable = pod("web", "u1", "Running", ended("app", 0, epoch, epoch, 128, "StartError"));
        assertThat(only(table(unstartable)).captured()).isEqualTo(PodView.Captured.NONE);
        assertThat(only(table(unstartable), log("shop_web_u1/side/0.log", 1, 5, Source.State.ENDED, 0))
                        .captured())
                .isEqualTo(PodView.Captured.WHOLE);
    }

    @Test
    void ofAnInstanceInTwoStreamsTheNewestCounts() {
        Source old = log(STREAM, "shop_web_u1/app/0.log", 1, 5, Source.State.CUT_OFF, 0);
        Source now = log(Octets.parse("ab".repeat(16)), "shop_web_u1/app/0.log", 1, 9, Source.State.FOLLOWING, 0);
        assertThat(only(new PodTable(), old, now).logs()).containsExactly(now);
        assertThat(only(new PodTable(), now, old).logs()).containsExactly(now);
    }

    @Test
    void podsAreChosen() {
        PodTable table = table(
                pod("web-a", "u1", "Running", ended("app", 0, 1, 5, 137, "OOMKilled"), running("app", 1, 6)),
                ToldPods.gone(pod("web-b", "u2", "Running"), 60),
                pod("job", "u3", "Succeeded", ended("app", 0, 1, 50, 0, "Completed")));
        Source untold = log("shop_web-7d4f5d6c-x2x4z_u4/app/0.log", 1, 5, Source.State.ENDED, 0);
        assertThat(names(table, "namespace=shop", untold))
                .containsExactly("job", "web-7d4f5d6c-x2x4z", "web-a", "web-b");
        assertThat(names(table, "namespace=pay", untold)).isEmpty();
        assertThat(names(table, "node=", untold)).as("namespace default").isEmpty();
        assertThat(names(table, "allNamespaces=true&dead=true", untold))
                .containsExactly("job", "web-7d4f5d6c-x2x4z", "web-b");
        assertThat(names(table, "allNamespaces=true&dead=true&since=45s", untold))
                .containsExactly("web-b");
        assertThat(names(table, "allNamespaces=true&since=45s", untold)).containsExactly("web-a", "web-b");
        assertThat(names(table, "allNamespaces=true&reason=oomkilled", untold)).containsExactly("web-a");
        assertThat(names(table, "allNamespaces=true&reason=Deleted", untold)).containsExactly("web-b");
        assertThat(names(table, "allNamespaces=true&selector=tier in (front),!x", untold))
                .containsExactly("job", "web-a", "web-b");
        assertThat(names(table, "allNamespaces=true&node=node-2", untold)).isEmpty();
        assertThat(names(table, "allNamespaces=true&target=web-a", untold)).containsExactly("web-a");
        assertThat(names(table, "allNamespaces=true&target=web", untold))
                .containsExactly("web-7d4f5d6c-x2x4z", "web-a", "web-b");
        assertThat(names(table, "allNamespaces=true&target=deploy/web", untold))
                .containsExactly("job", "web-7d4f5d6c-x2x4z", "web-a", "web-b");
        assertThat(names(table, "allNamespaces=true&target=deploy/other", untold))
                .isEmpty();
        assertThatThrownBy(() -> PodRequest.read(Map.of("colour", "red"), START))
                .hasMessageContaining("no parameter");
        assertThatThrownBy(() -> PodRequest.read(Map.of("dead", "perhaps"), START))
                .hasMessageContaining("true or false");
        assertThatThrownBy(() -> PodRequest.read(Map.of("reason", "x".repeat(9000)), START))
                .hasMessageContaining("8192");
    }

    @Test
    void viewsComeBackFromJson() throws IOException {
        for (int seed = 0; seed < 50; seed++) {
            Dice dice = new Dice(seed);
            List<PodView> views = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                Pod pod = RandomPods.pod(dice);
                views.add(new PodView(
                        pod.namespace(),
                        pod.name(),
                        pod.logUid(),
                        pod.node(),
                        dice.oneIn(3) ? Optional.empty() : Optional.of(pod),
                        List.of(log("shop_web_u1/app/" + i + ".log", i, i + 1, dice.pick(Source.State.values()), i)),
                        List.of(new Preservation(pod.uid(), "", 0, Preservation.Cause.EVICTED, START, Instant.MAX))));
            }
            byte[] json = PodsJson.write(views).toString().getBytes(StandardCharsets.UTF_8);
            assertThat(PodsJson.read(json)).as("seed %d", seed).isEqualTo(views);
            byte[] damaged = json.clone();
            damaged[dice.below(json.length)] ^= (byte) (1 + dice.below(255));
            try {
                PodsJson.read(damaged).forEach(PodView::status);
            } catch (IOException refused) {
                assertThat(refused).as("seed %d", seed).hasMessageMatching("(?s).+");
            }
        }
    }
}
