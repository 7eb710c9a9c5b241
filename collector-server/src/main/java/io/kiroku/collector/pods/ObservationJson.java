package io.kiroku.collector.pods;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kiroku.evidence.record.MalformedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Observations as lines of JSON, the fields always in the same order, what is empty left out. A line has at most {@link #MOST_LINE}
 * bytes; a pod that needs more comes in several, each with some of its instances.
 */
public final class ObservationJson {
    /** Bytes of a line, without the line feed. */
    public static final int MOST_LINE = 256 << 10;

    private static final int MOST_DEPTH = 8;

    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MOST_DEPTH)
                            .maxStringLength(MOST_LINE)
                            .maxNumberLength(20)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private ObservationJson() {}

    /**
     * The lines of an observation, nearly always one.
     *
     * @throws IllegalArgumentException if it does not fit even without a single instance
     */
    public static List<byte[]> lines(Observation observation) {
        byte[] line = write(observation);
        if (line.length <= MOST_LINE) {
            return List.of(line);
        }
        if (observation instanceof Observation.PodSeen(Instant at, Pod pod)
                && !pod.instances().isEmpty()) {
            List<byte[]> lines = new ArrayList<>();
            List<Instance> instances = pod.instances();
            int half = instances.size() / 2;
            lines.addAll(lines(new Observation.PodSeen(at, pod.withInstances(instances.subList(0, half)))));
            if (half > 0 || instances.size() > 1) {
                lines.addAll(lines(
                        new Observation.PodSeen(at, pod.withInstances(instances.subList(half, instances.size())))));
            }
            return lines;
        }
        throw new IllegalArgumentException(
                "expected an observation of at most %d bytes, found %d".formatted(MOST_LINE, line.length));
    }

    private static byte[] write(Observation observation) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("at", observation.at().toString());
        switch (observation) {
            case Observation.PodSeen seen -> write(json.putObject("pod"), seen.pod());
            case Observation.EventSeen seen -> write(json.putObject("event"), seen.event());
            case Observation.Preserved marked -> write(json.putObject("preserved"), marked.preservation());
            case Observation.Watch watch ->
                json.putObject("watch").put("holds", watch.holds()).put("sentence", watch.sentence());
        }
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    static void write(ObjectNode json, Pod pod) {
        json.put("namespace", pod.namespace());
        json.put("name", pod.name());
        json.put("uid", pod.uid());
        put(json, "logUid", pod.logUid().equals(pod.uid()) ? "" : pod.logUid());
        put(json, "node", pod.node());
        if (!pod.owners().isEmpty()) {
            ArrayNode owners = json.putArray("owners");
            pod.owners()
                    .forEach(owner ->
                            owners.addObject().put("kind", owner.kind()).put("name", owner.name()));
        }
        if (!pod.labels().isEmpty()) {
            ObjectNode labels = json.putObject("labels");
            pod.labels().forEach(labels::put);
        }
        json.put("created", pod.created().toString());
        put(json, "deletion", pod.deletion());
        put(json, "gone", pod.gone());
        put(json, "missedSince", pod.missedSince());
        json.put("phase", pod.phase());
        put(json, "reason", pod.reason());
        put(json, "message", pod.message());
        if (!pod.instances().isEmpty()) {
            ArrayNode instances = json.putArray("instances");
            pod.instances().forEach(instance -> write(instances.addObject(), instance));
        }
    }

    static void write(ObjectNode json, Instance instance) {
        json.put("container", instance.container());
        json.put("kind", word(instance.kind()));
        json.put("restart", instance.restart());
        json.put("image", instance.image());
        put(json, "imageId", instance.imageId());
        json.put("state", word(instance.state()));
        put(json, "started", instance.started());
        put(json, "finished", instance.finished());
        if (instance.exitCode().isPresent()) {
            json.put("exitCode", instance.exitCode().getAsInt());
        }
        put(json, "reason", instance.reason());
        put(json, "message", instance.message());
    }

    static void write(ObjectNode json, ClusterEvent event) {
        json.put("uid", event.uid());
        json.put("first", event.first().toString());
        json.put("last", event.last().toString());
        json.put("count", event.count());
        json.put("type", event.type());
        json.put("reason", event.reason());
        put(json, "message", event.message());
        put(json, "component", event.component());
        json.put("kind", event.kind());
        put(json, "namespace", event.namespace());
        json.put("name", event.name());
        put(json, "aboutUid", event.aboutUid());
    }

    static void write(ObjectNode json, Preservation mark) {
        json.put("podUid", mark.podUid());
        put(json, "container", mark.container());
        if (!mark.container().isEmpty()) {
            json.put("restart", mark.restart());
        }
        json.put("cause", word(mark.cause()));
        json.put("since", mark.since().toString());
        json.put("until", mark.until().toString());
    }

    private static void put(ObjectNode json, String field, String value) {
        if (!value.isEmpty()) {
            json.put(field, value);
        }
    }

    private static void put(ObjectNode json, String field, Optional<Instant> time) {
        time.ifPresent(at -> json.put(field, at.toString()));
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads a line. Fields that are not known are passed over, so that what is written later can be read by what was there before.
     *
     * @throws MalformedException if it is no observation, or one of a kind that is not known
     */
    public static Observation read(byte[] line) throws MalformedException {
        if (line.length > MOST_LINE) {
            throw new MalformedException(
                    "expected an observation of at most %d bytes, found %d".formatted(MOST_LINE, line.length));
        }
        try {
            JsonNode json = MAPPER.readTree(line);
            Instant at = Instant.parse(text(json, "at"));
            if (json.path("pod").isObject()) {
                return new Observation.PodSeen(at, pod(json.path("pod")));
            }
            if (json.path("event").isObject()) {
                return new Observation.EventSeen(at, event(json.path("event")));
            }
            if (json.path("preserved").isObject()) {
                return new Observation.Preserved(at, preservation(json.path("preserved")));
            }
            JsonNode watch = json.path("watch");
            if (watch.path("holds").isBoolean()) {
                return new Observation.Watch(at, watch.path("holds").asBoolean(), text(watch, "sentence"));
            }
        } catch (IOException | IllegalArgumentException | DateTimeException malformed) {
            throw new MalformedException("expected an observation, found something else: " + malformed.getMessage());
        }
        throw new MalformedException("expected a pod, an event, a mark or a state of the watch, found none of them");
    }

    static Pod pod(JsonNode json) throws IOException {
        List<Owner> owners = new ArrayList<>();
        for (JsonNode owner : json.path("owners")) {
            owners.add(new Owner(text(owner, "kind"), text(owner, "name")));
        }
        TreeMap<String, String> labels = new TreeMap<>();
        for (Map.Entry<String, JsonNode> label : json.path("labels").properties()) {
            labels.put(label.getKey(), label.getValue().asText());
        }
        List<Instance> instances = new ArrayList<>();
        for (JsonNode instance : json.path("instances")) {
            instances.add(instance(instance));
        }
        String uid = text(json, "uid");
        String logUid = optional(json, "logUid");
        return new Pod(
                text(json, "namespace"),
                text(json, "name"),
                uid,
                logUid.isEmpty() ? uid : logUid,
                optional(json, "node"),
                owners,
                labels,
                Instant.parse(text(json, "created")),
                time(json, "deletion"),
                time(json, "gone"),
                time(json, "missedSince"),
                text(json, "phase"),
                optional(json, "reason"),
                optional(json, "message"),
                instances);
    }

    static Instance instance(JsonNode json) throws IOException {
        return new Instance(
                text(json, "container"),
                Instance.Kind.valueOf(text(json, "kind").toUpperCase(Locale.ROOT)),
                number(json, "restart"),
                text(json, "image"),
                optional(json, "imageId"),
                Instance.State.valueOf(text(json, "state").toUpperCase(Locale.ROOT)),
                time(json, "started"),
                time(json, "finished"),
                json.has("exitCode") ? OptionalInt.of(number(json, "exitCode")) : OptionalInt.empty(),
                optional(json, "reason"),
                optional(json, "message"));
    }

    static ClusterEvent event(JsonNode json) throws IOException {
        return new ClusterEvent(
                text(json, "uid"),
                Instant.parse(text(json, "first")),
                Instant.parse(text(json, "last")),
                number(json, "count"),
                text(json, "type"),
                text(json, "reason"),
                optional(json, "message"),
                optional(json, "component"),
                text(json, "kind"),
                optional(json, "namespace"),
                text(json, "name"),
                optional(json, "aboutUid"));
    }

    static Preservation preservation(JsonNode json) throws IOException {
        return new Preservation(
                text(json, "podUid"),
                optional(json, "container"),
                json.has("restart") ? number(json, "restart") : 0,
                Preservation.Cause.valueOf(text(json, "cause").toUpperCase(Locale.ROOT)),
                Instant.parse(text(json, "since")),
                Instant.parse(text(json, "until")));
    }

    static String text(JsonNode json, String field) throws IOException {
        @Nullable JsonNode value = json.get(field);
        if (value == null || !value.isTextual()) {
            throw new IOException("expected the text \"%s\"".formatted(field));
        }
        return value.asText();
    }

    private static String optional(JsonNode json, String field) throws IOException {
        return json.has(field) ? text(json, field) : "";
    }

    private static Optional<Instant> time(JsonNode json, String field) throws IOException {
        return json.has(field) ? Optional.of(Instant.parse(text(json, field))) : Optional.empty();
    }

    private static int number(JsonNode json, String field) throws IOException {
        @Nullable JsonNode value = json.get(field);
        if (value == null || !value.isInt()) {
            throw new IOException("expected the number \"%s\"".formatted(field));
        }
        return value.asInt();
    }
}
