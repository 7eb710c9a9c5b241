package io.kiroku.collector.serve;

import io.kiroku.collector.ingest.IngestCounts;
import io.kiroku.collector.ingest.IngestServer;
import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreCounts;
import io.kiroku.collector.store.SyncTimes;
import io.kiroku.evidence.wire.Frame;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the store and ingest count, as Prometheus reads it. Nothing is counted here. */
public final class CollectorMetrics extends Collector {
    private static final String PREFIX = "kiroku_collector_";

    private final Store store;
    private final IngestServer ingest;
    private final LogMetrics log;
    private final Optional<ClusterMetrics> cluster;

    public CollectorMetrics(Store store, IngestServer ingest, LogMetrics log, Optional<ClusterMetrics> cluster) {
        this.store = store;
        this.ingest = ingest;
        this.log = log;
        this.cluster = cluster;
    }

    /** The text format of Prometheus, version 0.0.4. */
    public String text() {
        CollectorRegistry registry = new CollectorRegistry();
        registry.register(this);
        StringWriter out = new StringWriter();
        try {
            TextFormat.write004(out, registry.metricFamilySamples());
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toString();
    }

    @Override
    public List<MetricFamilySamples> collect() {
        List<MetricFamilySamples> families = new ArrayList<>();
        StoreCounts held = store.counts();
        families.add(gauge("streams", "Streams of which segments are stored.", held.streams()));
        families.add(gauge("segments", "Segments on stable storage.", held.segments()));
        families.add(gauge("stored_bytes", "Length of the segments as stored.", held.storedBytes()));
        families.add(gauge("raw_bytes", "Log bytes in the stored segments.", held.rawBytes()));
        families.add(gauge("volumes", "Volumes of the store.", held.volumes()));
        families.add(gauge("aside_segments", "Segments that did not fit and lie aside.", held.aside()));
        families.add(counter("aside_unkept", "Segments for which there was no room aside.", held.asideUnkept()));
        families.add(
                counter("contradictions", "Contradictions in what streams say of their files.", held.contradictions()));
        families.add(counter("torn_tails", "Torn tails that were cut when the store was opened.", held.tornTails()));
        families.add(gauge("damaged_places", "Damaged places seen when the store was opened.", held.damaged()));
        families.add(gauge("free_bytes", "Bytes that can still be written, -1 if unknown.", freeBytes(store)));
        IngestCounts counts = ingest.counts();
        families.add(gauge("connections", "Open connections of agents.", counts.connections()));
        families.add(gauge("streams_connected", "Streams that have a connection.", ingest.streamsConnected()));
        families.add(gauge("unstored_bytes", "Bytes received and not yet on stable storage.", ingest.unstoredBytes()));
        families.add(counter("received_bytes", "Bytes of all whole frames.", counts.receivedBytes()));
        families.add(counter("receipts", "Receipts sent.", counts.receipts()));
        families.add(counter(
                "ahead_segments",
                "Segments that were sealed, by their node's clock, more than a second after they came.",
                counts.aheadSegments()));
        families.add(counter("failed_handshakes", "TLS handshakes that failed.", counts.failedHandshakes()));
        families.add(counter(
                "connections_turned_away",
                "Connections closed because too many TLS handshakes were under way.",
                counts.connectionsTurnedAway()));
        families.add(refusals(counts));
        families.add(syncs(store.syncTimes()));
        families.add(gauge("log_entries", "Entries of the transparency log's last checkpoint.", log.entries()));
        families.add(gauge(
                "log_witnessed_entries",
                "Entries of the last checkpoint that as many witnesses have cosigned as the policy wants, 0 before.",
                log.witnessed()));
        families.add(counter(
                "log_contradictions",
                "Times that a witness found the log to contradict what it had seen.",
                log.contradictions()));
        families.add(counter("log_timestamps", "Timestamps of checkpoints that were kept.", log.stamped()));
        cluster.ifPresent(watched -> families.addAll(watched.families()));
        return families;
    }

    /** Bytes that can still be written to the store, -1 if that cannot be told. */
    public static long freeBytes(Store store) {
        try {
            return store.freeBytes();
        } catch (IOException unknown) {
            return -1;
        }
    }

    private static GaugeMetricFamily gauge(String name, String help, long value) {
        return new GaugeMetricFamily(PREFIX + name, help, (double) value);
    }

    private static CounterMetricFamily counter(String name, String help, long value) {
        return new CounterMetricFamily(PREFIX + name, help, (double) value);
    }

    private static CounterMetricFamily refusals(IngestCounts counts) {
        CounterMetricFamily family =
                new CounterMetricFamily(PREFIX + "refusals", "Refusals sent, by their reason.", List.of("code"));
        for (Frame.RefusalCode code : Frame.RefusalCode.values()) {
            family.addMetric(List.of(code.name().toLowerCase(Locale.ROOT)), (double) counts.refusals(code));
        }
        return family;
    }

    private static MetricFamilySamples syncs(SyncTimes times) {
        String name = PREFIX + "sync_seconds";
        List<MetricFamilySamples.Sample> samples = new ArrayList<>();
        double count = 0;
        for (int i = 0; i < times.counts().size(); i++) {
            count += times.counts().get(i);
            double bound = i < SyncTimes.BOUNDS.size() ? SyncTimes.BOUNDS.get(i) : Double.POSITIVE_INFINITY;
            samples.add(new MetricFamilySamples.Sample(
                    name + "_bucket", List.of("le"), List.of(doubleToGoString(bound)), count));
        }
        samples.add(new MetricFamilySamples.Sample(name + "_count", List.of(), List.of(), count));
        samples.add(new MetricFamilySamples.Sample(name + "_sum", List.of(), List.of(), times.totalSeconds()));
        return new MetricFamilySamples(name, Type.HISTOGRAM, "How long a group commit's sync took.", samples);
    }
}
