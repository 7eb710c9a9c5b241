package io.kiroku.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kiroku.collector.query.ReportJson;
import io.kiroku.evidence.verify.Report;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku verify}. */
@Command(
        name = "verify",
        description = {
            "Verifies a collector's data directory, a ring (an agent's state directory or the ring file), a segment"
                    + " file (.lz4) or a directory of them.",
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

    @Option(
            names = "--collector",
            paramLabel = "URL",
            description = "let a collector verify its own store, such as http://127.0.0.1:4480")
    private @Nullable String collector;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException, CommandException {
        if (paths.isEmpty() == (collector == null)) {
            throw CommandException.misuse("name what to verify: a PATH, or a collector with --collector URL");
        }
        Map<Path, Evidence> named = new LinkedHashMap<>();
        for (Path path : paths) {
            named.put(path, Evidence.at(path));
        }
        ArrayNode reports = JsonNodeFactory.instance.arrayNode();
        boolean holds = true;
        for (Map.Entry<Path, Evidence> one : named.entrySet()) {
            Report report = verify(one.getValue());
            holds &= report.holds();
            tell(reports, one.getKey().toString(), one.getValue().description(), report);
        }
        if (collector != null) {
            URI base = Origin.url(collector);
            try (CollectorClient client = new CollectorClient(base)) {
                Report report = client.verify();
                holds = report.holds();
                tell(reports, base.toString(), "a collector, as it says itself", report);
            }
        }
        if (json) {
            ObjectNode all = JsonNodeFactory.instance.objectNode().put("holds", holds);
            all.set("reports", reports);
            kiroku.terminal().out().println(all.toPrettyString());
        }
        return holds ? 0 : CommandException.FAILURE;
    }

    private Report verify(Evidence evidence) throws IOException {
        Terminal terminal = kiroku.terminal();
        ProgressBar bar = new ProgressBar(terminal.err(), terminal.canRedrawErr(), System::nanoTime);
        List<String> notes = new ArrayList<>();
        try {
            return evidence.verify(bar::show, notes::add);
        } finally {
            bar.clear();
            notes.forEach(note -> terminal.err().println("kiroku: note: " + note));
        }
    }

    private void tell(ArrayNode reports, String path, String description, Report report) {
        if (json) {
            ObjectNode one =
                    JsonNodeFactory.instance.objectNode().put("path", path).put("kind", description);
            one.setAll(ReportJson.write(report));
            reports.add(one);
        } else {
            new ReportText(kiroku.terminal())
                    .lines(path, description, report)
                    .forEach(kiroku.terminal().out()::println);
        }
    }
}
