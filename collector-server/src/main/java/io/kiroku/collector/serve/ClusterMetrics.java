package io.kiroku.collector.serve;

import io.kiroku.collector.cluster.PodWatch;
import io.kiroku.collector.pods.PodRecorder;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What is told of the watch of a cluster's pods. */
public record ClusterMetrics(PodWatch watch, InstantSource clock) {
    private static final List<String> KIND = List.of("kind");

    List<MetricFamilySamples> families(String prefix) {
        List<MetricFamilySamples> families = new ArrayList<>();
        String pods = prefix + "cluster_pods";
        GaugeMetricFamily known = new GaugeMetricFamily(pods, "Pods that are known.", List.of("state"));
        int gone = watch.table().goneSize();
        known.addMetric(List.of("there"), (double) watch.table().size() - gone);
        known.addMetric(List.of("gone"), (double) gone);
        families.add(known);
        GaugeMetricFamily up = new GaugeMetricFamily(
                prefix + "cluster_watch_up", "Whether changes of that kind are seen, 1 or 0.", KIND);
        CounterMetricFamily lists = new CounterMetricFamily(
                prefix + "cluster_lists", "Times that all objects of that kind were listed.", KIND);
        CounterMetricFamily changes =
                new CounterMetricFamily(prefix + "cluster_changes", "Changes of that kind that were told.", KIND);
        GaugeMetricFamily silence = new GaugeMetricFamily(
                prefix + "cluster_silence_seconds",
                "How long ago something of that kind was heard last, -1 if nothing was.",
                KIND);
        for (Map.Entry<String, PodWatch.WatchState> entry : watch.states().entrySet()) {
            List<String> kind = List.of(entry.getKey());
            PodWatch.WatchState state = entry.getValue();
            up.addMetric(kind, state.holds() ? 1 : 0);
            lists.addMetric(kind, (double) state.lists());
            changes.addMetric(kind, (double) state.changes());
            silence.addMetric(
                    kind,
                    state.heard()
                            .map(heard ->
                                    Duration.between(heard, clock.instant()).toMillis() / 1e3)
                            .orElse(-1.0));
        }
        families.addAll(List.of(up, lists, changes, silence));
        PodRecorder.Counts counts = watch.counts();
        families.add(new CounterMetricFamily(
                prefix + "cluster_observations", "Observations of pods and events that were put on record.", (double)
                        counts.observations()));
        families.add(new GaugeMetricFamily(
                prefix + "cluster_observations_waiting", "Pods and events that wait to be put on record.", (double)
                        counts.waiting()));
        families.add(new CounterMetricFamily(
                prefix + "cluster_record_failures", "Attempts to put observations on record that failed.", (double)
                        counts.failures()));
        return families;
    }
}
