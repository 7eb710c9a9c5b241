package io.kiroku.collector.pods;

import io.kiroku.collector.query.LastLines;
import io.kiroku.collector.query.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds when each life began and ended, of what the kubelet reported in whole seconds and what its lines say. */
final class Lives {
    /** The kubelet's times are cut to seconds. */
    private static final Duration CUT = Duration.ofSeconds(1);

    private final List<Crash.Life> all = new ArrayList<>();

    /** By when the life before is over, of each container. */
    private final Map<String, Instant> over = new HashMap<>();

    /** Takes in a life; those of one container in the order of their restarts. */
    void add(PodView.Life life, Optional<Instance> told, Optional<Source> log, LastLines.End end) {
        Instant began = later(began(told, log, end), over.getOrDefault(life.container(), Instant.EPOCH));
        Optional<Instant> ended = ended(told, log, end).map(at -> later(at, began));
        over.put(life.container(), ended.orElse(began));
        all.add(new Crash.Life(life.container(), life.restart(), told, log, end, began, ended));
    }

    /** In the order in which they began. */
    List<Crash.Life> inOrder() {
        return all.stream()
                .sorted(Comparator.comparing(Crash.Life::began)
                        .thenComparingInt(Crash.Life::restart)
                        .thenComparing(Crash.Life::container))
                .toList();
    }

    private static Instant began(Optional<Instance> told, Optional<Source> log, LastLines.End end) {
        return told.flatMap(Instance::started)
                .filter(at -> at.isAfter(Instant.EPOCH))
                .map(at -> exact(at, end.begun()))
                .or(end::begun)
                .or(() -> log.map(Source::first))
                .or(() -> told.flatMap(Instance::finished))
                .orElse(Instant.EPOCH);
    }

    private static Optional<Instant> ended(Optional<Instance> told, Optional<Source> log, LastLines.End end) {
        Optional<Instant> last =
                end.said().stream().flatMap(line -> line.at().stream()).max(Comparator.naturalOrder());
        Optional<Instant> said = told.flatMap(Instance::finished).filter(at -> at.isAfter(Instant.EPOCH));
        if (said.isPresent()) {
            return said.map(at -> exact(at, last));
        }
        return log.filter(source -> source.state() == Source.State.ENDED || source.state() == Source.State.LOST)
                .map(source -> last.orElse(source.last()));
    }

    /** What was cut off the second, if a line tells. */
    private static Instant exact(Instant cut, Optional<Instant> line) {
        return line.filter(at -> at.isAfter(cut) && at.isBefore(cut.plus(CUT))).orElse(cut);
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
