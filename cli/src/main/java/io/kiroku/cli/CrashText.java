package io.kiroku.cli;

import io.kiroku.collector.pods.ClusterEvent;
import io.kiroku.collector.pods.Crash;
import io.kiroku.collector.pods.Instance;
import io.kiroku.collector.pods.Pod;
import io.kiroku.collector.pods.PodView;
import io.kiroku.collector.pods.Preservation;
import io.kiroku.collector.query.LastLines;
import io.kiroku.collector.query.Source;
import io.kiroku.evidence.record.ShownText;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A crash as lines for people: who it was, and one time line. */
final class CrashText {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final int MOST_DIGEST = 12;

    /**
     * What happened at one time.
     *
     * @param rank of what happens at the same time, what comes first
     * @param lines the first with its time before it, the others as they are
     */
    private record Moment(Instant at, int rank, List<String> lines) {}

    private final Crash crash;
    private final PodView pod;
    private final Terminal terminal;

    CrashText(Crash crash, Terminal terminal) {
        this.crash = crash;
        this.pod = crash.pod();
        this.terminal = terminal;
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>(head());
        lines.add("");
        List<Moment> moments = new ArrayList<>();
        crash.events().forEach(event -> moments.add(new Moment(event.first(), 0, List.of(text(event)))));
        for (Crash.Life life : crash.lives()) {
            moments.add(new Moment(life.began(), 1, List.of(beginning(life))));
            List<String> ending = new ArrayList<>(List.of(ending(life)));
            life.end().said().forEach(said -> ending.add(text(said)));
            moments.add(new Moment(life.ended().orElse(Instant.MAX), 2, ending));
        }
        pod.told().ifPresent(told -> end(told, moments));
        moments.sort(Comparator.comparing(Moment::at).thenComparingInt(Moment::rank));
        if (crash.earlier() > 0) {
            lines.add("(%s before these; kiroku logs --previous=all has them)"
                    .formatted(Sizes.count(crash.earlier(), "life").replace("lifes", "lives")));
        }
        for (Moment moment : moments) {
            String time = moment.at().equals(Instant.MAX) ? "                        " : TIME.format(moment.at());
            lines.add(time + "  " + moment.lines().getFirst());
            lines.addAll(moment.lines().subList(1, moment.lines().size()));
        }
        if (moments.isEmpty()) {
            lines.add("No container of it is known to have run, and the cluster reported nothing of it.");
        }
        return lines;
    }

    private List<String> head() {
        Table table = new Table(Table.Align.LEFT, Table.Align.LEFT);
        table.row("Pod", pod.namespace() + "/" + pod.name());
        table.row("Status", pod.status() + (pod.told().isEmpty() ? ": the cluster told nothing of it" : ""));
        pod.told().map(Pod::message).filter(text -> !text.isEmpty()).ifPresent(text -> table.row("Message", text));
        waiting().forEach(text -> table.row("Waiting", text));
        table.row("Owner", PodsText.owner(pod));
        table.row("Node", pod.node().isEmpty() ? "-" : pod.node());
        table.row("Labels", PodsText.labels(pod));
        table.row("Uid", pod.told().map(Pod::uid).orElse(pod.logUid()));
        table.row("Logs", captured());
        table.row("Preserved", preserved());
        return table.lines();
    }

    /** What its containers wait for now; nothing once it is gone. */
    private List<String> waiting() {
        if (pod.isDead()) {
            return List.of();
        }
        Map<String, Instance> newest = new LinkedHashMap<>();
        pod.told()
                .map(Pod::instances)
                .orElse(List.of())
                .forEach(instance -> newest.put(instance.container(), instance));
        return newest.values().stream()
                .filter(instance -> instance.state() == Instance.State.WAITING
                        && !instance.reason().isEmpty())
                .map(instance -> "%s: %s%s"
                        .formatted(
                                instance.container(),
                                instance.reason(),
                                instance.message().isEmpty() ? "" : ": " + instance.message()))
                .toList();
    }

    private String captured() {
        return switch (pod.captured()) {
            case WHOLE -> "whole";
            case GAPS -> "with gaps: kiroku gaps -n %s %s".formatted(pod.namespace(), pod.name());
            case NONE -> "none were captured";
        };
    }

    private String preserved() {
        if (pod.preserved().isEmpty()) {
            return "-";
        }
        List<String> marks =
                pod.preserved().stream().map(CrashText::mark).distinct().toList();
        String until =
                pod.preservedUntil().map(at -> at.toString().substring(0, 10)).orElse("");
        return "until %s (%s)".formatted(until, String.join(", ", marks));
    }

