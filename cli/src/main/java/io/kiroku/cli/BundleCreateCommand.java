package io.kiroku.cli;

import io.kiroku.collector.config.StampConfig;
import io.kiroku.collector.export.BundleExport;
import io.kiroku.collector.export.BundleRequest;
import io.kiroku.collector.export.BundleSelection;
import io.kiroku.collector.query.PathGlob;
import io.kiroku.collector.query.PointInTime;
import io.kiroku.collector.query.SelectionException;
import io.kiroku.evidence.bundle.BundleManifest;
import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.record.MalformedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku bundle create}. */
@Command(
        name = "create",
        description = {
            "Makes a bundle of all that matches: every container and restart of the pods, on every node, and every"
                    + " stream.",
            "The same selection on the same state of the log gives the same bytes. The calls in the custody log that"
                    + " concern the selection go with it, always."
        },
        exitCodeList = {
            "0:the bundle is made, and both verdicts on it hold",
            "1:it is made and something is missing from it without a declared gap, or it is not made",
            "2:the command was misused"
        })
final class BundleCreateCommand implements Callable<Integer> {
    @ParentCommand
    private BundleCommand parent;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "a collector's data directory; also while the collector runs")
    private @Nullable Path data;

    @Option(names = "--case", paramLabel = "ID", required = true, description = "the investigation it belongs to")
    private String caseId;

    @Option(names = "--purpose", paramLabel = "TEXT", required = true, description = "what it is made for")
    private String purpose;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NS",
            description = "of pods in that namespace")
    private @Nullable String namespace;

    @Option(names = "--pod", paramLabel = "POD", description = "of the pods of that exact name, or pod/NAME")
    private @Nullable String pod;

    @Option(names = "--uid", paramLabel = "UID", description = "of the pod of that uid; its beginning will do")
    private @Nullable String uid;

    @Option(
            names = {"-c", "--container"},
            paramLabel = "CONTAINER",
            description = "of the containers of that name")
    private @Nullable String container;

    @Option(
            names = "--path",
            paramLabel = "GLOB",
            description = "of sources by their path; without a leading slash it matches the path's end")
    private @Nullable String path;

    @Option(names = "--node", paramLabel = "NAME", description = "of that node")
    private @Nullable String node;

    @Option(names = "--stream", paramLabel = "ID", description = "of that stream; the beginning of its id will do")
    private @Nullable String stream;

    @Option(
            names = "--since",
            paramLabel = "T",
            description = "what was sealed from then on: 2026-01-31T09:30:00Z, or 10m, 2h, 1h30m ago")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "T", description = "what was sealed until then")
    private @Nullable String until;

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "whose signatures the recipient should ask for (C2SP tlog-policy); goes into the bundle")
    private @Nullable Path policy;

    @Option(
            names = "--earlier",
            paramLabel = "FILE",
            description =
                    "a checkpoint of the log that was seen before, as from a witness: the bundle will prove that the"
                            + " log continues it; repeat it for more")
    private List<Path> earlier = new ArrayList<>();

    @Option(
            names = "--receipt",
            paramLabel = "FILE",
            description =
                    "a receipt of the collector's: the bundle will prove that the log continues the tree that it names;"
                            + " repeat it for more")
    private List<Path> receipts = new ArrayList<>();

    @Option(
            names = "--tsa",
            paramLabel = "URL",
            description =
                    "a timestamping authority (RFC 3161) that is to date the bundle's checkpoint now; repeat it for"
                            + " more. The same selection gives the same bytes only without it")
    private List<String> authorities = new ArrayList<>();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "where to; must not be there yet")
    private Path output;

    @Override
    public Integer call() throws Exception {
        Terminal terminal = parent.kiroku().terminal();
        BundleRequest request = request();
        Path directory = DataDirectory.require(data != null ? data : DataDirectory.byDefault(terminal.environment()));
        if (Files.exists(output)) {
            throw CommandException.failure("%s is there already, and is not overwritten".formatted(output));
        }
        boolean holds = OfflineCall.run(
                parent.kiroku(), directory, "bundle", selection(), caseId, purpose, () -> write(directory, request));
        return holds ? 0 : CommandException.FAILURE;
    }

    /** The options that say what is in it, for the custody log. */
    private Map<String, String> selection() {
        Map<String, String> options = new LinkedHashMap<>();
        put(options, "namespace", namespace);
        put(options, "pod", pod);
        put(options, "uid", uid);
        put(options, "container", container);
        put(options, "path", path);
        put(options, "node", node);
        put(options, "stream", stream);
        put(options, "since", since);
        put(options, "until", until);
        put(options, "output", output.toString());
        return options;
    }

    private static void put(Map<String, String> options, String name, @Nullable String value) {
        if (value != null) {
            options.put(name, value);
        }
    }

    private boolean write(Path directory, BundleRequest request)
            throws IOException, CommandException, SelectionException, MalformedException {
        Terminal terminal = parent.kiroku().terminal();
        ProgressBar bar = new ProgressBar(terminal.err(), terminal.canRedrawErr(), System::nanoTime);
        Instant now = parent.kiroku().clock().instant();
        BundleExport.Made[] made = new BundleExport.Made[1];
        try {
            Durable.<Exception>create(
                    output, file -> made[0] = BundleExport.write(directory, request, file, now, bar::show));
        } catch (FileAlreadyExistsException raced) {
            throw CommandException.failure("%s is there already, and is not overwritten".formatted(output));
        } catch (IOException | SelectionException | MalformedException | RuntimeException known) {
            throw known;
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        } finally {
            bar.clear();
        }
        new ReportText(terminal)
                .lines(output.toString(), "a bundle", made[0].report())
                .forEach(terminal.out()::println);
        terminal.out().println("  SHA-256       " + BundleFacts.sha256(output));
        if (made[0].unreadable() > 0) {
            terminal.out()
                    .println(
                            "  custody       %s of the custody log cannot be read, so that calls may not be in it: %s verify --data %s"
                                    .formatted(
                                            Sizes.count(made[0].unreadable(), "segment"),
                                            Kiroku.commandName(),
                                            directory));
        }
        return made[0].report().holds();
    }

    private BundleRequest request() throws IOException, CommandException, MalformedException {
        Instant now = parent.kiroku().clock().instant();
        text("--case", caseId);
        text("--purpose", purpose);
        List<TreeHead> trees = new ArrayList<>();
        for (Path receipt : receipts) {
            trees.add(LastReceipt.read(receipt).tree());
        }
        try {
            BundleSelection selection = new BundleSelection(
                    Optional.ofNullable(namespace),
                    Optional.ofNullable(pod).map(name -> name.replaceFirst("^pods?/", "")),
                    Optional.ofNullable(uid),
                    Optional.ofNullable(container),
                    Optional.ofNullable(path).map(PathGlob::parse),
                    Optional.ofNullable(node),
                    Optional.ofNullable(stream).map(id -> id.toLowerCase(Locale.ROOT)),
                    Optional.ofNullable(since).map(text -> PointInTime.parse(text, now)),
                    Optional.ofNullable(until).map(text -> PointInTime.parse(text, now)));
            return new BundleRequest(
                    Kiroku.nameAndVersion(),
                    caseId,
                    purpose,
                    selection,
                    Optional.ofNullable(policy),
                    earlier,
                    trees,
                    authorities.stream().map(StampConfig::authority).toList());
        } catch (IllegalArgumentException misuse) {
            throw CommandException.misuse(String.valueOf(misuse.getMessage()));
        }
    }

    private static void text(String option, String text) throws CommandException {
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        if (text.isBlank() || length > BundleManifest.MOST_TEXT) {
            throw CommandException.misuse("expected 1 to %d bytes of text for %s, found %d"
                    .formatted(BundleManifest.MOST_TEXT, option, length));
        }
    }
}
