package io.kiroku.collector.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Losses as JSON: times in ISO 8601 and UTC; what is not known is null. */
public final class GapsJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private GapsJson() {}

    /** {@code {"gaps": [...], "total": {"count": 2, "bytes": 100, "unknown": 1}}}. */
    public static ObjectNode write(List<LostBytes> losses) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ArrayNode list = root.putArray("gaps");
        losses.forEach(loss -> list.add(write(loss)));
        Source.Gaps total = total(losses);
        root.putObject("total")
                .put("count", total.count())
                .put("bytes", total.bytes())
                .put("unknown", total.unknown());
        return root;
    }

    /** How many there are, the bytes of those whose length is known, and how many others. */
    public static Source.Gaps total(List<LostBytes> losses) {
        long bytes = 0;
        long unknown = 0;
        for (LostBytes loss : losses) {
            if (loss.length() == Entry.UNKNOWN) {
                unknown++;
            } else {
                bytes = Math.min(Long.MAX_VALUE - loss.length(), bytes) + loss.length();
            }
        }
        return new Source.Gaps(losses.size(), bytes, unknown);
    }

    private static ObjectNode write(LostBytes loss) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("noticed", loss.noticed().toString());
        json.put("node", loss.node());
        json.put("stream", loss.stream().toString());
        json.put("segment", loss.segment());
        if (loss.path() == null) {
            json.putNull("path");
        } else {
            SourcesJson.writePath(json, loss.path());
        }
        json.put("from", loss.from());
        json.put("to", loss.to() == Entry.UNKNOWN ? null : loss.to());
        json.put("bytes", loss.length() == Entry.UNKNOWN ? null : loss.length());
        json.put("cause", loss.cause());
        json.put("why", loss.why());
        return json;
    }

    /**
     * Reads what {@link #write(List)} made.
     *
     * @throws IOException if it is anything else
     */
    public static List<LostBytes> read(byte[] json) throws IOException {
        JsonNode list = MAPPER.readTree(json).path("gaps");
        if (!list.isArray()) {
            throw new IOException("expected gaps in the collector's answer");
        }
        List<LostBytes> losses = new ArrayList<>();
        for (JsonNode loss : list) {
            losses.add(read(loss));
        }
        return losses;
    }

    private static LostBytes read(JsonNode json) throws IOException {
        try {
            return new LostBytes(
                    Instant.parse(SourcesJson.text(json, "noticed")),
                    SourcesJson.text(json, "node"),
                    Octets.parse(SourcesJson.text(json, "stream")),
                    json.path("segment").asLong(),
                    json.path("path").isTextual() ? SourcesJson.readPath(json) : null,
                    json.path("from").asLong(),
                    json.path("to").isNull() ? Entry.UNKNOWN : json.path("to").asLong(),
                    SourcesJson.text(json, "cause"),
                    SourcesJson.text(json, "why"));
        } catch (IllegalArgumentException | DateTimeException notALoss) {
            throw new IOException("expected a gap in the collector's answer: " + notALoss.getMessage(), notALoss);
        }
    }
}
