package io.kiroku.evidence.verify;

import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Verifies segments in the order in which they are stored, however many streams they belong to, in memory that does not
 * grow with their number. The one verifier there is: the collector's store, a node's ring and a single segment file are
 * all given to it, by whoever knows how they lie on disk.
 */
public final class Verifier {
    /** Findings and gaps that a report keeps of each kind; the rest is counted. */
    public static final int MOST_KEPT = 1000;

    /** How much of each stream the evidence claims to hold. */
    public enum Scope {
        /** All of it, from the first segment on: a collector's store. */
        WHOLE,
        /** A stretch of it, from a segment on that an identity vouches for: a ring that has been overwritten at its start. */
        STRETCH,
        /** Single segments: what vouches for their keys may be elsewhere, and is {@link #unvouched() told} apart. */
        SEGMENTS
    }

    /** Collects what is found against each of the two verdicts. */
    static final class Findings {
        private final List<Finding> integrity = new ArrayList<>();
        private final List<Finding> completeness = new ArrayList<>();
        private long integrityCount;
        private long completenessCount;
        private final List<Finding> unvouched = new ArrayList<>();
        private long unvouchedCount;

        private Findings copy() {
            Findings copy = new Findings();
            copy.integrity.addAll(integrity);
            copy.completeness.addAll(completeness);
            copy.unvouched.addAll(unvouched);
            copy.integrityCount = integrityCount;
            copy.completenessCount = completenessCount;
            copy.unvouchedCount = unvouchedCount;
            return copy;
        }

        void integrity(@Nullable Location at, @Nullable Octets stream, long sequence, String sentence) {
            keep(integrity, integrityCount++, new Finding(at, stream, sequence, sentence));
        }

        void unvouched(Finding finding) {
            keep(unvouched, unvouchedCount++, finding);
        }

        void completeness(@Nullable Location at, @Nullable Octets stream, long sequence, String sentence) {
            keep(completeness, completenessCount++, new Finding(at, stream, sequence, sentence));
        }

        private static void keep(List<Finding> kept, long before, Finding finding) {
            if (before < MOST_KEPT) {
                kept.add(finding);
            }
        }

        private static Verdict verdict(List<Finding> kept, long count) {
            return count == 0 ? new Verdict.Holds() : new Verdict.Fails(List.copyOf(kept), count);
        }
    }

    /** Counts declared gaps and keeps the first of them. */
    private static final class DeclaredGaps {
        private final Predicate<Report.DeclaredGap> concerns;
        private final List<Report.DeclaredGap> kept = new ArrayList<>();
        private long count;
        private long bytes;
        private long unknown;

        private DeclaredGaps(Predicate<Report.DeclaredGap> concerns) {
            this.concerns = concerns;
        }

        private DeclaredGaps copy() {
            DeclaredGaps copy = new DeclaredGaps(concerns);
            copy.kept.addAll(kept);
            copy.count = count;
            copy.bytes = bytes;
            copy.unknown = unknown;
            return copy;
        }

        private void add(Report.DeclaredGap gap) {
            if (!concerns.test(gap)) {
                return;
            }
            if (count++ < MOST_KEPT) {
                kept.add(gap);
            }
            long length = gap.gap().length();
            if (length == Entry.UNKNOWN) {
                unknown++;
            } else {
                bytes = Math.min(Long.MAX_VALUE - length, bytes) + length;
            }
        }
    }

    private final Scope scope;
    private final Findings findings = new Findings();
    private final SegmentCheck segmentCheck = new SegmentCheck();
    private final Map<Octets, StreamCheck> streams = new LinkedHashMap<>();
    private final DeclaredGaps gaps;

    private long segments;
    private long storedBytes;
    private long rawBytes;

    public Verifier(Scope scope) {
        this(scope, _ -> true);
    }

    /** @param gaps which of the declared gaps the report is to have */
    public Verifier(Scope scope, Predicate<Report.DeclaredGap> gaps) {
        this.scope = scope;
        this.gaps = new DeclaredGaps(gaps);
    }

