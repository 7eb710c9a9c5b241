package io.kiroku.collector.query;

import io.kiroku.evidence.journal.ExportEntry;
import io.kiroku.evidence.journal.ExportReader;
import io.kiroku.evidence.journal.UnitMatch;
import io.kiroku.evidence.record.ShownText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;

/**
 * The entries of a journal, as {@code journalctl} shows them: time, host, who wrote it, and the message; further lines of a
 * message begin below the first. Or the entries' own bytes, where only those of one unit are asked for.
 */
final class JournalText implements LogText {
    /** No microseconds since the Unix epoch that are shown have more digits: it is the year 33,658 then. */
    private static final int MOST_DIGITS = 18;

    /** Bytes that are shown of a name. */
    private static final int MOST_SHOWN = 255;

    private final LineOutput out;
    private final UnitMatch units;
    private final boolean raw;
    private ExportReader reader = new ExportReader();

    /** @param raw whether the entries' own bytes are shown */
    JournalText(LineOutput out, UnitMatch units, boolean raw) {
        this.out = out;
        this.units = units;
        this.raw = raw;
    }

    @Override
    public void bytes(byte[] bytes, int from, int to, long sealedNanos) throws IOException {
        reader.add(bytes, from, to);
        for (ExportEntry entry = reader.next(); entry != null; entry = reader.next()) {
            if (!entry.is(units)) {
                continue;
            }
            if (raw) {
                out.pass(entry.array(), entry.from(), entry.to());
            } else {
                show(entry, sealedNanos);
            }
        }
    }

    private void show(ExportEntry entry, long sealedNanos) throws IOException {
        long nanos = nanos(entry, sealedNanos);
        String time = Sources.instant(nanos).truncatedTo(ChronoUnit.MICROS).toString();
        String pid = first(entry, "_PID", "SYSLOG_PID");
        String head = "%s %s %s%s: "
                .formatted(
                        time,
                        first(entry, "_HOSTNAME"),
                        first(entry, "SYSLOG_IDENTIFIER", "_COMM", "_TRANSPORT"),
                        pid.isEmpty() ? "" : "[" + pid + "]");
        byte[] shown = head.getBytes(StandardCharsets.UTF_8);
        out.begin(LineOutput.OTHER, nanos, shown, 0, 0);
        out.content(LineOutput.OTHER, shown, 0, shown.length);
        int message = entry.find("MESSAGE");
        if (message >= 0) {
            message(entry.array(), entry.valueFrom(message), entry.valueTo(message), shown.length);
        }
        out.end(LineOutput.OTHER);
    }

    /** What follows a newline is indented, so that no message looks like another entry. */
    private void message(byte[] bytes, int from, int to, int indent) throws IOException {
        byte[] next = ("\n" + " ".repeat(indent)).getBytes(StandardCharsets.US_ASCII);
        int start = from;
        int end = to > from && bytes[to - 1] == '\n' ? to - 1 : to;
        for (int i = from; i < end; i++) {
            if (bytes[i] == '\n') {
                out.content(LineOutput.OTHER, bytes, start, i);
                out.content(LineOutput.OTHER, next, 0, next.length);
                start = i + 1;
            }
        }
        out.content(LineOutput.OTHER, bytes, start, end);
    }

    /** When the entry was received; if it does not say so, when its segment was sealed. */
    private static long nanos(ExportEntry entry, long sealedNanos) {
        int field = entry.find("__REALTIME_TIMESTAMP");
        if (field < 0) {
            return sealedNanos;
        }
        long micros = 0;
        int from = entry.valueFrom(field);
        int to = entry.valueTo(field);
        for (int i = from; i < to; i++) {
            byte digit = entry.array()[i];
            if (digit < '0' || digit > '9' || i - from >= MOST_DIGITS) {
                return sealedNanos;
            }
            micros = 10 * micros + digit - '0';
        }
        return micros > Long.MAX_VALUE / 1000 ? sealedNanos : micros * 1000;
    }

    /** The first of the fields that the entry has, for people; empty if it has none of them. */
    private static String first(ExportEntry entry, String... names) {
        for (String name : names) {
            int field = entry.find(name);
            if (field >= 0) {
                return shown(entry, field);
            }
        }
        return "";
    }

    private static String shown(ExportEntry entry, int field) {
        int from = entry.valueFrom(field);
        int length = Math.min(entry.valueTo(field) - from, MOST_SHOWN);
        return ShownText.of(new String(entry.array(), from, length, StandardCharsets.UTF_8));
    }

    @Override
    public void beginInsideLine() {
        // The reader finds the next entry by itself.
    }

    /** What was begun before the break has no end, and is passed over: a note says that something is missing. */
    @Override
    public void broken() {
        reader = new ExportReader();
    }

    @Override
    public void finish() {
        reader = new ExportReader();
    }
}
