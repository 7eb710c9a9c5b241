package io.kiroku.evidence.verify;

import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.record.FileTable.Problem;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentHeader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Follows one stream through its segments, in the order in which they are stored. */
final class StreamCheck {
    private final Octets stream;
    private final Verifier.Findings findings;
    private final boolean whole;
    private final FileTable files = new FileTable();
    private final Map<Integer, FilePath> sources = new HashMap<>();

    private @Nullable ChainHead head;
    private long epochs;
    private long filesDeclared;

    StreamCheck(Octets stream, boolean whole, Verifier.Findings findings) {
        this.stream = stream;
        this.whole = whole;
        this.findings = findings;
    }

    long epochs() {
        return epochs;
    }

    long filesDeclared() {
        return filesDeclared;
    }

    /** The stream's last segment that was in its place, null before the first. */
    @Nullable
    ChainHead head() {
        return head;
    }

    /** Takes a segment that is sound in itself. Returns the gaps that it declares. */
    List<Report.DeclaredGap> follow(Location at, Segment segment, SegmentCheck.Outcome.Sound sound) {
        SegmentHeader header = segment.header();
        if (!inPlace(at, header, sound)) {
            return List.of();
        }
        if (head == null || head.epoch() != header.epoch()) {
            epochs++;
        }
        head = ChainHead.of(segment);
        List<Report.DeclaredGap> gaps = new ArrayList<>();
        for (Entry entry : sound.entries()) {
            switch (entry) {
                case Entry.File file -> {
                    if (sources.put(file.file(), file.source()) == null) {
                        filesDeclared++;
                    }
                }
                case Entry.Gap gap ->
                    gaps.add(new Report.DeclaredGap(stream, header.sequence(), sources.get(gap.file()), gap));
                default -> {}
            }
        }
        for (Problem problem : files.apply(sound.entries(), header.restates())) {
            report(at, header.sequence(), problem);
        }
        return gaps;
    }

    private boolean inPlace(Location at, SegmentHeader header, SegmentCheck.Outcome.Sound sound) {
        ChainHead before = head;
        long sequence = header.sequence();
        if (before == null) {
            if (sequence > 1 && whole) {
                missing(1, sequence - 1);
            }
            if (sequence == 1 && !header.previous().isZero()) {
                findings.integrity(at, stream, sequence, "the first segment of the stream names a predecessor");
            }
            if (sequence == 1 || whole) {
                requireVouched(at, header, sound, sequence == 1);
            }
            return true;
        }
        switch (before.place(header)) {
            case NEXT -> {}
            case NEXT_EPOCH -> requireVouched(at, header, sound, true);
            case AHEAD -> missing(before.sequence() + 1, sequence - 1);
            case BEHIND -> {
                findings.integrity(
                        at, stream, sequence, "out of its place: it stands behind segment " + before.sequence());
                return false;
            }
            case FORKED ->
                findings.integrity(
                        at,
                        stream,
                        sequence,
                        "it does not link to the segment before it: expected the predecessor %s, found %s"
                                .formatted(
                                        before.hash().brief(), header.previous().brief()));
            case WRONG_KEY ->
                findings.integrity(
                        at,
                        stream,
                        sequence,
                        "it is signed by the key %s, its predecessor announced %s"
                                .formatted(
                                        header.key().brief(), before.nextKey().brief()));
        }
        return true;
    }

    private void requireVouched(Location at, SegmentHeader header, SegmentCheck.Outcome.Sound sound, boolean opens) {
        boolean vouched = sound.epoch()
                .filter(epoch -> !opens || epoch.reason() != Entry.EpochReason.CONTINUES)
                .isPresent();
        if (!vouched) {
            findings.integrity(
                    at, stream, header.sequence(), "no identity vouches for its key, and no predecessor announced it");
        }
    }

    private void missing(long from, long to) {
        findings.completeness(
                null,
                stream,
                from,
                from == to
                        ? "segment %d is missing".formatted(from)
                        : "segments %d to %d are missing".formatted(from, to));
    }

    private void report(Location at, long sequence, Problem problem) {
        switch (problem) {
            case Problem.Missing p ->
                findings.completeness(
                        at,
                        stream,
                        sequence,
                        "bytes %d to %d of %s (file %d) are neither captured nor covered by a gap"
                                .formatted(p.from(), p.to() - 1, p.source(), p.file()));
            case Problem.Repeated p ->
                findings.integrity(
                        at,
                        stream,
                        sequence,
                        "bytes %d to %d of %s (file %d) are accounted for twice"
                                .formatted(p.from(), p.to() - 1, p.source(), p.file()));
            case Problem.Undeclared p ->
                findings.completeness(at, stream, sequence, "file %d was never declared".formatted(p.file()));
            case Problem.Abandoned p ->
                findings.completeness(
                        at,
                        stream,
                        sequence,
                        "%s (file %d) is no longer followed from byte %d on, and nothing says that it ended"
                                .formatted(p.source(), p.file(), p.from()));
            case Problem.Contradicted p ->
                findings.integrity(at, stream, sequence, "file %d was %s before".formatted(p.file(), p.source()));
        }
    }
}
