package io.kiroku.cli;

import io.kiroku.collector.access.CustodyRecord;
import io.kiroku.collector.custody.CustodyCall;
import io.kiroku.collector.custody.CustodyJson;
import io.kiroku.collector.custody.CustodyReader;
import io.kiroku.collector.custody.CustodyReport;
import io.kiroku.collector.custody.CustodyRequest;
import io.kiroku.collector.query.PointInTime;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.ShownText;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku custody}. */
@Command(
        name = "custody",
        description = {
            "Says who did what to the evidence: who, from where, when, which selection, for which case and purpose, and"
                    + " what came of it; and verifies the custody log that says so.",
            "With --case, only what was done for that case.",
            "Commands on a collector's data directory leave their records there; the collector takes them within"
                    + " seconds, or at its next start. Whoever can read the disk can read it without any record."
        },
        exitCodeList = {
            "0:the log was read, and both verdicts on it hold",
            "1:a verdict is against, or it could not be read",
            "2:the command was misused"
        })
final class CustodyCommand implements Callable<Integer> {
    @ParentCommand
    private Kiroku kiroku;

    @Mixin
    private Origin origin;

    @Option(
            names = "--since",
            paramLabel = "T",
            description = "only what began from then on: 2026-01-31T09:30:00Z, or 10m, 2h, 1h30m ago")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "T", description = "only what began until then")
    private @Nullable String until;

    @Option(names = "--caller", paramLabel = "NAME", description = "only what that caller did")
    private @Nullable String caller;

    @Option(names = "--action", paramLabel = "WORD", description = "only that: logs, verify, bundle, ...")
    private @Nullable String action;

    @Option(names = "--json", description = "as JSON, times in UTC")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException, CommandException {
        CustodyRequest request = request();
        Terminal terminal = kiroku.terminal();
        CustodyReport report;
        String place;
        switch (origin.place(terminal.environment())) {
            case Origin.Place.Directory directory -> {
                report = CustodyReader.read(directory.data(), request);
                place = directory.data().toString();
            }
            case Origin.Place.Remote remote -> {
                try (CollectorClient client = new CollectorClient(remote.base(), remote.introduction())) {
                    report = client.custody(request);
                    place = remote.base().toString();
                }
            }
        }
        if (json) {
            terminal.json(CustodyJson.write(report));
        } else {
            show(report, place);
        }
        return report.verdict().holds() ? 0 : CommandException.FAILURE;
    }

    private CustodyRequest request() throws CommandException {
        Instant now = kiroku.clock().instant();
        try {
            return new CustodyRequest(
                    Optional.ofNullable(since).map(text -> PointInTime.parse(text, now)),
                    Optional.ofNullable(until).map(text -> PointInTime.parse(text, now)),
                    Optional.ofNullable(caller),
                    Optional.of(origin.caseId()).filter(text -> !text.isEmpty()),
                    Optional.ofNullable(action));
        } catch (IllegalArgumentException misuse) {
            throw CommandException.misuse(String.valueOf(misuse.getMessage()));
        }
    }

    private void show(CustodyReport report, String place) {
        Terminal terminal = kiroku.terminal();
        if (report.calls().isEmpty()) {
            terminal.out().println("Nothing that was asked for is on record.");
        } else {
            table(report.calls()).lines().forEach(terminal.out()::println);
        }
        terminal.out().println();
        new ReportText(terminal)
                .lines(place, "the custody log", report.verdict())
                .forEach(terminal.out()::println);
        if (report.leftOut() > 0) {
            terminal.err()
                    .println("kiroku: note: %s older than these; --since and --until show them"
                            .formatted(Sizes.count(report.leftOut(), "call")));
        }
        if (report.unreadable() > 0) {
            terminal.err()
                    .println("kiroku: note: %s in the log that are no records"
                            .formatted(Sizes.count(report.unreadable(), "line")));
        }
        if (report.streams().size() > 1) {
            terminal.err()
                    .println(
                            "kiroku: note: the log consists of the streams %s: each but the first began because the keys of"
                                            .formatted(report.streams().stream()
                                                    .map(Octets::brief)
                                                    .collect(Collectors.joining(", ")))
                                    + " the one before were gone or revoked");
        }
    }

    private static Table table(List<CustodyCall> calls) {
        Table table = new Table(
                Table.Align.LEFT,
                Table.Align.LEFT,
                Table.Align.LEFT,
                Table.Align.LEFT,
                Table.Align.LEFT,
                Table.Align.RIGHT,
                Table.Align.RIGHT,
                Table.Align.LEFT,
                Table.Align.LEFT,
                Table.Align.LEFT);
        table.row("BEGAN", "WHO", "FROM", "WHAT", "OUTCOME", "BYTES", "SOURCES", "CASE", "PURPOSE", "SELECTION");
        for (CustodyCall call : calls) {
            CustodyRecord record = call.last();
            table.row(
                    call.began().truncatedTo(ChronoUnit.SECONDS).toString(),
                    "%s (%s)".formatted(text(record.caller()), text(record.voucher())),
                    text(record.from()),
                    text(record.action()),
                    record.outcome().name().toLowerCase(Locale.ROOT),
                    record.bytes() == 0 ? "-" : Sizes.format(record.bytes()),
                    record.touched().isEmpty()
                            ? "-"
                            : Sizes.count(record.touched().size() + record.untold()),
                    text(record.caseId()),
                    text(record.purpose()),
                    text(record.selection()));
        }
        return table;
    }

    private static String text(String text) {
        return text.isEmpty() ? "-" : ShownText.of(text);
    }
}
