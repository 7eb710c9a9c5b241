package io.kiroku.cli;

import io.kiroku.agent.metrics.AgentStatus;
import io.kiroku.evidence.record.Entry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What an agent's status says over time, in lines for people. For use by one thread. */
final class CaptureProgress {
    /** Half of a rate's weight is that old. */
    private static final double HALF_LIFE_SECONDS = 0.7;

    /** Moments between the last that has its receipt and now, at most: the oldest are forgotten. */
    private static final int MOST_SAMPLES = 10_000;

    /** Not worth a progress bar. */
    private static final long LITTLE = 1 << 20;

    /** How much had been sealed when a segment was the newest. */
    private record Sealed(long segment, long bytes) {}

    private final Deque<Sealed> unacknowledged = new ArrayDeque<>();
    private AgentStatus status;
    private long at;
    private double rate;
    private Sealed acknowledged;
    private boolean everConnected;

    CaptureProgress(AgentStatus first, long nowNanos) {
        this.status = first;
        this.at = nowNanos;
        this.acknowledged = new Sealed(first.segmentsAcknowledged(), 0);
    }

    /** Takes the status of a later moment. */
    void update(AgentStatus now, long nowNanos) {
        double seconds = Math.max(1e-3, (nowNanos - at) / 1e9);
        double weight = Math.pow(0.5, seconds / HALF_LIFE_SECONDS);
        rate = weight * rate + (1 - weight) * Math.max(0, now.bytesRead() - status.bytesRead()) / seconds;
        unacknowledged.addLast(new Sealed(now.segmentsNewest(), now.bytesSealed()));
        while (!unacknowledged.isEmpty() && unacknowledged.getFirst().segment() <= now.segmentsAcknowledged()) {
            acknowledged = unacknowledged.removeFirst();
        }
        if (unacknowledged.size() > MOST_SAMPLES) {
            unacknowledged.removeFirst();
        }
        everConnected |= now.connected();
        status = now;
        at = nowNanos;
    }

    /** Log bytes that have their receipt: known for some segments, in between as if all were of one size. */
    private long acknowledgedBytes() {
        Sealed next = unacknowledged.peekFirst();
        if (next == null || next.segment() <= acknowledged.segment()) {
            return acknowledged.bytes();
        }
        double part = (double) (status.segmentsAcknowledged() - acknowledged.segment())
                / (next.segment() - acknowledged.segment());
        return acknowledged.bytes() + (long) (Math.clamp(part, 0, 1) * (next.bytes() - acknowledged.bytes()));
    }

    /** Log bytes that are known to be there and have no receipt yet. */
    long lag() {
        return Math.max(0, status.bytesRead() + status.bytesPending() - acknowledgedBytes());
    }

    private long known() {
        return status.bytesRead() + status.bytesPending();
    }

    /** The lines of a live display. */
    List<String> block() {
        List<String> lines = new ArrayList<>();
        lines.add("  sources       %s, %s open, %s"
                .formatted(
                        Sizes.count(status.sources()),
                        Sizes.count(status.openFiles(), "file"),
                        Sizes.count(status.gapCount(), "gap")));
        lines.add(
                "  captured      %-10s %10s/s".formatted(Sizes.format(status.bytesRead()), Sizes.format((long) rate)));
        lines.add("  sealed        %-10s %s, stored in %s (%s)"
                .formatted(
                        Sizes.format(status.bytesSealed()),
                        Sizes.count(status.segmentsSealed(), "segment"),
                        Sizes.format(status.bytesStored()),
                        ratio()));
        lines.add("  acknowledged  %-10s up to segment %s of %s"
                .formatted(
                        Sizes.format(acknowledgedBytes()),
                        Sizes.count(status.segmentsAcknowledged()),
                        Sizes.count(status.segmentsNewest())));
        clockOff().ifPresent(words -> lines.add("  clock         " + words));
        lines.add("  " + standing());
        return lines;
    }

    private Optional<String> clockOff() {
        return status.clock()
                .filter(clock -> clock.isOffBy(ClockText.WORTH_SAYING))
                .map(Entry.Clock::inWords);
    }

    private String standing() {
        if (!status.notice().isEmpty()) {
            return "! " + status.notice();
        }
        if (status.blocked()) {
            return "! the ring is full: reading waits for receipts, %s behind".formatted(Sizes.format(lag()));
        }
        if (!everConnected) {
            return "starting";
        }
        if (!status.connected()) {
            return "! no collector takes segments, %s behind".formatted(Sizes.format(lag()));
        }
        if (lag() >= LITTLE) {
            return "%s  %s behind".formatted(ProgressBar.bar(acknowledgedBytes(), known()), Sizes.format(lag()));
        }
        return lag() == 0 ? "everything known is stored" : "%s behind".formatted(Sizes.format(lag()));
    }

    private String ratio() {
        return status.bytesSealed() == 0 || status.bytesStored() == 0
                ? "-"
                : String.format(Locale.ROOT, "%.1f : 1", (double) status.bytesSealed() / status.bytesStored());
    }

    /** Changes when there is something to tell: heartbeats are not. */
    String news() {
        return "%d %d %d %d %s"
                .formatted(status.sources(), status.bytesRead(), lag(), status.gapCount(), status.notice());
    }

    /** One line that says the same. */
    String line() {
        String notice = status.notice().isEmpty() ? "" : "; " + status.notice();
        String clock = clockOff().map(words -> "; the clock is " + words).orElse("");
        return "sources %d, captured %s (%s/s), sealed %d segments (%s), acknowledged %d of %d, lag %s, gaps %d%s%s"
                .formatted(
                        status.sources(),
                        Sizes.format(status.bytesRead()),
                        Sizes.format((long) rate),
                        status.segmentsSealed(),
                        ratio(),
                        status.segmentsAcknowledged(),
                        status.segmentsNewest(),
                        Sizes.format(lag()),
                        status.gapCount(),
                        clock,
                        notice);
    }

    /** What is to be said at the end. */
    List<String> summary() {
        List<String> lines = new ArrayList<>();
        lines.add("Captured %s of %s in %s, %s stored (%s), %s."
                .formatted(
                        Sizes.format(status.bytesRead()),
                        Sizes.count(status.sources(), "source"),
                        Sizes.count(status.segmentsSealed(), "segment"),
                        Sizes.format(status.bytesStored()),
                        ratio(),
                        Sizes.count(status.gapCount(), "gap")));
        long pending = status.segmentsNewest() - status.segmentsAcknowledged();
        lines.add(
                pending == 0
                        ? "Everything sealed has its receipt."
                        : "%s %s no receipt yet: safe in the ring, they are sent at the next start."
                                .formatted(Sizes.count(pending, "segment"), pending == 1 ? "has" : "have"));
        return lines;
    }
}
