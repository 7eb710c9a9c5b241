package io.kiroku.collector.pods;

import io.kiroku.collector.query.LastLines;
import io.kiroku.collector.query.Source;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What there is to say of a pod that ended, or whose containers did.
 *
 * @param pod all that is known of it
 * @param lives of its containers, in the order in which they began
 * @param earlier how many lives before these are known and left out
 * @param events about the pod, in the order in which they happened
 */
public record Crash(PodView pod, List<Life> lives, int earlier, List<ClusterEvent> events) {
    /**
     * One life of a container. At least one of {@code told} and {@code log} is there: a life between two reports of the kubelet is
     * known by its log alone.
     *
     * @param told what the cluster said of it
     * @param log what was captured of it
     * @param end how its log ends
     */
    public record Life(
            String container, int restart, Optional<Instance> told, Optional<Source> log, LastLines.End end) {
        /** When it began: by the kubelet's word, else by its first line, else by when something of its log was captured first. */
        public Instant began() {
            return told.flatMap(Instance::started)
                    .filter(at -> at.isAfter(Instant.EPOCH))
                    .or(end::begun)
                    .or(() -> log.map(Source::first))
                    .or(() -> told.flatMap(Instance::finished))
                    .orElse(Instant.EPOCH);
        }

        /**
         * When it ended: by the kubelet's word; of one that the cluster did not tell the end of, and whose log has ended, by its last
         * line. Empty if it may live still.
         */
        public Optional<Instant> ended() {
            Optional<Instant> said = told.flatMap(Instance::finished).filter(at -> at.isAfter(Instant.EPOCH));
            if (said.isPresent() || log.isEmpty()) {
                return said;
            }
            boolean over = log.get().state() == Source.State.ENDED || log.get().state() == Source.State.LOST;
            return over ? Optional.of(lastSaid()) : Optional.empty();
        }

        private Instant lastSaid() {
            return end.said().stream()
                    .flatMap(line -> line.at().stream())
                    .max(Comparator.naturalOrder())
                    .or(() -> log.map(Source::last))
                    .orElse(Instant.EPOCH);
        }

        /** Whether the cluster said that it ended otherwise than well. */
        public boolean hasCrashed() {
            return told.filter(Instance::hasCrashed).isPresent();
        }
    }

    /** Copies the lists. */
    public Crash {
        lives = List.copyOf(lives);
        events = List.copyOf(events);
    }
}