    /**
     * Verifies the next segment: the buffer's remaining bytes.
     *
     * @return what is in it if it is sound in itself, whatever its place; its log bytes are valid until the next call
     */
    public Optional<SegmentCheck.Outcome.Sound> segment(Location at, ByteBuffer stored) {
        Segment segment;
        try {
            segment = Segment.of(stored);
        } catch (MalformedException malformed) {
            findings.integrity(at, null, 0, String.valueOf(malformed.getMessage()));
            return Optional.empty();
        }
        Octets stream = segment.header().stream();
        return switch (segmentCheck.check(segment)) {
            case SegmentCheck.Outcome.Unsound unsound -> {
                findings.integrity(at, stream, segment.header().sequence(), unsound.sentence());
                if (unsound.headerHolds()) {
                    unsound(at, segment);
                }
                yield Optional.empty();
            }
            case SegmentCheck.Outcome.Sound sound -> {
                segments++;
                storedBytes += segment.length();
                rawBytes += segment.header().rawLength();
                stream(stream).follow(at, segment, sound).forEach(gaps::add);
                yield Optional.of(sound);
            }
        };
    }

    /**
     * Takes the next segment, of which only header and signature hold, as whoever gives it has found out and said: the chain
     * goes on through it, and what it states is not relied on.
     */
    public void unsound(Location at, Segment segment) {
        stream(segment.header().stream()).followUnsound(at, segment);
    }

    /**
     * The next segment of a stream begins another stretch of it: what is before it was not selected, and is not missing. The
     * stretch has to be vouched for like the first.
     */
    public void leap(Octets stream) {
        stream(stream).leap();
    }

    private StreamCheck stream(Octets stream) {
        return streams.computeIfAbsent(stream, id -> new StreamCheck(id, scope == Scope.WHOLE, findings));
    }

    /** The container holds something at this place that is no segment as it should lie there. */
    public void damaged(Location at, String sentence) {
        findings.integrity(at, null, 0, sentence);
    }

    /** The same, where the container can tell which segment was meant to lie there. */
    public void damaged(Location at, @Nullable Octets stream, long sequence, String sentence) {
        findings.integrity(at, stream, sequence, sentence);
    }

    /** The container, by its own account, once held something that it does not hold now. */
    public void missing(@Nullable Location at, @Nullable Octets stream, long sequence, String sentence) {
        findings.completeness(at, stream, sequence, sentence);
    }

    /** The sequence of the last segment of a stream that was in its place, 0 if there was none. */
    public long lastSequence(Octets stream) {
        StreamCheck check = streams.get(stream);
        ChainHead head = check == null ? null : check.head();
        return head == null ? 0 : head.sequence();
    }

    /** The public key of the identity that vouches for the last segment of a stream, as far as the stream has said. */
    public Optional<Octets> identity(Octets stream) {
        StreamCheck check = streams.get(stream);
        return check == null ? Optional.empty() : check.identity();
    }

    /** Segments whose keys nothing here connects with their stream's identity: sound in themselves, of unknown origin. */
    public List<Finding> unvouched() {
        List<Finding> all = new ArrayList<>(findings.unvouched);
        streams.values().forEach(stream -> stream.unvouched().ifPresent(all::add));
        return all;
    }

    private List<Report.StreamClock> clocks() {
        return streams.entrySet().stream()
                .map(one -> new Report.StreamClock(one.getKey(), one.getValue().clock()))
                .filter(one -> one.standing().isKnown())
                .limit(MOST_KEPT)
                .toList();
    }

    /** The report on all segments given so far. */
    public Report report() {
        long epochs = 0;
        long files = 0;
        Findings found = findings.copy();
        DeclaredGaps declared = gaps.copy();
        for (StreamCheck stream : streams.values()) {
            epochs += stream.epochs();
            files += stream.filesDeclared();
            stream.atTheEnd(found, declared::add);
        }
        if (scope != Scope.SEGMENTS) {
            List<Finding> unvouched = unvouched();
            found.integrity.addAll(unvouched);
            found.integrityCount += findings.unvouchedCount - findings.unvouched.size() + unvouched.size();
        }
        return new Report(
                Findings.verdict(found.integrity, found.integrityCount),
                Findings.verdict(found.completeness, found.completenessCount),
                new Report.Counts(
                        streams.size(),
                        epochs,
                        segments,
                        storedBytes,
                        rawBytes,
                        files,
                        declared.count,
                        declared.bytes,
                        declared.unknown),
                List.copyOf(declared.kept),
                clocks());
    }
}
