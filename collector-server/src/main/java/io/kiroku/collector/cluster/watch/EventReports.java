package io.kiroku.collector.cluster.watch;

import io.fabric8.kubernetes.api.model.EventSource;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.kiroku.collector.pods.ClusterEvent;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What an API server says of an event, in words of our own and within bounds. Both APIs give the same events in other words. */
final class EventReports {
    private static final int MOST_NAME = 253;

    private EventReports() {}

    /** As {@code events.k8s.io/v1} gives it. */
    static ClusterEvent report(io.fabric8.kubernetes.api.model.events.v1.Event event) {
        return report(
                event.getMetadata(),
                event.getRegarding(),
                first(event.getReportingController(), event.getDeprecatedSource()),
                event.getType(),
                event.getReason(),
                event.getNote(),
                times(
                        event.getDeprecatedFirstTimestamp(),
                        time(event.getEventTime()),
                        event.getMetadata().getCreationTimestamp()),
                times(
                        event.getSeries() == null
                                ? null
                                : time(event.getSeries().getLastObservedTime()),
                        event.getDeprecatedLastTimestamp(),
                        time(event.getEventTime())),
                event.getSeries() == null
                        ? event.getDeprecatedCount()
                        : event.getSeries().getCount());
    }

    /** As {@code v1} gives it. */
    static ClusterEvent report(io.fabric8.kubernetes.api.model.Event event) {
        return report(
                event.getMetadata(),
                event.getInvolvedObject(),
                first(event.getReportingComponent(), event.getSource()),
                event.getType(),
                event.getReason(),
                event.getMessage(),
                times(
                        event.getFirstTimestamp(),
                        time(event.getEventTime()),
                        event.getMetadata().getCreationTimestamp()),
                times(
                        event.getSeries() == null
                                ? null
                                : time(event.getSeries().getLastObservedTime()),
                        event.getLastTimestamp(),
                        time(event.getEventTime())),
                event.getSeries() == null ? event.getCount() : event.getSeries().getCount());
    }

    private static ClusterEvent report(
            ObjectMeta meta,
            @Nullable ObjectReference about,
            String component,
            @Nullable String type,
            @Nullable String reason,
            @Nullable String message,
            Optional<Instant> first,
            Optional<Instant> last,
            @Nullable Integer count) {
        ObjectReference object = about == null ? new ObjectReference() : about;
        Instant begun = first.or(() -> last).orElse(Instant.EPOCH);
        return new ClusterEvent(
                PodReports.text(meta.getUid(), MOST_NAME),
                begun,
                last.orElse(begun),
                count == null ? 1 : Math.max(1, count),
                PodReports.text(type, MOST_NAME),
                PodReports.text(reason, MOST_NAME),
                PodReports.text(message, PodReports.MOST_MESSAGE),
                component,
                PodReports.text(object.getKind(), MOST_NAME),
                PodReports.text(object.getNamespace(), MOST_NAME),
                PodReports.text(object.getName(), MOST_NAME),
                PodReports.text(object.getUid(), MOST_NAME));
    }

    private static String first(@Nullable String controller, @Nullable EventSource source) {
        return controller == null || controller.isEmpty()
                ? PodReports.text(source == null ? null : source.getComponent(), MOST_NAME)
                : PodReports.text(controller, MOST_NAME);
    }

    private static @Nullable String time(@Nullable MicroTime time) {
        return time == null ? null : time.getTime();
    }

    /** The first of them that there is. */
    private static Optional<Instant> times(@Nullable String... times) {
        return Stream.of(times).map(PodReports::time).flatMap(Optional::stream).findFirst();
    }
}
