package io.kiroku.collector.pods;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kiroku.collector.query.LastLines;
import io.kiroku.collector.query.SourcesJson;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Crashes as JSON: times in ISO 8601 and UTC. */
public final class CrashJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private CrashJson() {}

    /** {@code {"crashes": [...]}}. */
    public static ObjectNode write(List<Crash> crashes) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ArrayNode list = root.putArray("crashes");
        crashes.forEach(crash -> write(list.addObject(), crash));
        return root;
    }

    private static void write(ObjectNode json, Crash crash) {
        json.set("pod", PodsJson.write(crash.pod()));
        ArrayNode lives = json.putArray("lives");
        crash.lives().forEach(life -> write(lives.addObject(), life));
        json.put("earlierLives", crash.earlier());
        ArrayNode events = json.putArray("events");
        crash.events().forEach(event -> ObservationJson.write(events.addObject(), event));
    }

    private static void write(ObjectNode json, Crash.Life life) {
        json.put("container", life.container());
        json.put("restart", life.restart());
        json.put("began", life.began().toString());
        life.ended().ifPresent(ended -> json.put("ended", ended.toString()));
        life.told().ifPresent(told -> ObservationJson.write(json.putObject("told"), told));
        life.log().ifPresent(log -> json.set("log", SourcesJson.write(log)));
        life.end().begun().ifPresent(begun -> json.put("firstLine", begun.toString()));
        json.put("whole", life.end().whole());
        ArrayNode said = json.putArray("lastLines");
        for (LastLines.Said one : life.end().said()) {
            ObjectNode line = said.addObject();
            one.at().ifPresent(at -> line.put("at", at.toString()));
            line.put(one.isNote() ? "note" : "text", one.text());
            if (one.cut() > 0) {
                line.put("bytesLeftOut", one.cut());
            }
        }
    }

    /**
     * Reads what {@link #write} made.
     *
     * @throws IOException if it is anything else
     */
    public static List<Crash> read(byte[] json) throws IOException {
        List<Crash> crashes = new ArrayList<>();
        try {
            for (JsonNode crash : MAPPER.readTree(json).path("crashes")) {
                crashes.add(crash(crash));
            }
        } catch (IllegalArgumentException | DateTimeException notACrash) {
            throw new IOException("expected a crash in the collector's answer: " + notACrash.getMessage(), notACrash);
        }
        return crashes;
    }

    private static Crash crash(JsonNode json) throws IOException {
        List<Crash.Life> lives = new ArrayList<>();
        for (JsonNode life : json.path("lives")) {
            lives.add(life(life));
        }
        List<ClusterEvent> events = new ArrayList<>();
        for (JsonNode event : json.path("events")) {
            events.add(ObservationJson.event(event));
        }
        return new Crash(
                PodsJson.read(json.path("pod")),
                lives,
                json.path("earlierLives").asInt(),
                events);
    }

    private static Crash.Life life(JsonNode json) throws IOException {
        List<LastLines.Said> said = new ArrayList<>();
        for (JsonNode line : json.path("lastLines")) {
            boolean isNote = line.has("note");
            said.add(new LastLines.Said(
                    time(line, "at"),
                    ObservationJson.text(line, isNote ? "note" : "text"),
                    line.path("bytesLeftOut").asLong(),
                    isNote));
        }
        return new Crash.Life(
                ObservationJson.text(json, "container"),
                json.path("restart").asInt(),
                json.has("told") ? Optional.of(ObservationJson.instance(json.path("told"))) : Optional.empty(),
                json.has("log") ? Optional.of(SourcesJson.read(json.path("log"))) : Optional.empty(),
                new LastLines.End(
                        time(json, "firstLine"), said, json.path("whole").asBoolean()),
                Instant.parse(ObservationJson.text(json, "began")),
                time(json, "ended"));
    }

    private static Optional<Instant> time(JsonNode json, String field) throws IOException {
        return json.has(field) ? Optional.of(Instant.parse(ObservationJson.text(json, field))) : Optional.empty();
    }
}
