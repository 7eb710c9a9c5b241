package io.kiroku.collector.custody;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kiroku.collector.access.CustodyRecord;
import io.kiroku.collector.query.ReportJson;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A custody report as JSON: each call as its last record has it, with {@code began} and {@code ended} in place of {@code when}. */
public final class CustodyJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private CustodyJson() {}

    /** {@code {"calls": [...], "leftOut": N, "unreadable": N, "streams": [...], "verdict": {...}}}. */
    public static ObjectNode write(CustodyReport report) throws IOException {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ArrayNode calls = root.putArray("calls");
        for (CustodyCall call : report.calls()) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.put("began", call.began().toString());
            json.put("ended", call.ended().map(Instant::toString).orElse(null));
            json.setAll((ObjectNode) MAPPER.readTree(call.last().json()));
            json.remove("when");
            calls.add(json);
        }
        root.put("leftOut", report.leftOut());
        root.put("unreadable", report.unreadable());
        ArrayNode streams = root.putArray("streams");
        report.streams().forEach(stream -> streams.add(stream.toString()));
        root.set("verdict", ReportJson.write(report.verdict()));
        return root;
    }

    /**
     * Reads what {@link #write} made.
     *
     * @throws IOException if it is anything else
     */
    public static CustodyReport read(byte[] bytes) throws IOException {
        JsonNode root = MAPPER.readTree(bytes);
        List<CustodyCall> calls = new ArrayList<>();
        List<Octets> streams = new ArrayList<>();
        try {
            for (JsonNode call : root.path("calls")) {
                Instant began = Instant.parse(call.path("began").asText());
                Optional<Instant> ended = call.path("ended").isTextual()
                        ? Optional.of(Instant.parse(call.path("ended").asText()))
                        : Optional.empty();
                ObjectNode record = call.deepCopy();
                record.put("when", ended.orElse(began).toString());
                calls.add(new CustodyCall(began, ended, CustodyRecord.read(record.toString())));
            }
            for (JsonNode stream : root.path("streams")) {
                streams.add(Octets.parse(stream.asText()));
            }
        } catch (IllegalArgumentException | DateTimeException | ClassCastException other) {
            throw new IOException("expected a custody report in the collector's answer", other);
        }
        return new CustodyReport(
                calls,
                root.path("leftOut").asLong(),
                root.path("unreadable").asLong(),
                streams,
                ReportJson.read(root.path("verdict").toString().getBytes(StandardCharsets.UTF_8)));
    }
}
