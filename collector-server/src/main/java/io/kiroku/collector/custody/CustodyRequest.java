package io.kiroku.collector.custody;

import io.kiroku.collector.access.CustodyRecord;
import io.kiroku.collector.query.PointInTime;
import io.kiroku.collector.query.UrlParameters;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which calls are asked for; as the parameters of a URL {@code since}, {@code until}, {@code caller}, {@code case} and
 * {@code action}.
 *
 * @param since begun from then on
 * @param until begun until then
 * @param caller his exact name
 * @param caseId the exact case
 * @param action the exact action
 */
public record CustodyRequest(
        Optional<Instant> since,
        Optional<Instant> until,
        Optional<String> caller,
        Optional<String> caseId,
        Optional<String> action) {
    /** All of them. */
    public static final CustodyRequest ALL = new CustodyRequest(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    private static final Set<String> NAMES = Set.of("since", "until", "caller", "case", "action");

    /** Whether the call is asked for of which that is the first record. */
    boolean includes(CustodyRecord first) {
        return since.map(time -> !first.when().isBefore(time)).orElse(true)
                && until.map(time -> !first.when().isAfter(time)).orElse(true)
                && caller.map(first.caller()::equals).orElse(true)
                && caseId.map(first.caseId()::equals).orElse(true)
                && action.map(first.action()::equals).orElse(true);
    }

    /**
     * Reads the parameters of a URL.
     *
     * @param now from which durations count back
     * @throws IllegalArgumentException if one is not known or not understood; the message is for people
     */
    public static CustodyRequest read(Map<String, String> parameters, Instant now) {
        for (String name : parameters.keySet()) {
            if (!NAMES.contains(name)) {
                throw new IllegalArgumentException("no parameter is called \"%s\"".formatted(name));
            }
        }
        return new CustodyRequest(
                UrlParameters.text(parameters, "since").map(time -> PointInTime.parse(time, now)),
                UrlParameters.text(parameters, "until").map(time -> PointInTime.parse(time, now)),
                UrlParameters.text(parameters, "caller"),
                UrlParameters.text(parameters, "case"),
                UrlParameters.text(parameters, "action"));
    }

    /** The query of a URL that {@link #read} understands as this request. */
    public String write() {
        Map<String, String> parameters = new LinkedHashMap<>();
        since.ifPresent(time -> parameters.put("since", time.toString()));
        until.ifPresent(time -> parameters.put("until", time.toString()));
        caller.ifPresent(name -> parameters.put("caller", name));
        caseId.ifPresent(id -> parameters.put("case", id));
        action.ifPresent(name -> parameters.put("action", name));
        return UrlParameters.query(parameters);
    }
}
