package io.kiroku.agent.metrics;

import io.kiroku.evidence.record.Entry.GapCause;
import io.prometheus.client.Collector;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** An agent's status as Prometheus metrics. */
public final class AgentMetrics extends Collector {
    private final Supplier<AgentStatus> status;

    public AgentMetrics(Supplier<AgentStatus> status) {
        this.status = status;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        AgentStatus now = status.get();
        List<MetricFamilySamples> families = new ArrayList<>(List.of(
                counter("kiroku_agent_read_bytes", "Log bytes read.", now.bytesRead()),
                counter("kiroku_agent_sealed_bytes", "Log bytes in sealed segments.", now.bytesSealed()),
                counter("kiroku_agent_stored_bytes", "Bytes of sealed segments in the ring.", now.bytesStored()),
                counter("kiroku_agent_sealed_segments", "Segments sealed.", now.segmentsSealed()),
                gauge("kiroku_agent_newest_segment", "Sequence of the newest segment.", now.segmentsNewest()),
                gauge(
                        "kiroku_agent_acknowledged_segment",
                        "Sequence up to which the collector has everything on stable storage.",
                        now.segmentsAcknowledged()),
                gauge("kiroku_agent_pending_bytes", "Log bytes known to be there and not read.", now.bytesPending()),
                gauge("kiroku_agent_sources", "Sources followed.", now.sources()),
                gauge("kiroku_agent_open_files", "Log files held open.", now.openFiles()),
                gauge("kiroku_agent_pinned_files", "Log files kept by hard links.", now.pinnedFiles()),
                gauge("kiroku_agent_held_bytes", "Bytes on disk only because the agent holds them.", now.heldBytes()),
                gauge("kiroku_agent_ring_size_bytes", "Size of the ring.", now.ringBytes()),
                gauge("kiroku_agent_ring_used_bytes", "Bytes of the ring that hold segments.", now.ringUsedBytes()),
                gauge("kiroku_agent_connected", "1 while a collector takes segments.", now.connected() ? 1 : 0),
                gauge(
                        "kiroku_agent_blocked",
                        "1 while the ring is full and reading stands still.",
                        now.blocked() ? 1 : 0)));
        families.add(gaps(now));
        now.clock().ifPresent(clock -> {
            families.add(seconds(
                    "kiroku_agent_clock_offset_seconds",
                    "What is to be added to the node's clock to have the collector's, as measured last.",
                    clock.offsetNanos()));
            families.add(seconds(
                    "kiroku_agent_clock_uncertainty_seconds",
                    "By how much the offset may be wrong, either way.",
                    clock.uncertaintyNanos()));
        });
        return families;
    }

    private static MetricFamilySamples gaps(AgentStatus now) {
        CounterMetricFamily gaps = new CounterMetricFamily(
                "kiroku_agent_gaps", "Losses recorded since the agent started.", List.of("cause"));
        for (GapCause cause : GapCause.values()) {
            gaps.addMetric(
                    List.of(cause.name().toLowerCase(Locale.ROOT)), now.gaps().getOrDefault(cause, 0L));
        }
        return gaps;
    }

    private static MetricFamilySamples counter(String name, String help, long value) {
        return new CounterMetricFamily(name, help, (double) value);
    }

    private static MetricFamilySamples seconds(String name, String help, long nanos) {
        return new GaugeMetricFamily(name, help, nanos / 1e9);
    }

    private static MetricFamilySamples gauge(String name, String help, long value) {
        return new GaugeMetricFamily(name, help, (double) value);
    }
}
