package io.kiroku.cli;

import io.kiroku.collector.pods.Instance;
import io.kiroku.collector.pods.Owner;
import io.kiroku.collector.pods.Pod;
import io.kiroku.collector.pods.PodView;
import io.kiroku.collector.query.Source;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Pods as a table.
 *
 * @param now from which ages count
 * @param withNamespace whether pods of several namespaces are listed
 * @param wide whether all is told
 */
record PodsText(Instant now, boolean withNamespace, boolean wide) {
    Table table(List<PodView> pods) {
        List<String> head = new ArrayList<>();
        if (withNamespace) {
            head.add("NAMESPACE");
        }
        head.addAll(List.of("NAME", "STATUS", "RESTARTS", "LAST", "AGE", "DIED", "NODE", "LOGS", "PRESERVED"));
        if (wide) {
            head.addAll(List.of("CREATED", "DIED-AT", "UID", "OWNER", "LABELS"));
        }
        Table.Align[] aligns = head.stream()
                .map(title -> title.equals("RESTARTS") ? Table.Align.RIGHT : Table.Align.LEFT)
                .toArray(Table.Align[]::new);
        Table table = new Table(aligns).row(head.toArray(String[]::new));
        pods.forEach(pod -> table.row(row(pod).toArray(String[]::new)));
        return table;
    }

    private List<String> row(PodView pod) {
        List<String> row = new ArrayList<>();
        if (withNamespace) {
            row.add(pod.namespace());
        }
        row.add(pod.name());
        row.add(pod.status());
        row.add(Sizes.count(pod.restarts()));
        row.add(pod.lastEnd().map(PodsText::end).orElse("-"));
        row.add(age(Duration.between(pod.born(), now)));
        row.add(pod.died()
                .map(died -> age(Duration.between(died, now)) + " ago")
                .orElse("-"));
        row.add(orDash(pod.node()));
        row.add(logs(pod));
        row.add(pod.preservedUntil()
                .map(until -> until.toString().substring(0, 10))
                .orElse("-"));
        if (wide) {
            row.add(seconds(Optional.of(pod.born())));
            row.add(seconds(pod.died()));
            row.add(pod.told().map(Pod::uid).orElse(pod.logUid()));
            row.add(owner(pod));
            row.add(labels(pod));
        }
        return row;
    }

    /** {@code OOMKilled (137)}. */
    private static String end(Instance instance) {
        String reason = instance.reason().isEmpty() ? "ended" : instance.reason();
        return instance.exitCode().isPresent()
                ? "%s (%d)".formatted(reason, instance.exitCode().getAsInt())
                : reason;
    }

    private static String logs(PodView pod) {
        return switch (pod.captured()) {
            case WHOLE -> "whole";
            case NONE -> "none";
            case GAPS -> {
                long gaps = pod.logs().stream()
                        .map(Source::gaps)
                        .mapToLong(Source.Gaps::count)
                        .sum();
                yield gaps == 0 ? "gaps" : "gaps (%s)".formatted(Sizes.count(gaps));
            }
        };
    }

    /** The one at the top. */
    static String owner(PodView pod) {
        return pod.told()
                .filter(told -> !told.owners().isEmpty())
                .map(told -> told.owners().getLast())
                .map(PodsText::owner)
                .orElse("-");
    }

    private static String owner(Owner owner) {
        return owner.kind() + "/" + owner.name();
    }

    static String labels(PodView pod) {
        return pod.told()
                .filter(told -> !told.labels().isEmpty())
                .map(told -> told.labels().entrySet().stream()
                        .map(label -> label.getKey() + "=" + label.getValue())
                        .collect(Collectors.joining(",")))
                .orElse("-");
    }

    static String seconds(Optional<Instant> time) {
        return time.map(at -> at.truncatedTo(ChronoUnit.SECONDS).toString()).orElse("-");
    }

    private static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }

    /** As kubectl shows it: two units of it below a day's worth, one above. */
    static String age(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        long minutes = seconds / 60;
        long hours = minutes / 60;
        long days = hours / 24;
        if (seconds < 120) {
            return seconds + "s";
        }
        if (minutes < 10) {
            return both(minutes, "m", seconds % 60, "s");
        }
        if (hours < 3) {
            return minutes + "m";
        }
        if (hours < 8) {
            return both(hours, "h", minutes % 60, "m");
        }
        if (hours < 48) {
            return hours + "h";
        }
        return days < 8 ? both(days, "d", hours % 24, "h") : days + "d";
    }

    private static String both(long large, String largeUnit, long small, String smallUnit) {
        return small == 0 ? large + largeUnit : large + largeUnit + small + smallUnit;
    }
}
