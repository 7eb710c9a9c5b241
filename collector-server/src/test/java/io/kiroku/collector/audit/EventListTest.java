package io.kiroku.collector.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.collector.own.OwnLines;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.segment.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EventListTest {
    private static List<String> lines(byte[] body) throws MalformedException {
        return EventList.split(body).lines().stream()
                .map(line -> new String(line, StandardCharsets.UTF_8))
                .toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void eachEventIsALineByteForByte() throws Exception {
        List<String> events = List.of(
                Events.deletion("a", 1, "alice", "shop", "web-0"),
                "{ \"stage\" : \"Panic\",\"n\":1.50e3, \"auditID\":\"b\",\t\"s\":\"\\u00e9 \\\\ \\\" \\n"
                        + " } ] ünïcödé 😀\",\"l\":[[],{}]}",
                "{\"auditID\":\"c\",\"stage\":\"ResponseStarted\"}");
        assertThat(lines(Events.list(events))).isEqualTo(events);
        assertThat(EventList.split(Events.list(events)).cut()).isZero();
        assertThat(lines(Events.list())).isEmpty();
        assertThat(lines(bytes("{\"items\":null,\"apiVersion\":\"audit.k8s.io/v1\",\"kind\":\"EventList\"}")))
                .isEmpty();
    }

    @Test
    void lineBreaksBetweenTokensAreLeftOutAndNothingElse() throws Exception {
        String event = "{\n  \"auditID\": \"a b\",\r\n  \"stage\": \"x\\\" : y\",\n  \"l\": [1, 2]\n}";
        assertThat(lines(Events.list(event)))
                .containsExactly("{\"auditID\":\"a b\",\"stage\":\"x\\\" : y\",\"l\":[1,2]}");
    }

    @Test
    void whatIsTooLongForALineLosesItsObjectsAndSaysSo() throws Exception {
        String object = "\"" + "x".repeat(OwnLines.MOST_LINE) + "\"";
        String event = "{\"auditID\":\"a\",\"stage\":\"ResponseComplete\",\"requestObject\":{\"data\":" + object
                + "},\"verb\":\"create\",\"stageTimestamp\":\"2026-03-01T10:00:00.5Z\",\"responseObject\":" + object
                + ",\"annotations\":{\"k\":\"v\"}}";
        EventList.Lines lines = EventList.split(Events.list(event, "{\"auditID\":\"b\",\"stage\":\"s\"}"));
        assertThat(lines.cut()).isEqualTo(1);
        String cut = new String(lines.lines().getFirst(), StandardCharsets.UTF_8);
        assertThat(cut)
                .contains("\"auditID\":\"a\"", "\"verb\":\"create\"", "\"annotations\":{\"k\":\"v\"}")
                .contains("\"kiroku.io/leftOut\":{\"bytes\":%d,\"sha256\":\"%s\"}"
                        .formatted(event.length(), Sha256.of(ByteBuffer.wrap(bytes(event)))))
                .doesNotContain("xxx");
        assertThat(AuditEvent.parse(bytes(cut), cut.length())).get().satisfies(parsed -> {
            assertThat(parsed.isCut()).isTrue();
            assertThat(parsed.verb()).isEqualTo("create");
        });
        String stubborn = "{\"auditID\":\"a\",\"stage\":\"s\",\"annotations\":" + object + ",\"userAgent\":" + object
                + ",\"verb\":\"get\"}";
        assertThat(lines(Events.list(stubborn)).getFirst())
                .contains("\"auditID\":\"a\"", "\"stage\":\"s\"", "\"verb\":\"get\"", "leftOut")
                .hasSizeLessThan(500);
    }

    @Test
    void anythingElseIsRefusedInOneSentence() {
        assertRefused("", "expected an EventList in JSON, found nothing");
        assertRefused("[]", "expected an EventList in JSON, found something that does not begin with {");
        assertRefused("{\"kind\":\"EventList\"", "expected an EventList in JSON, found ");
        assertRefused("{}", "expected kind EventList of audit.k8s.io/v1, found kind \"\" of \"\"");
        assertRefused(
                "{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1beta1\",\"items\":[]}",
                "found kind \"EventList\" of \"audit.k8s.io/v1beta1\"");
        assertRefused("{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\"}", "expected items");
        assertRefused("{\"kind\":7}", "expected kind as a text, found something else");
        assertRefused("{\"items\":[1]}", "expected an event as an object, found something else at byte 10");
        assertRefused("{\"items\":[],\"items\":[]}", "found them twice");
        assertRefused("{\"items\":[{\"stage\":\"s\"}]}", "in event 1 of the EventList, found no such auditID");
        assertRefused("{\"items\":[{\"auditID\":\"\",\"stage\":\"s\"}]}", "found no such auditID");
        assertRefused("{\"items\":[{\"auditID\":\"a\"}]}", "found no such stage");
        assertRefused(
                "{\"items\":[{\"auditID\":\"a\",\"stage\":\"s\",\"o\":" + "[".repeat(600), "found Document nesting");
        assertRefused(
                "{\"items\":[{" + "\"a\":1,".repeat(70) + "\"b\":1}]}", "expected at most 64 members in an event");
        assertRefused(
                new String(Events.list("{\"auditID\":\"a\",\"stage\":\"s\"}"), StandardCharsets.UTF_8) + "{}",
                "expected nothing behind the EventList");
        byte[] noUtf8 = Events.list("{\"auditID\":\"a\",\"stage\":\"s\",\"x\":\"??\"}");
        noUtf8[noUtf8.length - 7] = (byte) 0xc0;
        assertThatThrownBy(() -> EventList.split(noUtf8)).hasMessageContaining("expected UTF-8, found something else");
        assertThatThrownBy(() -> EventList.split(
                        new String(Events.list(), StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_16LE)))
                .hasMessageContaining("expected UTF-8, found something else at byte 1");
        List<String> many = IntStream.range(0, EventList.MOST_EVENTS + 1)
                .mapToObj(i -> "{\"auditID\":\"%d\",\"stage\":\"s\"}".formatted(i))
                .toList();
        assertThatThrownBy(() -> EventList.split(Events.list(many))).hasMessageContaining("at most 20000 events");
    }

    private static void assertRefused(String body, String sentence) {
        assertThatThrownBy(() -> EventList.split(bytes(body)))
                .as(body)
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(sentence)
                .hasMessageNotContaining("\n");
    }

    /** Whatever comes, it is lines that can be kept and read again, or a refusal. */
    @Test
    void anyBytesAreLinesOrRefused() throws Exception {
        long seed = Long.getLong("kiroku.seed", System.nanoTime());
        Random random = new Random(seed);
        int split = 0;
        for (int round = 0; round < 5_000; round++) {
            byte[] body = Events.list(
                    Events.deletion("a", round, "al\\u00efce", "shop", "web-0"),
                    "{\n\"auditID\":\"b\",\"stage\":\"s\",\"requestObject\":{\"a\":[1,null,\"\\n\"]}\n}");
            for (int i = random.nextInt(4); i >= 0; i--) {
                body = changed(body, random);
            }
            try {
                List<byte[]> lines = EventList.split(body).lines();
                split++;
                for (byte[] line : lines) {
                    assertThat(line).as("seed %d, round %d", seed, round).hasSizeLessThanOrEqualTo(OwnLines.MOST_LINE);
                    assertThat(new String(line, StandardCharsets.UTF_8))
                            .as("seed %d, round %d", seed, round)
                            .doesNotContain("\n", "\r")
                            .startsWith("{")
                            .endsWith("}");
                    AuditEvent.parse(line, line.length);
                }
            } catch (MalformedException refused) {
                assertThat(refused.getMessage()).startsWith("expected ");
            }
        }
        assertThat(split).as("seed %d", seed).isBetween(100, 4_900);
    }

    private static byte[] changed(byte[] body, Random random) {
        int at = random.nextInt(body.length);
        byte[] changed = body.clone();
        switch (random.nextInt(4)) {
            case 0 -> changed[at] = (byte) random.nextInt(256);
            case 1 -> changed[at] = (byte) "{}[]\",:\\ \n".charAt(random.nextInt(10));
            case 2 -> changed = Arrays.copyOf(body, at + 1);
            default -> {
                List<Byte> more = new ArrayList<>();
                for (byte b : body) {
                    more.add(b);
                }
                more.addAll(
                        at,
                        more.subList(at, Math.min(more.size(), at + random.nextInt(40))).stream()
                                .toList());
                changed = new byte[more.size()];
                for (int i = 0; i < changed.length; i++) {
                    changed[i] = more.get(i);
                }
            }
        }
        return changed;
    }
}
