package io.kiroku.evidence.verify;

import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.Lineage;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.record.FileTable.Problem;
import io.kiroku.evidence.record.LostSegments;
import io.kiroku.evidence.record.NodeClock;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentHeader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Follows one stream through its segments, in the order in which they are stored. */
final class StreamCheck {
    private final Octets stream;
    private final Verifier.Findings findings;
    private final boolean whole;

    private FileTable files = new FileTable();
    private final LostSegments lost = new LostSegments();
    private final NodeClock clock = new NodeClock();

    /** Where the segments lie that stand behind missing ones of which not all is declared yet, by sequence. */
    private final Map<Long, Location> rejoining = new HashMap<>();

    private @Nullable ChainHead head;
    private Lineage lineage = Lineage.UNKNOWN;
    private @Nullable Unvouched unvouched;
    private long epochs;
    private boolean leaps;
    private long filesDeclared;

    /**
     * Segments that link to each other, but by no key to the stream's identity. One that it vouches for and that links
     * to them, by the hash of what is before it, clears them.
     */
    private record Unvouched(Location at, long from, long to) {}

    StreamCheck(Octets stream, boolean whole, Verifier.Findings findings) {
        this.stream = stream;
        this.whole = whole;
        this.findings = findings;
    }

    /** The identity that has the stream, as far as it has said. */
    Optional<Octets> identity() {
        return lineage.identities().isEmpty() ? Optional.empty() : Optional.of(lineage.current());
    }

    long epochs() {
        return epochs;
    }

    long filesDeclared() {
        return filesDeclared;
    }

    /** What its segments say of their node's clock. */
    NodeClock.Standing clock() {
        return clock.standing();
    }

    /** The stream's last segment that was in its place, null before the first. */
    @Nullable
    ChainHead head() {
        return head;
    }

    /** What is before the next segment was not selected, and is not missing. */
    void leap() {
        leaps = true;
    }

    private boolean landed() {
        boolean landed = leaps && head != null;
        leaps = false;
        return landed;
    }

    /** Takes a segment that is sound in itself. Returns the gaps that it declares. */
    List<Report.DeclaredGap> follow(Location at, Segment segment, SegmentCheck.Outcome.Sound sound) {
        SegmentHeader header = segment.header();
        boolean begins = head == null && header.sequence() == 1;
        boolean landed = landed();
        long expected = expected();
        if (!inPlace(at, header, sound)) {
            return List.of();
        }
        if (begins) {
            files = FileTable.fromTheStart();
        }
        advance(segment);
        sound.epoch().ifPresent(epoch -> followIdentity(at, header.sequence(), Lineage.of(epoch)));
        clock.add(header.sequence(), sound.entries());
        List<Report.DeclaredGap> gaps = gapsIn(header, sound.entries());
        if (header.sequence() > expected) {
            if (landed) {
                files = new FileTable();
            } else {
                missing(at, expected, header.sequence(), sound.entries(), header.restates());
            }
        }
        for (Problem problem : files.apply(sound.entries(), header.restates())) {
            report(findings, at, header.sequence(), problem);
        }
        for (LostSegments.Settled settled : lost.declare(header.sequence(), sound.entries())) {
            settle(settled, findings, gaps::add);
            rejoining.remove(settled.last() + 1);
        }
        return gaps;
    }

    private long expected() {
        return head == null ? 1 : head.sequence() + 1;
    }

    private void missing(Location at, long first, long behind, List<Entry> entries, boolean restates) {
        if (first == 1 && whole && restates) {
            // What a file held before the offset that is restated was in the segments that are missing.
            files = FileTable.fromTheStart();
        }
        lost.missing(first, behind - 1, files, entries, restates);
        rejoining.put(behind, at);
    }

