package io.kiroku.collector.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.NodeClock;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a stream says of its node's clock, as JSON. */
final class ClockJson {
    private ClockJson() {}

    /** An object with {@code measurements}, {@code last}, {@code farthest}, {@code steps} and {@code firstSteps}. */
    static ObjectNode write(NodeClock.Standing standing) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("measurements", standing.measurements());
        json.set("last", write(standing.last()));
        json.set("farthest", write(standing.farthest()));
        json.put("steps", standing.steps());
        ArrayNode steps = json.putArray("firstSteps");
        standing.firstSteps()
                .forEach(step -> steps.addObject()
                        .put("segment", step.sequence())
                        .put("noticed", Timestamp.instant(step.wallNanos()).toString())
                        .put("how", step.detail()));
        return json;
    }

    private static JsonNode write(NodeClock.@Nullable Stated stated) {
        if (stated == null) {
            return JsonNodeFactory.instance.nullNode();
        }
        Entry.Clock clock = stated.clock();
        return JsonNodeFactory.instance
                .objectNode()
                .put("segment", stated.sequence())
                .put("offsetNanos", clock.offsetNanos())
                .put("uncertaintyNanos", clock.uncertaintyNanos())
                .put("measured", Timestamp.instant(clock.wallNanos()).toString())
                .put("collector", clock.collector().toString());
    }

    /**
     * Reads what {@link #write(NodeClock.Standing)} made; nothing, as of a stream that says nothing.
     *
     * @throws IOException if it is anything else
     */
    static NodeClock.Standing read(JsonNode json) throws IOException {
        if (!json.has("measurements")) {
            return NodeClock.Standing.UNKNOWN;
        }
        List<NodeClock.Step> steps = new ArrayList<>();
        for (JsonNode step : json.path("firstSteps")) {
            steps.add(new NodeClock.Step(
                    step.path("segment").asLong(), nanos(step, "noticed"), SourcesJson.text(step, "how")));
        }
        return new NodeClock.Standing(
                json.path("measurements").asLong(),
                readStated(json.path("last")),
                readStated(json.path("farthest")),
                json.path("steps").asLong(),
                steps);
    }

    private static NodeClock.@Nullable Stated readStated(JsonNode json) throws IOException {
        if (!json.isObject()) {
            return null;
        }
        Entry.Clock clock = new Entry.Clock(
                json.path("offsetNanos").asLong(),
                json.path("uncertaintyNanos").asLong(),
                nanos(json, "measured"),
                Octets.parse(SourcesJson.text(json, "collector")));
        return new NodeClock.Stated(json.path("segment").asLong(), clock);
    }

    private static long nanos(JsonNode json, String field) throws IOException {
        Instant instant = Instant.parse(SourcesJson.text(json, field));
        return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
    }
}
