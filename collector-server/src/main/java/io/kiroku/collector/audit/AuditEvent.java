package io.kiroku.collector.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who did what, as an event of {@code audit.k8s.io/v1} says it. Texts are empty where the event has none.
 *
 * @param auditId the same for all stages of a request
 * @param stage {@code RequestReceived}, {@code ResponseStarted}, {@code ResponseComplete} or {@code Panic}
 * @param at when the request came to that stage, on the API server's clock
 * @param user who asked
 * @param actingAs whom he impersonated
 * @param verb {@code get}, {@code delete}, ...; of what is no resource the HTTP method in small letters
 * @param uri the request's
 * @param code the status of the answer; 0 while there is none
 * @param from the addresses that the request came through, at most {@link #MOST_ADDRESSES}
 * @param isCut whether something was left out of it when it was put on record
 */
public record AuditEvent(
        String auditId,
        String stage,
        Instant at,
        String user,
        String actingAs,
        String verb,
        Target target,
        String uri,
        int code,
        List<String> from,
        String userAgent,
        boolean isCut) {
    /** More are not kept of a request's addresses. */
    public static final int MOST_ADDRESSES = 8;

    /** Characters of any of its texts, at most; what is longer is cut. */
    private static final int MOST_TEXT = 2048;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(500).build())
                    .build())
            .build();

    /**
     * What a request is about.
     *
     * @param group of the API; empty for the core's
     * @param resource in the plural, {@code pods}; empty if the request is about no resource
     * @param uid as far as request or answer say it, which takes the level Request or RequestResponse
     */
    public record Target(String group, String resource, String subresource, String namespace, String name, String uid) {
        /** As kubectl writes it: {@code pods}, {@code pods/exec}, {@code deployments.apps}. */
        public String kind() {
            return resource + (group.isEmpty() ? "" : "." + group) + (subresource.isEmpty() ? "" : "/" + subresource);
        }
    }

    /** Copies the list. */
    public AuditEvent {
        from = List.copyOf(from);
    }

    /** Reads a line; empty if it is no audit event. */
    public static Optional<AuditEvent> parse(byte[] line, int length) {
        if (length < 2 || line[0] != '{') {
            return Optional.empty();
        }
        try {
            return of(MAPPER.readTree(line, 0, length));
        } catch (IOException noJson) {
            return Optional.empty();
        }
    }

    /** Reads an event; empty if it is none. */
    static Optional<AuditEvent> of(JsonNode json) {
        String id = text(json, "auditID");
        String stage = text(json, "stage");
        Optional<Instant> at = time(text(json, "stageTimestamp"));
        if (id.isEmpty() || stage.isEmpty() || at.isEmpty()) {
            return Optional.empty();
        }
        List<String> from = new ArrayList<>();
        for (JsonNode address : json.path("sourceIPs")) {
            if (from.size() < MOST_ADDRESSES) {
                from.add(brief(address.asText()));
            }
        }
        return Optional.of(new AuditEvent(
                id,
                stage,
                at.get(),
                text(json.path("user"), "username"),
                text(json.path("impersonatedUser"), "username"),
                text(json, "verb"),
                target(json),
                text(json, "requestURI"),
                json.path("responseStatus").path("code").asInt(),
                from,
                text(json, "userAgent"),
                json.has(EventLine.LEFT_OUT)));
    }

    private static Target target(JsonNode json) {
        JsonNode object = json.path("objectRef");
        return new Target(
                text(object, "apiGroup"),
                text(object, "resource"),
                text(object, "subresource"),
                text(object, "namespace"),
                text(object, "name"),
                uid(json));
    }

    private static String uid(JsonNode json) {
        JsonNode answer = json.path("responseObject");
        List<JsonNode> places = List.of(
                json.path("objectRef").path("uid"),
                json.path("requestObject").path("preconditions").path("uid"),
                answer.path("metadata").path("uid"),
                answer.path("details").path("uid"));
        return places.stream()
                .map(place -> brief(place.asText("")))
                .filter(uid -> !uid.isEmpty())
                .findFirst()
                .orElse("");
    }

    private static String text(JsonNode json, String name) {
        JsonNode value = json.path(name);
        return value.isTextual() ? brief(value.asText()) : "";
    }

    private static String brief(String text) {
        return text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT);
    }

    private static Optional<Instant> time(String text) {
        try {
            return text.isEmpty()
                    ? Optional.empty()
                    : Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException noTime) {
            return Optional.empty();
        }
    }

    /** Whether the request has been answered, or never will be. */
    public boolean isLast() {
        return stage.equals("ResponseComplete") || stage.equals("Panic");
    }

    /**
     * What two sources that tell of the same stage of the same request must agree on: the file and the webhook may be truncated
     * differently.
     */
    AuditEvent essence() {
        Target known = new Target(target.group, target.resource, target.subresource, target.namespace, target.name, "");
        return new AuditEvent(auditId, stage, at, user, actingAs, verb, known, uri, code, from, userAgent, false);
    }
}