    /** Says of missing segments what is declared of them, and finds fault with what is not. */
    private void settle(LostSegments.Settled settled, Verifier.Findings to, Consumer<Report.DeclaredGap> gaps) {
        for (LostSegments.Declared loss : settled.losses()) {
            gaps.accept(new Report.DeclaredGap(
                    stream, loss.sequence(), loss.gap().source(), loss.gap().asGap()));
        }
        if (settled.first() > 1 || whole) {
            settled.undeclared().forEach(range -> missing(range, to));
        }
        Location at = rejoining.get(settled.last() + 1);
        settled.problems().forEach(problem -> report(to, at, settled.last() + 1, problem));
    }

    /** Takes a segment of which only the header is as it was sealed: the chain goes on through it. */
    void followUnsound(Location at, Segment segment) {
        long sequence = segment.header().sequence();
        boolean landed = landed();
        long expected = expected();
        if (inPlace(at, segment.header(), null)) {
            advance(segment);
            if (sequence > expected && !landed) {
                missing(at, expected, sequence, List.of(), false);
            }
            findings.completeness(
                    at, stream, sequence, "what segment %d states cannot be relied on".formatted(sequence));
        }
    }

    private void advance(Segment segment) {
        if (head == null || head.epoch() != segment.header().epoch()) {
            epochs++;
        }
        head = ChainHead.of(segment);
    }

    /** The declared gaps with their sources, as the table has them before the segment, or the segment itself. */
    private List<Report.DeclaredGap> gapsIn(SegmentHeader header, List<Entry> entries) {
        List<Report.DeclaredGap> gaps = new ArrayList<>();
        for (FileTable.Followed file : files.cutOffBy(entries)) {
            gaps.add(new Report.DeclaredGap(
                    stream,
                    header.sequence(),
                    file.source(),
                    FileTable.cutOff(file, header.sealed().wallNanos())));
        }
        Map<Integer, FilePath> declared = new HashMap<>();
        for (Entry entry : entries) {
            switch (entry) {
                case Entry.File file -> {
                    if (declared.put(file.file(), file.source()) == null && files.get(file.file()) == null) {
                        filesDeclared++;
                    }
                }
                case Entry.Gap gap -> {
                    FileTable.Followed before = files.get(gap.file());
                    FilePath source = declared.get(gap.file());
                    gaps.add(new Report.DeclaredGap(
                            stream,
                            header.sequence(),
                            source == null && before != null ? before.source() : source,
                            gap));
                }
                default -> {}
            }
        }
        return gaps;
    }

    /** Says what holds of missing segments if nothing more of the stream comes. */
    void atTheEnd(Verifier.Findings to, Consumer<Report.DeclaredGap> gaps) {
        lost.open().forEach(settled -> settle(settled, to, gaps));
    }

    /** The segments at the end whose keys nobody vouches for if nothing more of the stream comes. */
    Optional<Finding> unvouched() {
        return Optional.ofNullable(unvouched)
                .map(run -> new Finding(
                        run.at(),
                        stream,
                        run.from(),
                        "no identity vouches for the keys of segments %d to %d, nor for one that links to them"
                                .formatted(run.from(), run.to())));
    }

    private void breakOff() {
        unvouched().ifPresent(findings::unvouched);
        unvouched = null;
    }

    private void followKeys(Location at, long sequence, SegmentCheck.Outcome.@Nullable Sound sound, boolean linked) {
        Unvouched before = unvouched;
        if (sound != null && sound.epoch().isPresent()) {
            unvouched = null;
        } else if (before != null) {
            unvouched = new Unvouched(before.at(), before.from(), sequence);
        } else if (!linked) {
            unvouched = new Unvouched(at, sequence, sequence);
        }
    }

