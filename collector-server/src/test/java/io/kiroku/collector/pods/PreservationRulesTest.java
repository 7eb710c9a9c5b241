package io.kiroku.collector.pods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreservationRulesTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

    @TempDir
    Path directory;

    private long nanos;

    private static Pod pod(
            String namespace, Map<String, String> labels, String reason, boolean deleted, Instance... lives) {
        return new Pod(
                namespace,
                "web",
                "u-1",
                "u-1",
                "node-1",
                List.of(),
                new TreeMap<>(labels),
                NOW,
                deleted ? Optional.of(NOW) : Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "Running",
                reason,
                "",
                List.of(lives));
    }

    private static Instance ended(int restart, int exit, String reason) {
        return new Instance(
                "app",
                Instance.Kind.MAIN,
                restart,
                "web:1",
                "",
                Instance.State.TERMINATED,
                Optional.of(NOW),
                Optional.of(NOW),
                OptionalInt.of(exit),
                reason,
                "");
    }

    private PreservationRules rules(String text) throws IOException {
        Path file = directory.resolve("rules");
        Files.writeString(file, text);
        return PreservationRules.of(file, () -> nanos, (path, content) -> {});
    }

    private static List<Duration> lengths(PreservationRules rules, Pod pod) {
        return rules.marks(pod, List.of(), NOW).stream()
                .map(mark -> Duration.between(mark.since(), mark.until()))
                .toList();
    }

    @Test
    void withoutAFileEveryBadEndIsMarkedOnce() {
        PreservationRules rules = PreservationRules.ofDefault();
        Pod pod = pod(
                "shop", Map.of(), "Evicted", true, ended(0, 1, "Error"), ended(1, 137, "OOMKilled"), ended(2, 0, ""));
        List<Preservation> marks = rules.marks(pod, List.of(), NOW);
        assertThat(marks)
                .extracting(Preservation::container, Preservation::restart, Preservation::cause)
                .containsExactly(
                        tuple("app", 0, Preservation.Cause.CRASHED),
                        tuple("app", 1, Preservation.Cause.OOM_KILLED),
                        tuple("", 0, Preservation.Cause.EVICTED),
                        tuple("", 0, Preservation.Cause.DELETED));
        assertThat(marks).allSatisfy(mark -> assertThat(mark.until()).isEqualTo(NOW.plus(PreservationRules.DEFAULT)));
        assertThat(rules.marks(pod, marks, NOW.plusSeconds(9))).isEmpty();
    }

    @Test
    void whatIsToldToStopHasNotCrashed() {
        PreservationRules rules = PreservationRules.ofDefault();
        for (int exit : new int[] {143, 137}) {
            assertThat(rules.marks(pod("shop", Map.of(), "", true, ended(0, exit, "Error")), List.of(), NOW))
                    .extracting(Preservation::cause)
                    .containsExactly(Preservation.Cause.DELETED);
            assertThat(rules.marks(pod("shop", Map.of(), "", false, ended(0, exit, "Error")), List.of(), NOW))
                    .extracting(Preservation::cause)
                    .containsExactly(Preservation.Cause.CRASHED);
        }
    }

    @Test
    void theFirstRuleThatFitsDecides() throws IOException {
        PreservationRules rules = rules("""
            # who needs what
            shop,pay     tier=front,!test,zone!=x  crashed,oom-killed  90d
            kube-system  *                         *                   none
            *            job                       *                   12h
            *            *                         crashed             7d
            """);
        Pod crashed = pod("shop", Map.of("tier", "front"), "", false, ended(0, 1, ""));
        assertThat(lengths(rules, crashed)).containsExactly(Duration.ofDays(90));
        assertThat(lengths(rules, pod("shop", Map.of("tier", "front", "test", ""), "", false, ended(0, 1, ""))))
                .containsExactly(Duration.ofDays(7));
        assertThat(lengths(rules, pod("shop", Map.of("tier", "front", "zone", "x"), "", false, ended(0, 1, ""))))
                .containsExactly(Duration.ofDays(7));
        assertThat(lengths(rules, pod("kube-system", Map.of(), "", true, ended(0, 1, ""))))
                .isEmpty();
        assertThat(lengths(rules, pod("any", Map.of("job", "a"), "Evicted", true)))
                .containsExactly(Duration.ofHours(12), Duration.ofHours(12));
        assertThat(lengths(rules, pod("any", Map.of(), "Evicted", true))).isEmpty();
    }

    @Test
    void aFileThatChangesIsReadAgain() throws IOException {
        PreservationRules rules = rules("* * * 7d\n");
        Pod crashed = pod("shop", Map.of(), "", false, ended(0, 1, ""));
        assertThat(lengths(rules, crashed)).containsExactly(Duration.ofDays(7));
        Files.writeString(directory.resolve("rules"), "* * * 8d\n");
        nanos += Duration.ofSeconds(2).toNanos();
        assertThat(lengths(rules, crashed)).containsExactly(Duration.ofDays(8));
        Files.writeString(directory.resolve("rules"), "what?\n");
        nanos += Duration.ofSeconds(2).toNanos();
        assertThat(lengths(rules, crashed)).containsExactly(Duration.ofDays(8));
    }

    @Test
    void whatIsNoRuleIsRefusedWithASentence() {
        Map<String, String> sentences = Map.of(
                "shop * *", "expected NAMESPACES LABELS CAUSES TIME, found 3 fields",
                "* a==b=c * 1d", "expected labels as key=value, key!=value, key or !key, found \"a==b=c\"",
                "* !a=b * 1d", "expected labels as key=value, key!=value, key or !key, found \"!a=b\"",
                "* * died 1d", "expected causes (crashed, oom-killed, evicted, deleted) or *, found \"died\"",
                "* * * 0d", "expected how long as 30d, 12h or none, at most 36500d, found \"0d\"",
                "* * * 99999d", "expected how long as 30d, 12h or none, at most 36500d, found \"99999d\"");
        sentences.forEach((line, sentence) -> assertThatThrownBy(() -> rules("\n" + line))
                .isInstanceOf(IOException.class)
                .hasMessageEndingWith(", line 2: " + sentence));
    }
}
