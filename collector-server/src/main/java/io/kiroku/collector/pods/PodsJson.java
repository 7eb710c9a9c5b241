package io.kiroku.collector.pods;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kiroku.collector.query.Source;
import io.kiroku.collector.query.SourcesJson;
import java.io.IOException;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Views of pods as JSON: times in ISO 8601 and UTC. What is derived from the rest is written for others, and not read. */
public final class PodsJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private PodsJson() {}

    /** {@code {"pods": [...]}}. */
    public static ObjectNode write(List<PodView> views) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ArrayNode list = root.putArray("pods");
        views.forEach(view -> list.add(write(view)));
        return root;
    }

    static ObjectNode write(PodView view) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("namespace", view.namespace());
        json.put("name", view.name());
        json.put("logUid", view.logUid());
        json.put("node", view.node());
        json.put("status", view.status());
        json.put("dead", view.isDead());
        json.put("restarts", view.restarts());
        json.put("born", view.born().toString());
        view.died().ifPresent(died -> json.put("died", died.toString()));
        json.put("captured", view.captured().name().toLowerCase(Locale.ROOT));
        view.told().ifPresent(pod -> ObservationJson.write(json.putObject("told"), pod));
        ArrayNode logs = json.putArray("logs");
        view.logs().forEach(source -> logs.add(SourcesJson.write(source)));
        ArrayNode preserved = json.putArray("preserved");
        view.preserved().forEach(mark -> ObservationJson.write(preserved.addObject(), mark));
        return json;
    }

    /**
     * Reads what {@link #write(List)} made.
     *
     * @throws IOException if it is anything else
     */
    public static List<PodView> read(byte[] json) throws IOException {
        List<PodView> views = new ArrayList<>();
        for (JsonNode view : MAPPER.readTree(json).path("pods")) {
            views.add(read(view));
        }
        return views;
    }

    static PodView read(JsonNode json) throws IOException {
        try {
            List<Source> logs = new ArrayList<>();
            for (JsonNode source : json.path("logs")) {
                Source read = SourcesJson.read(source);
                PodView.path(read);
                logs.add(read);
            }
            List<Preservation> preserved = new ArrayList<>();
            for (JsonNode mark : json.path("preserved")) {
                preserved.add(ObservationJson.preservation(mark));
            }
            return new PodView(
                    ObservationJson.text(json, "namespace"),
                    ObservationJson.text(json, "name"),
                    ObservationJson.text(json, "logUid"),
                    ObservationJson.text(json, "node"),
                    json.has("told") ? Optional.of(ObservationJson.pod(json.path("told"))) : Optional.empty(),
                    logs,
                    preserved);
        } catch (IllegalArgumentException | DateTimeException notAPod) {
            throw new IOException("expected a pod in the collector's answer: " + notAPod.getMessage(), notAPod);
        }
    }
}
