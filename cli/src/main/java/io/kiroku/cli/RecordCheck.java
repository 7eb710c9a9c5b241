package io.kiroku.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.ShownText;
import io.kiroku.evidence.time.EvidenceRecord;
import io.kiroku.evidence.time.TimestampVerdict;
import io.kiroku.evidence.time.TrustAnchors;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What an evidence record says of files.
 *
 * @param stamps its timestamps, in the order of time; none if it could not be read
 */
record RecordCheck(Path file, TimestampVerdict verdict, List<EvidenceRecord.Stamp> stamps) {
    /**
     * Verifies a record.
     *
     * @param data what it is to be of
     * @param now when it has to hold
     */
    static RecordCheck of(Path file, List<Path> data, TrustAnchors anchors, Instant now)
            throws IOException, CommandException {
        EvidenceRecord record;
        byte[] der = TimeCommand.read(file, EvidenceRecord.MOST_BYTES);
        try {
            record = EvidenceRecord.parse(der);
        } catch (MalformedException malformed) {
            for (Path one : data) {
                TimeCommand.open(one).close();
            }
            return new RecordCheck(file, new TimestampVerdict.Fails(String.valueOf(malformed.getMessage())), List.of());
        }
        TimestampVerdict verdict = record.verify(TimeRecordCommand.read(data, record.digests()), anchors, now);
        return new RecordCheck(file, verdict, record.stamps());
    }

    boolean holds() {
        return verdict.holds();
    }

    /** For people: what holds since when, who says so, and how it was kept. */
    List<String> lines(Terminal terminal, String title) {
        List<String> lines = new ArrayList<>();
        switch (verdict) {
            case TimestampVerdict.Holds holds -> {
                lines.add("  %s %s: it existed at %s%s"
                        .formatted(
                                title,
                                terminal.green("holds"),
                                holds.time(),
                                TimeVerifyCommand.giveOrTake(holds.accuracy())));
                String indent = " ".repeat(title.length());
                lines.add("  %s said by %s, in its token %s"
                        .formatted(indent, ShownText.of(holds.tsa()), holds.serial()));
                stamps.forEach(stamp -> lines.add("  %s %s since %s".formatted(indent, stamp.digest(), stamp.time())));
            }
            case TimestampVerdict.Fails fails -> {
                lines.add("  %s %s".formatted(title, terminal.red("FAILS")));
                lines.add("    - " + ShownText.of(fails.sentence()));
            }
        }
        return lines;
    }

    ObjectNode json() {
        ObjectNode node =
                JsonNodeFactory.instance.objectNode().put("holds", holds()).put("record", file.toString());
        TimeVerifyCommand.put(node, verdict);
        ArrayNode all = node.putArray("timestamps");
        stamps.forEach(stamp -> all.addObject()
                .put("digest", stamp.digest().toString())
                .put("time", stamp.time().toString()));
        return node;
    }
}