    private static String mark(Preservation mark) {
        String cause = mark.cause().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        return mark.container().isEmpty() ? cause : "%s/%d %s".formatted(mark.container(), mark.restart(), cause);
    }

    /** What became of the pod as a whole. */
    private static void end(Pod told, List<Moment> moments) {
        told.deletion()
                .ifPresent(
                        at -> moments.add(new Moment(at, 3, List.of("pod      deleted: by then it was to be gone"))));
        told.gone().ifPresent(at -> moments.add(new Moment(at, 4, List.of("pod      gone: " + told.goneInWords()))));
    }

    private String text(ClusterEvent event) {
        String times = event.count() > 1
                ? " (%s times, until %s)".formatted(Sizes.count(event.count()), CLOCK.format(event.last()))
                : "";
        String line = ShownText.of("event    %s%s%s"
                .formatted(event.reason(), times, event.message().isEmpty() ? "" : ": " + event.message()));
        return event.type().equals("Warning") ? terminal.bold(line) : line;
    }

    private static String beginning(Crash.Life life) {
        String what = life.told().isPresent() ? "" : ": the cluster never told of this life, its log does";
        String image = life.told().map(CrashText::image).orElse("");
        return ShownText.of("began    %s/%d%s%s"
                .formatted(life.container(), life.restart(), image.isEmpty() ? "" : "  " + image, what));
    }

    private static String image(Instance told) {
        int digest = told.imageId().indexOf("sha256:");
        if (digest < 0) {
            return told.image();
        }
        int end = Math.min(told.imageId().length(), digest + "sha256:".length() + MOST_DIGEST);
        return "%s (%s)".formatted(told.image(), told.imageId().substring(digest, end));
    }

    private String ending(Crash.Life life) {
        String name = "%s/%d".formatted(life.container(), life.restart());
        String line = ShownText.of(life.ended().isEmpty() ? still(life, name) : "ended    " + name + how(life));
        return life.hasCrashed() ? terminal.red(line) : line;
    }

    private static String still(Crash.Life life, String name) {
        Optional<Source.State> state = life.log().map(Source::state);
        String last =
                state.filter(one -> one != Source.State.FOLLOWING).isPresent() ? ", when its log was seen last" : "";
        return "runs     %s%s%s".formatted(name, last, life.log().isEmpty() ? ": nothing of its log was captured" : "");
    }

    private static String how(Crash.Life life) {
        StringBuilder how = new StringBuilder();
        Optional<Instance> told = life.told().filter(one -> one.state() == Instance.State.TERMINATED);
        told.ifPresent(instance -> {
            how.append("  ")
                    .append(
                            instance.exitCode().isPresent()
                                    ? ExitCodes.inWords(instance.exitCode().getAsInt())
                                    : "exit unknown");
            if (!instance.reason().isEmpty()) {
                how.append(", ").append(instance.reason());
            }
        });
        Optional<Duration> lived =
                life.ended().map(ended -> Duration.between(life.began(), ended)).filter(length -> !length.isNegative());
        if (told.isPresent()) {
            // The kubelet's times are cut to seconds.
            lived.ifPresent(length ->
                    how.append(", after ").append(length.toMillis() < 2000 ? "less than 2s" : PodsText.age(length)));
        } else {
            how.append(": its log ends");
            lived.ifPresent(length -> how.append(" %s after its first line".formatted(lived(length))));
            how.append(", nobody told how it ended");
        }
        told.map(Instance::message)
                .filter(text -> !text.isEmpty())
                .ifPresent(text -> how.append(": ").append(text.strip()));
        if (life.log().isEmpty()) {
            how.append("; nothing of its log was captured");
        }
        return how.toString();
    }

    private static String lived(Duration lived) {
        return lived.toMillis() < 2000 ? lived.toMillis() + " ms" : PodsText.age(lived);
    }

    private String text(LastLines.Said said) {
        if (said.isNote()) {
            return terminal.bold("    ! " + ShownText.of(said.text()));
        }
        String time = said.at().map(CLOCK::format).orElse("            ");
        String rest = said.cut() == 0 ? "" : " ... (%s left out)".formatted(Sizes.format(said.cut()));
        return "    | %s  %s%s"
                .formatted(time, ShownText.of(said.text().replace('\t', ' ')), rest)
                .stripTrailing();
    }
}
