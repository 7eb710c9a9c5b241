package io.kiroku.collector.access;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

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
 * @param touched the sources whose content was shown, by stream and path; at most {@link #MOST_TOUCHED}
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
    public static final int MOST_SELECTION = 8192;
    public static final int MOST_TOUCHED = 256;

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
        return new CustodyRecord(
                when,
                "",
                Stage.ENDED,
                "the collector",
                "itself",
                "",
                "configuration",
                "file=%s&sha256=%s".formatted(URLEncoder.encode(file, StandardCharsets.UTF_8), sha256),
                "",
                "",
                Outcome.ANSWERED,
                0,
                0,
                List.of(),
                0);
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

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
