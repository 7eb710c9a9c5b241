package io.kiroku.collector.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.kiroku.collector.own.OwnLines;
import io.kiroku.evidence.record.MalformedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The body that an API server posts to its audit webhook ({@code kind: EventList} of {@code audit.k8s.io/v1}, in JSON), taken
 * apart into lines, one for each event. A line is the event byte for byte as it stands in the body. Two things change it: line
 * feeds between its parts are left out, with all other space there; and what is longer than {@link OwnLines#MOST_LINE} is cut
 * ({@link EventLine}).
 */
final class EventList {
    /** Bytes of a body, at most. An API server sends at most 10 MiB if it truncates, which it has to be told to. */
    static final int MOST_BODY = 16 << 20;

    /** Events in a body, at most. An API server sends 400 unless it is told otherwise. */
    static final int MOST_EVENTS = 20_000;

    private static final int MOST_MEMBERS = 64;
    private static final int MOST_ID = 256;

    private static final String KIND = "EventList";
    private static final String VERSION = "audit.k8s.io/v1";
    private static final int MOST_DEPTH = 500;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MOST_DEPTH)
                    .maxStringLength(MOST_BODY)
                    .build())
            .build();

    private final byte[] body;
    private final JsonParser parser;
    private final List<byte[]> lines = new ArrayList<>();
    private String kind = "";
    private String version = "";
    private boolean hasItems;
    private int cut;

    private EventList(byte[] body) throws IOException {
        this.body = body;
        this.parser = JSON.createParser(body);
    }

    /**
     * Lines.
     *
     * @param lines without line feeds, one for each event, in the order of the body
     * @param cut how many of them are not whole
     */
    record Lines(List<byte[]> lines, int cut) {}

    /**
     * Takes a body apart.
     *
     * @throws MalformedException if it is anything else; the message is for people
     */
    static Lines split(byte[] body) throws MalformedException {
        requireUtf8(body);
        try {
            EventList list = new EventList(body);
            list.read();
            return new Lines(list.lines, list.cut);
        } catch (JsonProcessingException noJson) {
            throw new MalformedException("expected an EventList in JSON, found %s at byte %d"
                    .formatted(
                            noJson.getOriginalMessage().lines().findFirst().orElse("something else"),
                            noJson.getLocation() == null
                                    ? 0
                                    : noJson.getLocation().getByteOffset()));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static void requireUtf8(byte[] body) throws MalformedException {
        int first = 0;
        while (first < body.length && (body[first] == ' ' || body[first] == '\n' || body[first] == '\r')) {
            first++;
        }
        if (first >= body.length || body[first] != '{') {
            throw new MalformedException("expected an EventList in JSON, found %s"
                    .formatted(first >= body.length ? "nothing" : "something that does not begin with {"));
        }
        for (int i = first; i < body.length; i++) {
            // Other encodings of Unicode have zero bytes in what is ASCII, and are read as what they are.
            if (body[i] == 0) {
                throw new MalformedException("expected UTF-8, found something else at byte " + i);
            }
        }
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(body);
        CharBuffer out = CharBuffer.allocate(8192);
        CoderResult result;
        do {
            out.clear();
            result = decoder.decode(in, out, true);
        } while (result.isOverflow());
        if (result.isError()) {
            throw new MalformedException("expected UTF-8, found something else at byte " + in.position());
        }
    }

    private void read() throws IOException, MalformedException {
        expect(JsonToken.START_OBJECT, parser.nextToken(), "an EventList");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "kind" -> kind = text(value, name);
                case "apiVersion" -> version = text(value, name);
                case "items" -> items(value);
                default -> parser.skipChildren();
            }
        }
        if (parser.nextToken() != null) {
            throw new MalformedException(
                    "expected nothing behind the EventList, found something at byte %d".formatted(start()));
        }
        if (!kind.equals(KIND) || !version.equals(VERSION)) {
            throw new MalformedException("expected kind %s of %s, found kind \"%s\" of \"%s\""
                    .formatted(KIND, VERSION, brief(kind), brief(version)));
        }
        if (!hasItems) {
            throw new MalformedException("expected items in the EventList, found none");
        }
    }

    private void items(JsonToken value) throws IOException, MalformedException {
        if (hasItems) {
            throw new MalformedException("expected items once in the EventList, found them twice");
        }
        hasItems = true;
        if (value == JsonToken.VALUE_NULL) {
            return;
        }
        expect(JsonToken.START_ARRAY, value, "items");
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            if (lines.size() >= MOST_EVENTS) {
                throw new MalformedException("expected at most %d events, found more".formatted(MOST_EVENTS));
            }
            expect(JsonToken.START_OBJECT, token, "an event");
            event();
        }
    }

    private void event() throws IOException, MalformedException {
        int from = start();
        List<EventLine.Member> members = new ArrayList<>();
        boolean hasId = false;
        boolean hasStage = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            int nameAt = start();
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            hasId |= name.equals("auditID") && isShort(text(value, name));
            hasStage |= name.equals("stage") && isShort(text(value, name));
            parser.skipChildren();
            parser.finishToken();
            members.add(new EventLine.Member(name, nameAt, end()));
            if (members.size() > MOST_MEMBERS) {
                throw new MalformedException("expected at most %d members in an event, found more in event %d"
                        .formatted(MOST_MEMBERS, lines.size() + 1));
            }
        }
        if (!hasId || !hasStage) {
            throw new MalformedException(
                    "expected an auditID and a stage of 1 to %d characters in event %d of the EventList, found %s"
                            .formatted(MOST_ID, lines.size() + 1, hasId ? "no such stage" : "no such auditID"));
        }
        EventLine line = EventLine.of(body, from, end(), members);
        lines.add(line.bytes().toArray());
        cut += line.isCut() ? 1 : 0;
    }

    private static boolean isShort(String text) {
        return !text.isEmpty() && text.length() <= MOST_ID;
    }

    private int start() {
        return (int) parser.currentTokenLocation().getByteOffset();
    }

    /** The index behind what was read last. */
    private int end() {
        return (int) parser.currentLocation().getByteOffset();
    }

    private String text(JsonToken value, String name) throws IOException, MalformedException {
        expect(JsonToken.VALUE_STRING, value, name);
        return parser.getText();
    }

    private void expect(JsonToken expected, JsonToken found, String of) throws MalformedException {
        if (found != expected) {
            throw new MalformedException("expected %s as %s, found %s at byte %d"
                    .formatted(of, word(expected), found == null ? "the end" : word(found), start()));
        }
    }

    private static String word(JsonToken token) {
        return switch (token) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "a list";
            case VALUE_STRING -> "a text";
            default -> "something else";
        };
    }

    private static String brief(String text) {
        return text.length() <= 64 ? text : text.substring(0, 64) + "...";
    }
}
