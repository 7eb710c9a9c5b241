package io.kiroku.collector.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.verify.Finding;
import io.kiroku.evidence.verify.Location;
import io.kiroku.evidence.verify.Report;
import io.kiroku.evidence.verify.Verdict;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The outcome of a verification as JSON. */
public final class ReportJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private ReportJson() {}

    /** An object with {@code holds}, {@code integrity}, {@code completeness}, {@code counts}, {@code gaps}
     * and {@code clocks}. */
    public static ObjectNode write(Report report) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("holds", report.holds());
        json.set("integrity", write(report.integrity()));
        json.set("completeness", write(report.completeness()));
        Report.Counts counts = report.counts();
        json.putObject("counts")
                .put("streams", counts.streams())
                .put("epochs", counts.epochs())
                .put("segments", counts.segments())
                .put("storedBytes", counts.storedBytes())
                .put("rawBytes", counts.rawBytes())
                .put("files", counts.files())
                .put("gaps", counts.gaps())
                .put("gapBytes", counts.gapBytes())
                .put("unknownGaps", counts.unknownGaps());
        ArrayNode gaps = json.putArray("gaps");
        report.gaps().forEach(gap -> gaps.add(write(gap)));
        ArrayNode clocks = json.putArray("clocks");
        report.clocks()
                .forEach(clock -> clocks.addObject()
                        .put("stream", clock.stream().toString())
                        .setAll(ClockJson.write(clock.standing())));
        return json;
    }

    private static ObjectNode write(Verdict verdict) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("holds", verdict.holds());
        if (verdict instanceof Verdict.Fails fails) {
            json.put("count", fails.count());
            ArrayNode findings = json.putArray("findings");
            fails.findings().forEach(finding -> findings.add(write(finding)));
        } else {
            json.put("count", 0);
            json.putArray("findings");
        }
        return json;
    }

    private static ObjectNode write(Finding finding) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        Location location = finding.location();
        if (location == null) {
            json.putNull("location");
        } else {
            json.putObject("location")
                    .put("container", location.container())
                    .put("offset", location.offset())
                    .put("length", location.length());
        }
        Octets stream = finding.stream();
        json.put("stream", stream == null ? null : stream.toString());
        json.put("sequence", finding.sequence());
        json.put("sentence", finding.sentence());
        return json;
    }

    private static ObjectNode write(Report.DeclaredGap declared) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        Entry.Gap gap = declared.gap();
        json.put("stream", declared.stream().toString());
        json.put("sequence", declared.sequence());
        FilePath source = declared.source();
        if (source == null) {
            json.putNull("path");
        } else {
            SourcesJson.writePath(json, source);
        }
        json.put("file", gap.file());
        json.put("from", gap.from());
        if (gap.to() == Entry.UNKNOWN) {
            json.putNull("to");
        } else {
            json.put("to", gap.to());
        }
        json.put("cause", gap.cause().name());
        json.put("noticed", Sources.instant(gap.wallNanos()).toString());
        json.put("detail", gap.detail());
        return json;
    }

    /**
     * Reads what {@link #write(Report)} made.
     *
     * @throws IOException if it is anything else
     */
    public static Report read(byte[] bytes) throws IOException {
        JsonNode json = MAPPER.readTree(bytes);
        JsonNode counts = json.path("counts");
        List<Report.DeclaredGap> gaps = new ArrayList<>();
        List<Report.StreamClock> clocks = new ArrayList<>();
        try {
            for (JsonNode gap : json.path("gaps")) {
                gaps.add(readGap(gap));
            }
            for (JsonNode clock : json.path("clocks")) {
                Octets stream = Octets.parse(SourcesJson.text(clock, "stream"));
                clocks.add(new Report.StreamClock(stream, ClockJson.read(clock)));
            }
            return new Report(
                    readVerdict(json.path("integrity")),
                    readVerdict(json.path("completeness")),
                    new Report.Counts(
                            counts.path("streams").asLong(),
                            counts.path("epochs").asLong(),
                            counts.path("segments").asLong(),
                            counts.path("storedBytes").asLong(),
                            counts.path("rawBytes").asLong(),
                            counts.path("files").asLong(),
                            counts.path("gaps").asLong(),
                            counts.path("gapBytes").asLong(),
                            counts.path("unknownGaps").asLong()),
                    gaps,
                    clocks);
        } catch (IllegalArgumentException | DateTimeException notAReport) {
            throw new IOException(
                    "expected a report in the collector's answer: " + notAReport.getMessage(), notAReport);
        }
    }

    private static Verdict readVerdict(JsonNode json) throws IOException {
        JsonNode holds = json.get("holds");
        if (holds == null || !holds.isBoolean()) {
            throw new IOException("expected a verdict in the collector's answer");
        }
        if (holds.asBoolean()) {
            return new Verdict.Holds();
        }
        List<Finding> findings = new ArrayList<>();
        for (JsonNode finding : json.path("findings")) {
            JsonNode at = finding.path("location");
            @Nullable
            Location location = at.isObject()
                    ? new Location(
                            SourcesJson.text(at, "container"),
                            at.path("offset").asLong(),
                            at.path("length").asLong())
                    : null;
            findings.add(new Finding(
                    location,
                    finding.path("stream").isTextual() ? Octets.parse(SourcesJson.text(finding, "stream")) : null,
                    finding.path("sequence").asLong(),
                    SourcesJson.text(finding, "sentence")));
        }
        return new Verdict.Fails(findings, json.path("count").asLong());
    }

    private static Report.DeclaredGap readGap(JsonNode json) throws IOException {
        Instant noticed = Instant.parse(SourcesJson.text(json, "noticed"));
        Entry.Gap gap = new Entry.Gap(
                json.path("file").asInt(),
                json.path("from").asLong(),
                json.path("to").asLong(Entry.UNKNOWN),
                Entry.GapCause.valueOf(SourcesJson.text(json, "cause")),
                noticed.getEpochSecond() * 1_000_000_000L + noticed.getNano(),
                SourcesJson.text(json, "detail"));
        return new Report.DeclaredGap(
                Octets.parse(SourcesJson.text(json, "stream")),
                json.path("sequence").asLong(),
                json.path("path").isTextual() ? SourcesJson.readPath(json) : null,
                gap);
    }
}
