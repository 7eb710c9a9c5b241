package io.kiroku.cli;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.ShownText;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.verify.Report;
import io.kiroku.evidence.verify.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The outcome of a verification for people. */
final class ReportText {
    /** Findings and gaps shown of each kind; JSON has more. */
    private static final int MOST_SHOWN = 20;

    private final Terminal terminal;

    ReportText(Terminal terminal) {
        this.terminal = terminal;
    }

    List<String> lines(String path, String description, Report report) {
        List<String> lines = new ArrayList<>();
        Report.Counts counts = report.counts();
        lines.add("%s: %s".formatted(terminal.bold(path), description));
        lines.add("  looked at     %s of %s in %s, %s stored, %s of log from %s"
                .formatted(
                        Sizes.count(counts.segments(), "segment"),
                        Sizes.count(counts.streams(), "stream"),
                        Sizes.count(counts.epochs(), "epoch"),
                        Sizes.format(counts.storedBytes()),
                        Sizes.format(counts.rawBytes()),
                        Sizes.count(counts.files(), "file")));
        verdict(lines, "integrity", report.integrity(), "nothing was changed");
        verdict(lines, "completeness", report.completeness(), complete(counts));
        gaps(lines, report);
        clocks(lines, report);
        return lines;
    }

    private static String complete(Report.Counts counts) {
        return counts.gaps() == 0
                ? "nothing is missing"
                : "nothing is missing but what %s declare%s"
                        .formatted(Sizes.count(counts.gaps(), "gap"), counts.gaps() == 1 ? "s" : "");
    }

    private void verdict(List<String> lines, String question, Verdict verdict, String ifHolds) {
        switch (verdict) {
            case Verdict.Holds _ -> lines.add("  %-13s %s: %s".formatted(question, terminal.green("holds"), ifHolds));
            case Verdict.Fails fails -> {
                lines.add("  %-13s %s: %s"
                        .formatted(question, terminal.red("FAILS"), Sizes.count(fails.count(), "finding")));
                fails.findings().stream()
                        .limit(MOST_SHOWN)
                        .forEach(finding -> lines.add("    - " + ShownText.of(finding.toString())));
                more(lines, fails.count());
            }
        }
    }

    private static void gaps(List<String> lines, Report report) {
        Report.Counts counts = report.counts();
        if (counts.gaps() == 0) {
            return;
        }
        lines.add("  declared gaps %s: %s, %s of unknown length"
                .formatted(
                        Sizes.count(counts.gaps()),
                        Sizes.format(counts.gapBytes()),
                        Sizes.count(counts.unknownGaps())));
        report.gaps().stream().limit(MOST_SHOWN).forEach(gap -> lines.add("    - " + gap(gap)));
        more(lines, counts.gaps());
    }

    private static void clocks(List<String> lines, Report report) {
        if (report.clocks().isEmpty()) {
            return;
        }
        long steps = report.clocks().stream()
                .mapToLong(clock -> clock.standing().steps())
                .sum();
        lines.add("  clocks        %s measured, %s"
                .formatted(
                        Sizes.count(
                                report.clocks().stream()
                                        .filter(clock -> clock.standing().measurements() > 0)
                                        .count(),
                                "stream"),
                        Sizes.count(steps, "step")));
        List<String> remarks = new ArrayList<>();
        report.clocks()
                .forEach(clock -> ClockText.remarks(clock.standing())
                        .forEach(remark -> remarks.add(
                                "stream %s: %s".formatted(clock.stream().brief(), remark))));
        remarks.stream().limit(MOST_SHOWN).forEach(remark -> lines.add("    - " + ShownText.of(remark)));
        more(lines, remarks.size());
    }

    private static void more(List<String> lines, long count) {
        if (count > MOST_SHOWN) {
            lines.add("    and %s more; --json has up to 1,000".formatted(Sizes.count(count - MOST_SHOWN)));
        }
    }

    private static String gap(Report.DeclaredGap declared) {
        Entry.Gap gap = declared.gap();
        boolean isKnown = declared.source() != null;
        String what;
        if (gap.length() == 0) {
            what = "nothing";
        } else if (gap.to() == Entry.UNKNOWN) {
            what = isKnown ? "all from byte %d on".formatted(gap.from()) : "an unknown number of bytes";
        } else {
            what = isKnown ? "bytes %d to %d".formatted(gap.from(), gap.to() - 1) : Sizes.count(gap.length(), "byte");
        }
        String source = declared.source() == null
                ? "files that are not known"
                : declared.source().toString();
        Instant noticed = Timestamp.instant(gap.wallNanos());
        return "stream %s segment %d: %s of %s: %s, noticed %s%s"
                .formatted(
                        declared.stream().brief(),
                        declared.sequence(),
                        what,
                        source,
                        gap.cause(),
                        noticed,
                        gap.detail().isEmpty() ? "" : ": " + ShownText.of(gap.detail()));
    }
}
