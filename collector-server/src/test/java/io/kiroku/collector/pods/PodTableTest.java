package io.kiroku.collector.pods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PodTableTest {
    private static final Instant AT = Instant.parse("2026-03-01T10:00:00Z");

    private final PodTable table = new PodTable();

    private static Pod pod(String uid, Instance... instances) {
        return new Pod(
                "shop",
                "web-" + uid,
                uid,
                "log-" + uid,
                "node-1",
                List.of(new Owner("ReplicaSet", "web-7d4f"), new Owner("Deployment", "web")),
                new TreeMap<>(Map.of("app", "web")),
                AT,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "Running",
                "",
                "",
                List.of(instances));
    }

    private static Instance life(int restart, Instance.State state) {
        return new Instance(
                "app",
                Instance.Kind.MAIN,
                restart,
                "web:1",
                state == Instance.State.WAITING ? "" : "web@sha256:12",
                state,
                Optional.of(AT),
                Optional.empty(),
                state == Instance.State.TERMINATED ? OptionalInt.of(1) : OptionalInt.empty(),
                "",
                "");
    }

    private void see(Pod pod) {
        table.add(new Observation.PodSeen(AT, pod));
    }

    private void event(String uid, String about, int second) {
        Instant at = AT.plusSeconds(second);
        table.add(new Observation.EventSeen(
                at,
                new ClusterEvent(uid, AT, at, 1, "Warning", "BackOff", "", "kubelet", "Pod", "shop", "web", about)));
    }

    @Test
    void instancesOfAllReportsAreKept() {
        see(pod("a", life(0, Instance.State.WAITING)));
        see(pod("a", life(0, Instance.State.RUNNING)));
        see(pod("a", life(0, Instance.State.TERMINATED), life(1, Instance.State.RUNNING)));
        see(pod("a", life(1, Instance.State.TERMINATED), life(2, Instance.State.WAITING)));
        // A report that is older than what is known.
        see(pod("a", life(1, Instance.State.RUNNING)));
        assertThat(table.pods())
                .singleElement()
                .satisfies(pod -> assertThat(pod.instances())
                        .extracting(Instance::restart, Instance::state)
                        .containsExactly(
                                tuple(0, Instance.State.TERMINATED),
                                tuple(1, Instance.State.TERMINATED),
                                tuple(2, Instance.State.WAITING)));
    }

    @Test
    void aPodIsFoundByItsUidsAndOwners() {
        see(pod("a"));
        see(pod("b"));
        assertThat(table.pod("a")).map(Pod::name).contains("web-a");
        assertThat(table.ofLogs("log-b")).map(Pod::name).contains("web-b");
        assertThat(table.ofLogs("b")).isEmpty();
        assertThat(table.ofOwner("shop", "Deployment", "web"))
                .extracting(Pod::uid)
                .containsExactly("a", "b");
        assertThat(table.ofOwner("pay", "Deployment", "web")).isEmpty();
        see(pod("a").withOwners(List.of(new Owner("ReplicaSet", "x"), new Owner("Deployment", "other"))));
        assertThat(table.ofOwner("shop", "Deployment", "web"))
                .extracting(Pod::uid)
                .containsExactly("b");
        // Owners that were resolved once stay, also when the ReplicaSet is gone.
        see(pod("b").withOwners(List.of(new Owner("ReplicaSet", "web-7d4f"))));
        assertThat(table.ofOwner("shop", "Deployment", "web")).hasSize(1);
    }

    @Test
    void ofPodsThatAreGoneTheLastAreKeptAndAllThatAreThere() {
        see(pod("there"));
        for (int i = 0; i <= PodTable.MOST_GONE; i++) {
            event("e" + i, "gone" + i, i);
            see(pod("gone" + i).gone(AT, Optional.empty()));
        }
        assertThat(table.size()).isEqualTo(PodTable.MOST_GONE + 1);
        assertThat(table.there()).containsExactly("there");
        assertThat(table.pod("gone0")).isEmpty();
        assertThat(table.ofLogs("log-gone0")).isEmpty();
        assertThat(table.eventsOf("gone0")).isEmpty();
        assertThat(table.ofOwner("shop", "Deployment", "web")).hasSize(PodTable.MOST_GONE + 1);
        assertThat(table.leftOut()).isEqualTo(new PodTable.LeftOut(1, 0, 1));
    }

    @Test
    void aPodThatIsSeenAgainIsThere() {
        see(pod("a").gone(AT, Optional.of(AT)));
        assertThat(table.there()).isEmpty();
        see(pod("a"));
        assertThat(table.there()).containsExactly("a");
        assertThat(table.goneSize()).isZero();
    }

    @Test
    void ofVeryManyInstancesTheFirstAndTheLastAreKept() {
        for (int restart = 0; restart < 1000; restart++) {
            see(pod("a", life(restart, Instance.State.TERMINATED)));
        }
        Pod pod = table.pod("a").orElseThrow();
        assertThat(pod.instances()).hasSize(PodTable.MOST_INSTANCES);
        assertThat(pod.instances().getFirst().restart()).isZero();
        assertThat(pod.instances().getLast().restart()).isEqualTo(999);
        assertThat(table.leftOut().instances()).isEqualTo(1000 - PodTable.MOST_INSTANCES);
    }

    @Test
    void eventsAreBounded() {
        for (int i = 0; i < 200; i++) {
            event("same", "a", i);
            event("e" + i, "a", i);
        }
        List<ClusterEvent> events = table.eventsOf("a");
        assertThat(events).hasSize(PodTable.MOST_EVENTS_OF_ONE);
        assertThat(events.getLast().uid()).isEqualTo("e199");
        assertThat(events)
                .extracting(ClusterEvent::uid)
                .contains("same", "e199")
                .doesNotContain("e0");
        for (int i = 0; i < PodTable.MOST_EVENTS + 10; i++) {
            event("f" + i, "b" + i, i);
        }
        assertThat(table.events()).isEqualTo(PodTable.MOST_EVENTS);
        assertThat(table.eventsOf("a")).isEmpty();
        assertThat(table.eventsOf("b0")).isEmpty();
        assertThat(table.eventsOf("b10")).hasSize(1);
    }

    @Test
    void aMarkIsSetOnce() {
        Preservation first = new Preservation("a", "app", 1, Preservation.Cause.CRASHED, AT, AT.plusSeconds(1));
        Preservation again = new Preservation("a", "app", 1, Preservation.Cause.CRASHED, AT.plusSeconds(5), AT);
        Preservation other = new Preservation("a", "app", 2, Preservation.Cause.CRASHED, AT, AT.plusSeconds(1));
        for (Preservation mark : new ArrayList<>(List.of(first, again, other))) {
            table.add(new Observation.Preserved(AT, mark));
        }
        assertThat(table.preservationsOf("a")).containsExactly(first, other);
    }

    @Test
    void itIsKnownUntilWhenChangesWereSeen() {
        assertThat(table.seenUntil()).isEmpty();
        table.add(new Observation.Watch(AT, true, "began"));
        table.add(new Observation.PodSeen(AT.plusSeconds(5), pod("a")));
        assertThat(table.seenUntil()).contains(AT.plusSeconds(5));
        table.add(new Observation.Watch(AT.plusSeconds(9), false, "broke"));
        event("e", "a", 20);
        assertThat(table.seenUntil()).contains(AT.plusSeconds(9));
        assertThat(table.watches()).hasSize(2);
    }
}
