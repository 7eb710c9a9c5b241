package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.NodeClock;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.verify.Report;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * How the clocks of a bundle's nodes stood, {@code clocks.json}: what its segments say of them. It follows from the segments,
 * so that whoever checks the bundle makes it again and compares.
 */
final class ClocksFile {
    private ClocksFile() {}

    /** Of every stream that says something of its clock, as far as the report keeps them. */
    static byte[] of(Report report) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            JsonWriter out = new JsonWriter(bytes);
            out.raw("{\n").name("clocks").raw("[");
            String comma = "\n";
            for (Report.StreamClock clock : report.clocks()) {
                write(out.raw(comma), clock.stream(), clock.standing());
                comma = ",\n";
            }
            out.raw("\n]\n}\n");
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static void write(JsonWriter out, Octets stream, NodeClock.Standing standing) throws IOException {
        out.raw("{").name("stream").string(stream.toString());
        out.raw(", ").name("measurements").number(standing.measurements());
        write(out.raw(",\n "), "last", standing.last());
        write(out.raw(",\n "), "farthest", standing.farthest());
        out.raw(",\n ").name("steps").number(standing.steps());
        out.raw(", ").name("firstSteps").raw("[");
        String comma = "";
        for (NodeClock.Step step : standing.firstSteps()) {
            out.raw(comma).raw("{").name("segment").number(step.sequence());
            out.raw(", ")
                    .name("noticed")
                    .string(Timestamp.instant(step.wallNanos()).toString());
            out.raw(", ").name("how").string(step.detail()).raw("}");
            comma = ", ";
        }
        out.raw("]}");
    }

    private static void write(JsonWriter out, String name, NodeClock.@Nullable Stated stated) throws IOException {
        out.name(name);
        if (stated == null) {
            out.raw("null");
            return;
        }
        Entry.Clock clock = stated.clock();
        out.raw("{").name("segment").number(stated.sequence());
        out.raw(", ").name("offsetNanos").number(clock.offsetNanos());
        out.raw(", ").name("uncertaintyNanos").number(clock.uncertaintyNanos());
        out.raw(", ")
                .name("measured")
                .string(Timestamp.instant(clock.wallNanos()).toString());
        out.raw(", ").name("collector").string(clock.collector().toString());
        out.raw(", ").name("says").string(clock.inWords()).raw("}");
    }
}