    /** @param sound null if only the header can be relied on */
    private boolean inPlace(Location at, SegmentHeader header, SegmentCheck.Outcome.@Nullable Sound sound) {
        ChainHead before = head;
        long sequence = header.sequence();
        if (before == null) {
            if (sequence == 1 && !header.previous().isZero()) {
                findings.integrity(at, stream, sequence, "the first segment of the stream names a predecessor");
            }
            if (sequence == 1) {
                requireVouched(at, header, sound);
            } else {
                followKeys(at, sequence, sound, false);
            }
            return true;
        }
        switch (before.place(header)) {
            case NEXT -> followKeys(at, sequence, sound, true);
            case NEXT_EPOCH -> requireVouched(at, header, sound);
            case AHEAD -> {
                breakOff();
                if (header.epoch() < before.epoch()) {
                    findings.integrity(
                            at,
                            stream,
                            sequence,
                            "expected epoch %d or a later one, found %d".formatted(before.epoch(), header.epoch()));
                }
                followKeys(at, sequence, sound, false);
            }
            case BEHIND -> {
                findings.integrity(
                        at, stream, sequence, "out of its place: it stands behind segment " + before.sequence());
                return false;
            }
            case FORKED -> {
                breakOff();
                findings.integrity(
                        at,
                        stream,
                        sequence,
                        "it does not link to the segment before it: expected the predecessor %s, found %s"
                                .formatted(
                                        before.hash().brief(), header.previous().brief()));
            }
            case WRONG_KEY -> {
                breakOff();
                findings.integrity(
                        at,
                        stream,
                        sequence,
                        "it is signed by the key %s, its predecessor announced %s"
                                .formatted(
                                        header.key().brief(), before.nextKey().brief()));
            }
        }
        return true;
    }

    private void followIdentity(Location at, long sequence, Lineage stated) {
        if (stated.continues(lineage)) {
            lineage = stated;
        } else {
            findings.integrity(
                    at,
                    stream,
                    sequence,
                    "the identity %s vouches for it, which does not have the stream any more: %s has it"
                            .formatted(
                                    stated.current().brief(), lineage.current().brief()));
        }
    }

    private void requireVouched(Location at, SegmentHeader header, SegmentCheck.Outcome.@Nullable Sound sound) {
        followKeys(at, header.sequence(), sound, sound != null);
        boolean vouched = sound == null
                || sound.epoch()
                        .filter(epoch -> epoch.reason() != Entry.EpochReason.CONTINUES)
                        .isPresent();
        if (!vouched) {
            findings.integrity(
                    at, stream, header.sequence(), "no identity vouches for its key, and no predecessor announced it");
        }
    }

    private void missing(LostSegments.Range range, Verifier.Findings to) {
        to.completeness(
                null,
                stream,
                range.first(),
                range.first() == range.last()
                        ? "segment %d is missing".formatted(range.first())
                        : "segments %d to %d are missing".formatted(range.first(), range.last()));
    }

    private void report(Verifier.Findings to, @Nullable Location at, long sequence, Problem problem) {
        switch (problem) {
            case Problem.Missing p ->
                to.completeness(
                        at,
                        stream,
                        sequence,
                        "bytes %d to %d of %s (file %d) are neither captured nor covered by a gap"
                                .formatted(p.from(), p.to() - 1, p.source(), p.file()));
            case Problem.Repeated p ->
                to.integrity(
                        at,
                        stream,
                        sequence,
                        "bytes %d to %d of %s (file %d) are accounted for twice"
                                .formatted(p.from(), p.to() - 1, p.source(), p.file()));
            case Problem.Undeclared p ->
                to.completeness(at, stream, sequence, "file %d was never declared".formatted(p.file()));
            case Problem.Abandoned p ->
                to.completeness(
                        at,
                        stream,
                        sequence,
                        "%s (file %d) is no longer followed from byte %d on, and nothing says that it ended"
                                .formatted(p.source(), p.file(), p.from()));
            case Problem.Reused p ->
                to.integrity(
                        at,
                        stream,
                        sequence,
                        "%s is declared as file %d, an id that the stream has used before"
                                .formatted(p.source(), p.file()));
            case Problem.Contradicted p ->
                to.integrity(at, stream, sequence, "file %d was %s before".formatted(p.file(), p.source()));
        }
    }
}
