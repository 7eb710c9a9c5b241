package io.kiroku.collector.audit;

import io.kiroku.collector.own.OwnLines;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Sha256;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The line that is kept of an event. One that is too long for a line loses its {@code requestObject} and {@code responseObject},
 * which is what Kubernetes' own truncation takes away, and has {@value #LEFT_OUT} with the length and the SHA-256 of the event as it
 * came. If that is not enough, it keeps the members that say who did what and are short.
 *
 * @param isCut whether it is not whole
 */
record EventLine(Octets bytes, boolean isCut) {
    /** The member of an event that was cut. */
    static final String LEFT_OUT = "kiroku.io/leftOut";

    private static final int MOST_MEMBER = 8 << 10;

    private static final Set<String> OBJECTS = Set.of("requestObject", "responseObject");

    private static final Set<String> FACTS = Set.of(
            "level",
            "auditID",
            "stage",
            "requestURI",
            "verb",
            "user",
            "impersonatedUser",
            "sourceIPs",
            "userAgent",
            "objectRef",
            "responseStatus",
            "requestReceivedTimestamp",
            "stageTimestamp");

    /**
     * A member of the event, name and value.
     *
     * @param from index of the quote before its name
     * @param to index behind its value
     */
    record Member(String name, int from, int to) {}

    /** The line of the event that lies there in the body. */
    static EventLine of(byte[] body, int from, int to, List<Member> members) {
        byte[] whole = onOneLine(body, from, to);
        if (whole.length <= OwnLines.MOST_LINE) {
            return new EventLine(Octets.of(whole), false);
        }
        byte[] leftOut = "\"%s\":{\"bytes\":%d,\"sha256\":\"%s\"}"
                .formatted(LEFT_OUT, to - from, Sha256.of(ByteBuffer.wrap(body, from, to - from)))
                .getBytes(StandardCharsets.UTF_8);
        byte[] withoutObjects = of(body, members, member -> !OBJECTS.contains(member.name()), leftOut);
        byte[] facts = withoutObjects.length <= OwnLines.MOST_LINE
                ? withoutObjects
                : of(
                        body,
                        members,
                        member -> FACTS.contains(member.name()) && member.to() - member.from() <= MOST_MEMBER,
                        leftOut);
        return new EventLine(Octets.of(facts), true);
    }

    private static byte[] of(byte[] body, List<Member> members, Predicate<Member> kept, byte[] last) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write('{');
        // A name that comes again says something else in vain: every reader believes the last.
        Set<String> done = new HashSet<>();
        for (Member member : members.reversed()) {
            if (kept.test(member) && done.add(member.name())) {
                out.writeBytes(onOneLine(body, member.from(), member.to()));
                out.write(',');
            }
        }
        out.writeBytes(last);
        out.write('}');
        return out.toByteArray();
    }

    /** The bytes as they are; without any space between tokens if there is a line break among it. Strings have none. */
    private static byte[] onOneLine(byte[] bytes, int from, int to) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(to - from);
        if (!hasBreak(bytes, from, to)) {
            out.write(bytes, from, to - from);
            return out.toByteArray();
        }
        boolean inString = false;
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if (inString || !(b == ' ' || b == '\t' || b == '\n' || b == '\r')) {
                out.write(b);
            }
            if (b == '\\' && inString) {
                out.write(bytes[++i]);
            } else if (b == '"') {
                inString = !inString;
            }
        }
        return out.toByteArray();
    }

    private static boolean hasBreak(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\n' || bytes[i] == '\r') {
                return true;
            }
        }
        return false;
    }
}
