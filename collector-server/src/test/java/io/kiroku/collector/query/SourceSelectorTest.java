package io.kiroku.collector.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.NodeClock;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SourceSelectorTest {
    private static final Octets STREAM = Octets.zero(16);
    private final List<Source> all = new ArrayList<>();
    private final List<NamedPod> register = new ArrayList<>();
    private int seconds;

    private void source(String node, Octets stream, String path) {
        Instant at = Instant.parse("2026-03-01T10:00:00Z").plusSeconds(seconds++);
        FilePath file = FilePath.of(path);
        all.add(new Source(
                node,
                stream,
                file,
                PodLogPath.parse(file).orElse(null),
                10,
                1,
                new Source.Gaps(0, 0, 0),
                at,
                at,
                Source.State.ENDED,
                NodeClock.Standing.UNKNOWN));
    }

    private void pod(String namespace, String pod, String uid, String container, int restart) {
        source("n1", STREAM, "/p/%s_%s_%s/%s/%d.log".formatted(namespace, pod, uid, container, restart));
    }

    private List<String> chosen(Selection selection) throws SelectionException {
        return select(selection).sources().stream()
                .map(source -> source.path().toString())
                .toList();
    }

    /** The cluster told of it; by default it owns what a Deployment does. */
    private NamedPod told(String name, String uid, String deployment, String app) {
        NamedPod pod = new NamedPod(
                "default",
                name,
                uid,
                "n1",
                "Deleted",
                true,
                List.of(new KindName("ReplicaSet", deployment + "-5d4f"), new KindName("Deployment", deployment)),
                Map.of("app", app));
        register.add(pod);
        return pod;
    }

    private Selected select(Selection selection) throws SelectionException {
        try {
            return SourceSelector.select(selection, all, () -> register);
        } catch (IOException noRegister) {
            throw new AssertionError(noRegister);
        }
    }

    private static Selection of(PodGroup group, @Nullable String container, boolean allContainers, Restart restart) {
        return new Selection(
                Optional.empty(),
                Optional.of(group),
                Optional.of("default"),
                Optional.empty(),
                Optional.ofNullable(container),
                allContainers,
                restart,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static PodGroup owner(String text) {
        return new PodGroup.Owned(KindName.parse(text));
    }

    private static PodGroup labels(String text) {
        return new PodGroup.Labelled(LabelSelector.parse(text));
    }

    private static Selection pod(String namespace, String name, String container) {
        return selection(name, namespace, null, container, null);
    }

    private static Selection selection(
            @Nullable String pod,
            @Nullable String namespace,
            @Nullable String uid,
            @Nullable String container,
            @Nullable String node) {
        return new Selection(
                Optional.ofNullable(pod),
                Optional.empty(),
                Optional.ofNullable(namespace),
                Optional.ofNullable(uid),
                Optional.ofNullable(container),
                false,
                new Restart.Latest(),
                pod == null ? Optional.of(PathGlob.parse("/v/**")) : Optional.empty(),
                Optional.ofNullable(node),
                Optional.empty());
    }

    private void refused(Selection selection, SelectionException.Reason reason, String sentence) {
        assertThatThrownBy(() -> select(selection))
                .isInstanceOfSatisfying(
                        SelectionException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessage(sentence);
    }

    @Test
    void theNameIsExactAndTheNamespaceCounts() throws SelectionException {
        pod("default", "web", "u1", "app", 0);
        pod("default", "web-2", "u2", "app", 0);
        pod("prod", "web", "u3", "app", 0);
        assertThat(chosen(Selection.ofPod("default", "web"))).containsExactly("/p/default_web_u1/app/0.log");
        assertThat(chosen(Selection.ofPod("prod", "web"))).containsExactly("/p/prod_web_u3/app/0.log");
        refused(
                selection("web", null, null, null, null),
                SelectionException.Reason.AMBIGUOUS,
                "pod \"web\" is in several namespaces, choose one with -n: default, prod");
        assertThat(chosen(selection("web-2", null, null, null, null))).hasSize(1);
    }

    @Test
    void anUnknownPodIsAnsweredWithWhatIsNear() {
        pod("default", "web-7d9f-abc", "u1", "app", 0);
        pod("prod", "web", "u3", "app", 0);
        refused(
                Selection.ofPod("default", "web"),
                SelectionException.Reason.UNKNOWN,
                "pod \"web\" is not known in namespace \"default\"; near it are (namespace/pod): default/web-7d9f-abc,"
                        + " prod/web");
        refused(
                Selection.ofPod("default", "db"),
                SelectionException.Reason.UNKNOWN,
                "pod \"db\" is not known in namespace \"default\"; kiroku sources lists what is");
    }

    @Test
    void severalContainersNeedAName() throws SelectionException {
        pod("default", "web", "u1", "b", 0);
        pod("default", "web", "u1", "a", 0);
        refused(
                Selection.ofPod("default", "web"),
                SelectionException.Reason.AMBIGUOUS,
                "a container name must be specified for pod web, choose one of: [a b], or --all-containers");
        refused(
                pod("default", "web", "c"),
                SelectionException.Reason.UNKNOWN,
                "container c is not valid for pod web, choose one of: [a b]");
        assertThat(chosen(pod("default", "web", "b"))).containsExactly("/p/default_web_u1/b/0.log");
    }

    @Test
    void aPodThatWasCreatedAgainIsTheNewest() throws SelectionException {
        pod("default", "web-0", "u1", "app", 5);
        pod("default", "web-0", "u2", "app", 0);
        Selected selected = select(Selection.ofPod("default", "web-0"));
        assertThat(selected.sources())
                .singleElement()
                .extracting(Source::path)
                .hasToString("/p/default_web-0_u2/app/0.log");
        assertThat(selected.notes())
                .containsExactly(
                        "pod \"web-0\" was created more than once; this is the newest, u2; --uid chooses another: u1");
        assertThat(chosen(selection("web-0", "default", "u1", null, null)))
                .containsExactly("/p/default_web-0_u1/app/5.log");
        refused(
                selection("web-0", "default", "x", null, null),
                SelectionException.Reason.UNKNOWN,
                "pod \"web-0\" has no uid that begins with x, choose one of: u1, u2");
    }

    @Test
    void anInstanceThatIsNotHeldIsAnsweredWithThoseThatAre() {
        pod("default", "web", "u1", "app", 2);
        pod("default", "web", "u1", "app", 3);
        Selection five = new Selection(
                Optional.of("web"),
                Optional.empty(),
                Optional.of("default"),
                Optional.empty(),
                Optional.empty(),
                false,
                new Restart.Exactly(5),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        refused(
                five,
                SelectionException.Reason.UNKNOWN,
                "pod web has no such instance of container app; restarts that are held: 2, 3");
    }

    @Test
    void theSameFileOnSeveralNodesNeedsANode() throws SelectionException {
        source("n2", STREAM, "/v/syslog");
        source("n1", STREAM, "/v/syslog");
        refused(
                selection(null, null, null, null, null),
                SelectionException.Reason.AMBIGUOUS,
                "/v/syslog was captured on several nodes, choose one with --node: n1, n2");
        assertThat(chosen(selection(null, null, null, null, "n1"))).containsExactly("/v/syslog");
        refused(
                selection(null, null, null, null, "n3"),
                SelectionException.Reason.UNKNOWN,
                "no source has a path that matches /v/** on node \"n3\"; kiroku sources lists them");
    }

    @Test
    void ofTwoStreamsOfANodeTheNewestIsTaken() throws SelectionException {
        source("n1", STREAM, "/v/syslog");
        source("n1", Octets.parse("ab".repeat(16)), "/v/syslog");
        Selected selected = select(selection(null, null, null, null, null));
        assertThat(selected.sources()).containsExactly(all.getLast());
        assertThat(selected.notes()).singleElement().asString().contains("also held in stream 00000000", "--stream");
        assertThat(selected.includes().test(STREAM, FilePath.of("/v/syslog"))).isFalse();
        assertThat(selected.includes().test(all.getLast().stream(), FilePath.of("/v/later")))
                .isTrue();
        assertThat(selected.includes().test(STREAM, FilePath.of("/v/later"))).isFalse();
    }

    @Test
    void aSelectionNamesAPodOrAPath() {
        assertThatThrownBy(() -> new Selection(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("default"),
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        new Restart.Latest(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()))
                .hasMessage("name a POD, or sources by their path with --path GLOB");
        assertThatThrownBy(() -> new Selection(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("app"),
                        false,
                        new Restart.Latest(),
                        Optional.of(PathGlob.parse("*")),
                        Optional.empty(),
                        Optional.empty()))
                .hasMessageContaining("go with a POD");
        assertThatThrownBy(() -> of(labels("a=b"), "app", true, new Restart.Latest()))
                .hasMessage("-c and --all-containers exclude each other");
        assertThatThrownBy(() -> owner("pod/web")).hasMessageContaining("expected what owns pods");
    }

    @Test
    void allPodsOfAnOwnerAreMeantInTheOrderInWhichTheyCame() throws SelectionException {
        pod("default", "web-b", "u2", "app", 0);
        pod("default", "web-a", "u1", "app", 0);
        pod("default", "web-a", "u1", "app", 1);
        pod("default", "api", "u3", "app", 0);
        pod("prod", "web-b", "u2", "app", 0);
        told("web-a", "u1", "web", "front");
        told("web-b", "u2", "web", "front");
        told("api", "u3", "api", "back");
        Selection web = of(owner("deploy/web"), null, false, new Restart.Latest());
        assertThat(chosen(web)).containsExactly("/p/default_web-b_u2/app/0.log", "/p/default_web-a_u1/app/1.log");
        assertThat(select(web).notes()).isEmpty();
        assertThat(chosen(of(owner("rs/web-5d4f"), null, false, new Restart.All())))
                .containsExactly(
                        "/p/default_web-b_u2/app/0.log",
                        "/p/default_web-a_u1/app/0.log",
                        "/p/default_web-a_u1/app/1.log");
        assertThat(chosen(of(labels("app in (front,back),app!=front"), null, false, new Restart.Latest())))
                .containsExactly("/p/default_api_u3/app/0.log");
        assertThat(chosen(of(owner("deploy/web"), null, false, new Restart.Previous())))
                .containsExactly("/p/default_web-a_u1/app/0.log");
        refused(
                of(owner("deploy/db"), null, false, new Restart.Latest()),
                SelectionException.Reason.UNKNOWN,
                "no pod of deployment/db is known in namespace \"default\"; there are: deployment/api, deployment/web");
    }

    @Test
    void severalContainersOfSeveralPodsNeedANameOrAreAllMeant() throws SelectionException {
        pod("default", "web-a", "u1", "init", 0);
        pod("default", "web-a", "u1", "app", 0);
        pod("default", "web-b", "u2", "side", 0);
        told("web-a", "u1", "web", "front");
        told("web-b", "u2", "web", "front");
        refused(
                of(owner("deploy/web"), null, false, new Restart.Latest()),
                SelectionException.Reason.AMBIGUOUS,
                "a container name must be specified for deployment/web, choose one of: [app init side], or"
                        + " --all-containers");
        assertThat(chosen(of(owner("deploy/web"), "side", false, new Restart.Latest())))
                .containsExactly("/p/default_web-b_u2/side/0.log");
        Selection every = of(owner("deploy/web"), null, true, new Restart.All());
        assertThat(chosen(every))
                .containsExactly(
                        "/p/default_web-a_u1/init/0.log",
                        "/p/default_web-a_u1/app/0.log",
                        "/p/default_web-b_u2/side/0.log");
        Selected selected = select(every);
        assertThat(selected.includes().test(STREAM, FilePath.of("/p/default_web-a_u1/new/0.log")))
                .isTrue();
        assertThat(selected.includes().test(STREAM, FilePath.of("/p/default_web-c_u3/app/0.log")))
                .isFalse();
    }

    @Test
    void withoutTheClustersWordPodsOfAnOwnerAreKnownByTheirNames() throws SelectionException {
        pod("default", "web-7d9f8c6b5-x2x4z", "u1", "app", 0);
        pod("default", "web-admin-7d9f8c6b5-x2x4z", "u2", "app", 0);
        pod("default", "web-0", "u3", "app", 0);
        Selected selected = select(of(owner("deploy/web"), null, false, new Restart.Latest()));
        assertThat(selected.sources())
                .singleElement()
                .extracting(Source::path)
                .hasToString("/p/default_web-7d9f8c6b5-x2x4z_u1/app/0.log");
        assertThat(selected.notes()).singleElement().asString().contains("chosen by their names: web-7d9f8c6b5-x2x4z");
        assertThat(chosen(of(owner("sts/web"), null, false, new Restart.Latest())))
                .containsExactly("/p/default_web-0_u3/app/0.log");
        refused(
                of(labels("app=web"), null, false, new Restart.Latest()),
                SelectionException.Reason.UNKNOWN,
                "no pod of -l app=web is known in namespace \"default\"; labels are known of pods that the collector's"
                        + " cluster told of, and here it told of none");
        told("web-7d9f8c6b5-x2x4z", "u1", "other", "front");
        refused(
                of(owner("deploy/web"), null, false, new Restart.Latest()),
                SelectionException.Reason.UNKNOWN,
                "no pod of deployment/web is known in namespace \"default\"; there are: deployment/other");
    }

    @Test
    void ofAPodThatIsKnownAndWasNotCapturedItIsSaidWhyThatCouldBe() throws SelectionException {
        told("web", "u1", "web", "front");
        refused(
                Selection.ofPod("default", "web"),
                SelectionException.Reason.UNKNOWN,
                "pod \"web\" in namespace \"default\" is known (Deleted), and nothing of its logs was captured: of"
                        + " node n1 there is nothing else either, an agent may be missing there");
        pod("default", "other", "u2", "app", 0);
        refused(
                Selection.ofPod("default", "web"),
                SelectionException.Reason.UNKNOWN,
                "pod \"web\" in namespace \"default\" is known (Deleted), and nothing of its logs was captured: its"
                        + " logs on node n1 were gone before an agent saw them, or have not come yet; kiroku gaps may"
                        + " know");
        register.clear();
        register.add(new NamedPod("default", "web", "u1", "", "Pending", false, List.of(), Map.of("app", "x")));
        refused(
                Selection.ofPod("default", "web"),
                SelectionException.Reason.UNKNOWN,
                "pod \"web\" in namespace \"default\" is known (Pending), and nothing of its logs was captured: it was"
                        + " never on a node");
        register.add(new NamedPod("default", "other", "u2", "n1", "Running", true, List.of(), Map.of("app", "x")));
        assertThat(select(of(labels("app=x"), null, false, new Restart.Latest()))
                        .notes())
                .singleElement()
                .asString()
                .contains("it was never on a node");
    }
}
