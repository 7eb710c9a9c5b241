package io.kiroku.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kiroku.collector.query.ReportJson;
import io.kiroku.evidence.bundle.Trust;
import io.kiroku.evidence.record.ShownText;
import io.kiroku.evidence.time.TrustAnchors;
import io.kiroku.evidence.verify.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku verify}. */
@Command(
        name = "verify",
        description = {
            "Verifies a collector's data directory, a ring (an agent's state directory or the ring file), a segment"
                    + " file (.lz4) or a directory of them, or an evidence bundle.",
            "With --collector, or of a cluster, a collector verifies its own store.",
            "Two verdicts: integrity (nothing was changed) and completeness (nothing is missing, or exactly the"
                    + " declared gaps)."
        },
        exitCodeList = {
            "0:both verdicts hold, for everything named",
            "1:a verdict is against",
            "2:a path is none of these things, or the command was misused"
        })
final class VerifyCommand implements Callable<Integer> {
    @ParentCommand
    private Kiroku kiroku;

    @Parameters(arity = "0..*", paramLabel = "PATH", description = "what to verify")
    private List<Path> paths = new ArrayList<>();

    @Mixin
    private TrustOptions trust;

    @Option(
            names = "--evidence-record",
            paramLabel = "FILE.ers",
            description = "of a bundle: an evidence record (RFC 4998) over it, which says since when it is there; with"
                    + " --tsa-ca")
    private @Nullable Path record;

    @Mixin
    private RemoteOptions remote = new RemoteOptions();

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException, CommandException {
        boolean asksCollector = remote.isGiven() || (paths.isEmpty() && remote.isCluster());
        if (paths.isEmpty() != asksCollector) {
            throw CommandException.misuse("name what to verify: a PATH, or a collector with --collector URL");
        }
        Map<Path, Evidence> named = new LinkedHashMap<>();
        for (Path path : paths) {
            named.put(path, Evidence.at(path));
        }
        if (trust.isGiven() && named.values().stream().noneMatch(Evidence.Bundle.class::isInstance)) {
            throw CommandException.misuse(
                    "--key, --policy, --earlier and --tsa-ca go with a bundle, and none is named");
        }
        Trust trusted = trust.read();
        RecordCheck recorded = record == null ? null : recorded(record, named, trusted);
        ArrayNode reports = JsonNodeFactory.instance.arrayNode();
        boolean holds = recorded == null || recorded.holds();
        for (Map.Entry<Path, Evidence> one : named.entrySet()) {
            List<String> notes = new ArrayList<>();
            Report report = verify(one.getValue(), trusted, notes);
            holds &= report.holds();
            boolean isBundle = one.getValue() instanceof Evidence.Bundle;
            tell(reports, one.getKey().toString(), one.getValue().description(), report, isBundle ? notes : List.of());
            if (recorded != null && !json) {
                recorded.lines(kiroku.terminal(), "record       ")
                        .forEach(kiroku.terminal().out()::println);
            }
            if (!isBundle) {
                notes.forEach(note -> kiroku.terminal().err().println("kiroku: note: " + ShownText.of(note)));
            }
        }
        if (asksCollector) {
            Origin.Place.Remote place = remote.place(kiroku.terminal().environment());
            try (CollectorClient client = new CollectorClient(place.base(), place.introduction())) {
                Report report = client.verify();
                holds = report.holds();
                tell(reports, place.base().toString(), "a collector, as it says itself", report, List.of());
            }
        }
        if (json) {
            ObjectNode all = JsonNodeFactory.instance.objectNode().put("holds", holds);
            all.set("reports", reports);
            if (recorded != null) {
                all.set("evidenceRecord", recorded.json());
            }
            kiroku.terminal().json(all);
        }
        return holds ? 0 : CommandException.FAILURE;
    }

    private RecordCheck recorded(Path file, Map<Path, Evidence> named, Trust trusted)
            throws IOException, CommandException {
        if (named.size() != 1 || !(named.values().iterator().next() instanceof Evidence.Bundle bundle)) {
            throw CommandException.misuse("--evidence-record goes with one bundle, and with nothing else");
        }
        TrustAnchors anchors = trusted.authorities()
                .orElseThrow(() -> CommandException.misuse(
                        "--evidence-record needs the certificates of who is trusted to date: --tsa-ca PEM"));
        return RecordCheck.of(
                file, List.of(bundle.file()), anchors, kiroku.clock().instant());
    }

    private Report verify(Evidence evidence, Trust trusted, List<String> notes) throws IOException {
        Terminal terminal = kiroku.terminal();
        ProgressBar bar = new ProgressBar(terminal.err(), terminal.canRedrawErr(), System::nanoTime);
        try {
            return evidence.verify(trusted, bar::show, notes::add);
        } finally {
            bar.clear();
        }
    }

    /** @param log what the log says of a bundle */
    private void tell(ArrayNode reports, String path, String description, Report report, List<String> log) {
        if (json) {
            ObjectNode one =
                    JsonNodeFactory.instance.objectNode().put("path", path).put("kind", description);
            one.setAll(ReportJson.write(report));
            if (!log.isEmpty()) {
                ArrayNode said = one.putArray("log");
                log.forEach(said::add);
            }
            reports.add(one);
        } else {
            new ReportText(kiroku.terminal())
                    .lines(path, description, report)
                    .forEach(kiroku.terminal().out()::println);
            log.forEach(sentence -> kiroku.terminal().out().println("  log           " + ShownText.of(sentence)));
        }
    }
}
