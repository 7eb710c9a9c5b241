package io.kiroku.collector.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Sources as JSON: times in ISO 8601 and UTC, a path also as its bytes where its text does not give them back. */
public final class SourcesJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private SourcesJson() {}

    /** {@code {"sources": [...]}}. */
    public static ObjectNode write(List<Source> sources) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ArrayNode list = root.putArray("sources");
        sources.forEach(source -> list.add(write(source)));
        return root;
    }

    /** One source. */
    public static ObjectNode write(Source source) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("node", source.node());
        json.put("stream", source.stream().toString());
        writePath(json, source.path());
        PodLogPath pod = source.pod();
        if (pod == null) {
            json.putNull("pod");
        } else {
            json.putObject("pod")
                    .put("namespace", pod.namespace())
                    .put("name", pod.pod())
                    .put("uid", pod.uid())
                    .put("container", pod.container())
                    .put("restart", pod.restart());
        }
        json.put("bytes", source.bytes());
        json.put("files", source.files());
        json.putObject("gaps")
                .put("count", source.gaps().count())
                .put("bytes", source.gaps().bytes())
                .put("unknown", source.gaps().unknown());
        json.put("first", source.first().toString());
        json.put("last", source.last().toString());
        json.put("state", source.state().name().toLowerCase(Locale.ROOT));
        json.set("clock", ClockJson.write(source.clock()));
        return json;
    }

    /** Adds {@code path}, and {@code pathBytes} in hexadecimal if the text is not the path's UTF-8 form. */
    static void writePath(ObjectNode json, FilePath path) {
        String text = path.toString();
        json.put("path", text);
        if (!FilePath.of(text).equals(path)) {
            json.put("pathBytes", HexFormat.of().formatHex(path.bytes()));
        }
    }

    static FilePath readPath(JsonNode json) throws IOException {
        try {
            String bytes = json.path("pathBytes").asText("");
            return bytes.isEmpty()
                    ? FilePath.of(text(json, "path"))
                    : FilePath.of(HexFormat.of().parseHex(bytes));
        } catch (IllegalArgumentException noPath) {
            throw new IOException("expected a path in the collector's answer: " + noPath.getMessage(), noPath);
        }
    }

    /**
     * Reads what {@link #write(List)} made.
     *
     * @throws IOException if it is anything else
     */
    public static List<Source> read(byte[] json) throws IOException {
        List<Source> sources = new ArrayList<>();
        for (JsonNode source : MAPPER.readTree(json).path("sources")) {
            sources.add(read(source));
        }
        return sources;
    }

    /**
     * Reads what {@link #write(Source)} made.
     *
     * @throws IOException if it is anything else
     */
    public static Source read(JsonNode json) throws IOException {
        FilePath path = readPath(json);
        JsonNode gaps = json.path("gaps");
        @Nullable PodLogPath pod = PodLogPath.parse(path).orElse(null);
        try {
            return new Source(
                    text(json, "node"),
                    Octets.parse(text(json, "stream")),
                    path,
                    pod,
                    json.path("bytes").asLong(),
                    json.path("files").asInt(),
                    new Source.Gaps(
                            gaps.path("count").asLong(),
                            gaps.path("bytes").asLong(),
                            gaps.path("unknown").asLong()),
                    Instant.parse(text(json, "first")),
                    Instant.parse(text(json, "last")),
                    Source.State.valueOf(text(json, "state").toUpperCase(Locale.ROOT)),
                    ClockJson.read(json.path("clock")));
        } catch (IllegalArgumentException | DateTimeException notASource) {
            throw new IOException(
                    "expected a source in the collector's answer: " + notASource.getMessage(), notASource);
        }
    }

    static String text(JsonNode json, String field) throws IOException {
        JsonNode value = json.get(field);
        if (value == null || !value.isTextual()) {
            throw new IOException("expected the text \"%s\" in the collector's answer".formatted(field));
        }
        return value.asText();
    }
}
