package io.kiroku.collector.serve;

import io.kiroku.collector.cluster.watch.PodWatch;
import io.kiroku.collector.pods.PodRecorder;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** What is told of the watch of a cluster's pods. */
public record ClusterMetrics(PodWatch watch, InstantSource clock) {
    private static final String PREFIX = "kiroku_collector_";
    private static final List<String> KIND = List.of("kind");

    List<MetricFamilySamples> families() {
        GaugeMetricFamily pods =
                new GaugeMetricFamily(PREFIX + "cluster_pods", "Pods that are known.", List.of("state"));
        int gone = watch.table().goneSize();
        pods.addMetric(List.of("there"), (double) watch.table().size() - gone);
        pods.addMetric(List.of("gone"), (double) gone);
        GaugeMetricFamily up = new GaugeMetricFamily(
                PREFIX + "cluster_watch_up", "Whether changes of that kind are seen, 1 or 0.", KIND);
        CounterMetricFamily lists = new CounterMetricFamily(
                PREFIX + "cluster_lists", "Times that all objects of that kind were listed.", KIND);
        CounterMetricFamily changes =
                new CounterMetricFamily(PREFIX + "cluster_changes", "Changes of that kind that were told.", KIND);
        GaugeMetricFamily silence = new GaugeMetricFamily(
                PREFIX + "cluster_silence_seconds",
                "How long ago something of that kind was heard last, -1 if nothing was.",
                KIND);
        watch.states().forEach((kind, state) -> {
            List<String> label = List.of(kind);
            up.addMetric(label, state.holds() ? 1 : 0);
            lists.addMetric(label, (double) state.lists());
            changes.addMetric(label, (double) state.changes());
            silence.addMetric(
                    label,
                    state.heard()
                            .map(heard ->
                                    Duration.between(heard, clock.instant()).toMillis() / 1e3)
                            .orElse(-1.0));
        });
        PodRecorder.Counts counts = watch.counts();
        return List.of(
                pods,
                up,
                lists,
                changes,
                silence,
                new CounterMetricFamily(
                        PREFIX + "cluster_observations",
                        "Observations of pods and events that were put on record.",
                        (double) counts.observations()),
                new GaugeMetricFamily(
                        PREFIX + "cluster_waiting", "Pods and events that wait to be put on record.", (double)
                                counts.waiting()),
                new CounterMetricFamily(
                        PREFIX + "cluster_record_failures",
                        "Attempts to put observations on record that failed.",
                        (double) counts.failures()));
    }
}
