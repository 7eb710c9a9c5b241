package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.verify.Report;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The losses that concern a bundle's log files, {@code gaps.json}: what its segments declare of their sources, and of files
 * that are not known. It follows from the segments, so that whoever checks the bundle makes it again and compares.
 */
final class GapsFile {
    private GapsFile() {}

    /** All of them, as far as the report keeps them; {@code count} says how many there are. */
    static byte[] of(Report report) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            JsonWriter out = new JsonWriter(bytes);
            Report.Counts counts = report.counts();
            out.raw("{\n").name("count").number(counts.gaps());
            out.raw(",\n").name("bytes").number(counts.gapBytes());
            out.raw(",\n").name("ofUnknownLength").number(counts.unknownGaps());
            out.raw(",\n").name("gaps").raw("[");
            String comma = "\n";
            for (Report.DeclaredGap gap : report.gaps()) {
                write(out.raw(comma), gap);
                comma = ",\n";
            }
            out.raw("\n]\n}\n");
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static void write(JsonWriter out, Report.DeclaredGap declared) throws IOException {
        Entry.Gap gap = declared.gap();
        FilePath source = declared.source();
        out.raw("{").name("stream").string(declared.stream().toString());
        out.raw(", ").name("segment").number(declared.sequence());
        out.raw(", ").name("source");
        if (source == null) {
            out.raw("null");
        } else {
            out.string(source.toString());
        }
        out.raw(", ").name("file").number(gap.file());
        out.raw(", ").name("from").number(gap.from());
        out.raw(", ").name("to").raw(gap.to() == Entry.UNKNOWN ? "null" : Long.toString(gap.to()));
        out.raw(", ").name("cause").string(gap.cause().name());
        out.raw(", ").name("noticed").string(Timestamp.instant(gap.wallNanos()).toString());
        out.raw(", ").name("why").string(gap.detail()).raw("}");
    }
}
