package io.kiroku.collector.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@link AuditTrail} found as JSON: each event with where it is on record. The event is the same as in its line, in another
 * writing; the line itself is had from the source.
 */
public final class AuditJson {
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(520).build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private AuditJson() {}

    /**
     * {@code {"events": [{"seen": [{"node", "stream", "segment", "path"}], "disputed": false, "event": {...}}], "notes": [...],
     * "sources": [...], "all": true}}.
     */
    public static ObjectNode write(AuditTrail.Answer answer) throws IOException {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ArrayNode events = root.putArray("events");
        for (Recorded recorded : answer.events()) {
            ObjectNode json = events.addObject();
            ArrayNode seen = json.putArray("seen");
            recorded.seen()
                    .forEach(where -> seen.addObject()
                            .put("node", where.node())
                            .put("stream", where.stream().toString())
                            .put("segment", where.segment())
                            .put("path", where.path().toString()));
            json.put("disputed", recorded.isDisputed());
            json.set("event", MAPPER.readTree(recorded.json()));
        }
        ArrayNode notes = root.putArray("notes");
        answer.notes().forEach(notes::add);
        ArrayNode sources = root.putArray("sources");
        answer.sources().forEach(sources::add);
        root.put("all", answer.isAll());
        return root;
    }

    /**
     * Reads what {@link #write} made.
     *
     * @throws IOException if it is anything else
     */
    public static AuditTrail.Answer read(byte[] json) throws IOException {
        JsonNode root = MAPPER.readTree(json);
        if (!root.path("events").isArray()) {
            throw new IOException("expected audit events in the collector's answer");
        }
        List<Recorded> events = new ArrayList<>();
        for (JsonNode each : root.path("events")) {
            JsonNode event = each.path("event");
            AuditEvent parsed = AuditEvent.of(event)
                    .orElseThrow(() -> new IOException("expected an audit event in the collector's answer"));
            List<Seen> seen = new ArrayList<>();
            for (JsonNode where : each.path("seen")) {
                seen.add(seen(where));
            }
            events.add(new Recorded(
                    parsed,
                    MAPPER.writeValueAsString(event),
                    seen,
                    each.path("disputed").asBoolean()));
        }
        List<String> notes = new ArrayList<>();
        root.path("notes").forEach(note -> notes.add(note.asText()));
        List<String> sources = new ArrayList<>();
        root.path("sources").forEach(source -> sources.add(source.asText()));
        return new AuditTrail.Answer(events, notes, sources, root.path("all").asBoolean());
    }

    private static Seen seen(JsonNode json) throws IOException {
        try {
            return new Seen(
                    json.path("node").asText(),
                    Octets.parse(json.path("stream").asText()),
                    json.path("segment").asLong(),
                    FilePath.of(json.path("path").asText()));
        } catch (IllegalArgumentException noPlace) {
            throw new IOException("expected a place in the collector's answer: " + noPlace.getMessage(), noPlace);
        }
    }
}
