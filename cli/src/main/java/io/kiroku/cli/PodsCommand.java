package io.kiroku.cli;

import io.kiroku.collector.access.Rights;
import io.kiroku.collector.pods.ClusterSource;
import io.kiroku.collector.pods.PodRequest;
import io.kiroku.collector.pods.PodTable;
import io.kiroku.collector.pods.PodView;
import io.kiroku.collector.pods.PodViews;
import io.kiroku.collector.pods.PodsJson;
import io.kiroku.collector.query.KindName;
import io.kiroku.collector.query.LabelSelector;
import io.kiroku.collector.query.PointInTime;
import io.kiroku.collector.query.Sources;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.record.ShownText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku pods}. */
@Command(
        name = "pods",
        description = "Lists pods, dead or alive, as kubectl get pods does, with what is held of their logs.",
        footer = {
            "",
            "LAST: how the container that ended last did. LOGS: whole; gaps (kiroku gaps says which); none.",
            "PRESERVED: until when the logs are marked to be kept. STATUS Unknown: the cluster told nothing of the"
                    + " pod, what is known of it comes from its logs."
        })
final class PodsCommand implements Callable<Integer> {
    /** In what form pods are listed. */
    enum Form {
        WIDE,
        JSON,
        NAME
    }

    @ParentCommand
    private Kiroku kiroku;

    @Mixin
    private Origin origin;

    @Parameters(
            arity = "0..1",
            paramLabel = "POD|KIND/NAME",
            description = "a pod's name or the beginning of it, or what owns pods: deploy/NAME, job/NAME, ...")
    private @Nullable String target;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NS",
            description = "the pods' namespace (default: default)")
    private @Nullable String namespace;

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "pods of all namespaces")
    private boolean allNamespaces;

    @Option(
            names = {"-l", "--selector"},
            paramLabel = "SELECTOR",
            description = "only pods with such labels: a=b,c!=d,e in (x,y),!f")
    private @Nullable String selector;

    @Option(names = "--dead", description = "only pods that are gone or have ended")
    private boolean dead;

    @Option(
            names = "--since",
            paramLabel = "T",
            description = "not pods that had died before: 2026-01-31T09:30:00Z, or 10m, 24h, 1h30m ago")
    private @Nullable String since;

    @Option(
            names = "--reason",
            paramLabel = "WORD",
            description =
                    "only pods that ended, or of which a container ended, for that reason: OOMKilled, Evicted, ...")
    private @Nullable String reason;

    @Option(names = "--node", paramLabel = "NAME", description = "only pods that ran on that node")
    private @Nullable String node;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "wide|json|name",
            description = "with uids, owners, labels and times in full; as JSON; or names alone")
    private @Nullable Form form;

    @Override
    public Integer call() throws IOException, InterruptedException, CommandException {
        PodRequest request = request(origin.namespace(kiroku.terminal().environment()));
        Terminal terminal = kiroku.terminal();
        List<PodView> pods = switch (origin.place(terminal.environment())) {
            case Origin.Place.Directory directory -> read(directory.data(), request);
            case Origin.Place.Remote remote -> {
                try (CollectorClient client = new CollectorClient(remote.base(), remote.introduction())) {
                    yield client.pods(request);
                }
            }
        };
        if (form == Form.JSON) {
            terminal.json(PodsJson.write(pods));
        } else if (pods.isEmpty()) {
            terminal.err()
                    .println("No %spods found%s."
                            .formatted(
                                    dead ? "dead " : "",
                                    request.namespace()
                                            .map(name -> " in namespace " + ShownText.of(name) + "; -A looks in all")
                                            .orElse("")));
        } else if (form == Form.NAME) {
            pods.forEach(pod -> terminal.out().println("pod/" + ShownText.of(pod.name())));
        } else {
            new PodsText(kiroku.clock().instant(), request.namespace().isEmpty(), form == Form.WIDE)
                    .table(pods)
                    .lines()
                    .forEach(terminal.out()::println);
        }
        return 0;
    }

    private PodRequest request(String ownNamespace) throws CommandException {
        if (allNamespaces && namespace != null) {
            throw CommandException.misuse("-A and -n exclude each other");
        }
        try {
            return new PodRequest(
                    allNamespaces ? Optional.empty() : Optional.of(namespace == null ? ownNamespace : namespace),
                    Optional.ofNullable(target).map(KindName::parse),
                    Optional.ofNullable(selector).map(LabelSelector::parse),
                    dead,
                    Optional.ofNullable(since)
                            .map(text -> PointInTime.parse(text, kiroku.clock().instant())),
                    Optional.ofNullable(reason),
                    Optional.ofNullable(node));
        } catch (IllegalArgumentException misuse) {
            throw CommandException.misuse(String.valueOf(misuse.getMessage()));
        }
    }

    private List<PodView> read(Path data, PodRequest request) throws IOException {
        try (StoreReader store = StoreReader.open(data)) {
            PodTable table = told(store, kiroku.terminal());
            return PodViews.choose(
                    PodViews.join(table, Sources.readable(store, kiroku.clock().instant(), Rights.ALL)), request);
        }
    }

    /** What the cluster said, as the store has it; what of it is not understood is told. */
    static PodTable told(StoreReader store, Terminal terminal) throws IOException {
        PodTable table = new PodTable();
        String trouble = ClusterSource.read(store, table).inWords();
        if (!trouble.isEmpty()) {
            terminal.err().println("kiroku: note: " + trouble);
        }
        return table;
    }
}
