package io.kiroku.collector.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One thing that was done to the evidence, or begun. A call has two records: one before the first byte of its answer, one at its
 * end. A call that was refused, and a change of the configuration, has one.
 *
 * @param when on the collector's clock
 * @param call ties the two records of a call together: 16 hexadecimal digits; empty for the configuration
 * @param stage whether it begins or has ended
 * @param caller his name
 * @param voucher who says that he is that
 * @param from the address that the connection comes from
 * @param action what was asked for: {@code sources}, {@code logs}, ...
 * @param selection the parameters, sorted, as a URL has them; at most {@link #MOST_SELECTION} characters
 * @param caseId the case that it is for; empty if none was given
 * @param purpose empty if none was given
 * @param outcome what came of it
 * @param status that of HTTP; 0 at the beginning
 * @param bytes of the answer that were sent
 * @param touched the sources whose content was shown, by stream and path; at most {@link #MOST_TOUCHED}, and
 *     {@link #MOST_TOUCHED_CHARACTERS}
 * @param untold how many more were
 */
public record CustodyRecord(
        Instant when,
        String call,
        Stage stage,
        String caller,
        String voucher,
        String from,
        String action,
        String selection,
        String caseId,
        String purpose,
        Outcome outcome,
        int status,
        long bytes,
        List<String> touched,
        long untold) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    public static final int MOST_SELECTION = 8192;
    public static final int MOST_TOUCHED = 256;

    /** Characters of all touched sources together, so that a record is a line of at most 256 KiB. */
    public static final int MOST_TOUCHED_CHARACTERS = 48 << 10;

    /** Where in a call. */
    public enum Stage {
        BEGUN,
        ENDED
    }

    /** What came of it. */
    public enum Outcome {
        /** Not known yet. */
        OPEN,
        /** All of the answer was sent. */
        ANSWERED,
        /** He may not. */
        REFUSED,
        /** It could not be answered, or what was asked for is not there. */
        FAILED,
        /** The answer had begun, and the connection ended before it was sent. */
        BROKEN
    }

    /** Copies the list. */
    public CustodyRecord {
        touched = List.copyOf(touched);
    }

    /**
     * A file of the configuration was read and holds from now on.
     *
     * @param sha256 of its text, in hexadecimal
     */
    public static CustodyRecord configuration(Instant when, String file, String sha256) {
        return ofItself(when, "configuration", selection(Map.of("file", file, "sha256", sha256)));
    }

    /**
     * The collector started: the first record of each run.
     *
     * @param version the program's name and version
     * @param sha256 of what it was told at its start, in hexadecimal
     */
    public static CustodyRecord started(Instant when, String version, String sha256) {
        return ofItself(when, "start", selection(Map.of("version", version, "configuration", sha256)));
    }

    /** The collector ends as it should: the last record of a run, if nothing broke it off. */
    public static CustodyRecord stopped(Instant when) {
        return ofItself(when, "stop", "");
    }

    private static CustodyRecord ofItself(Instant when, String action, String selection) {
        return new CustodyRecord(
                when,
                "",
                Stage.ENDED,
                "the collector",
                "itself",
                "",
                action,
                selection,
                "",
                "",
                Outcome.ANSWERED,
                0,
                0,
                List.of(),
                0);
    }

    /** Parameters as {@link #selection} has them: sorted by their names, encoded as in a URL, and cut. */
    public static String selection(Map<String, String> parameters) {
        return cut(new TreeMap<>(parameters)
                .entrySet().stream()
                        .map(entry -> encode(entry.getKey()) + "=" + encode(entry.getValue()))
                        .collect(Collectors.joining("&")));
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    static String cut(String selection) {
        return selection.length() <= MOST_SELECTION ? selection : selection.substring(0, MOST_SELECTION);
    }

    /** The record as JSON without spaces, its fields always in the same order. */
    public String json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("when", when.toString());
        json.put("call", call);
        json.put("stage", word(stage));
        json.put("caller", caller);
        json.put("voucher", voucher);
        json.put("from", from);
        json.put("action", action);
        json.put("selection", selection);
        json.put("case", caseId);
        json.put("purpose", purpose);
        json.put("outcome", word(outcome));
        json.put("status", status);
        json.put("bytes", bytes);
        ArrayNode sources = json.putArray("touched");
        touched.forEach(sources::add);
        json.put("untold", untold);
        return json.toString();
    }

    /**
     * Reads what {@link #json} made.
     *
     * @throws IOException with one sentence if it is anything else
     */
    public static CustodyRecord read(String json) throws IOException {
        try {
            JsonNode node = MAPPER.readTree(json);
            List<String> touched = new ArrayList<>();
            for (JsonNode source : node.path("touched")) {
                touched.add(source.asText());
            }
            return new CustodyRecord(
                    Instant.parse(text(node, "when")),
                    text(node, "call"),
                    Stage.valueOf(text(node, "stage").toUpperCase(Locale.ROOT)),
                    text(node, "caller"),
                    text(node, "voucher"),
                    text(node, "from"),
                    text(node, "action"),
                    text(node, "selection"),
                    text(node, "case"),
                    text(node, "purpose"),
                    Outcome.valueOf(text(node, "outcome").toUpperCase(Locale.ROOT)),
                    node.path("status").asInt(),
                    node.path("bytes").asLong(),
                    touched,
                    node.path("untold").asLong());
        } catch (JsonProcessingException | IllegalArgumentException | DateTimeException other) {
            throw new IOException("expected a record of custody as JSON, found something else", other);
        }
    }

    private static String text(JsonNode json, String field) {
        JsonNode value = json == null ? null : json.get(field);
        if (value == null || !value.isTextual()) {
            throw new IllegalArgumentException("expected the text " + field);
        }
        return value.asText();
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
