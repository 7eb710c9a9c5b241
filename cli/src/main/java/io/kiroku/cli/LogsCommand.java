package io.kiroku.cli;

import io.kiroku.collector.pods.PodView;
import io.kiroku.collector.query.KindName;
import io.kiroku.collector.query.LabelSelector;
import io.kiroku.collector.query.LogQuery;
import io.kiroku.collector.query.LogRequest;
import io.kiroku.collector.query.PathGlob;
import io.kiroku.collector.query.PodGroup;
import io.kiroku.collector.query.PointInTime;
import io.kiroku.collector.query.Restart;
import io.kiroku.collector.query.Selection;
import io.kiroku.collector.query.SelectionException;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.journal.JournalPath;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku logs}. */
@Command(
        name = "logs",
        description = {
            "Shows the log of a pod, dead or alive, as kubectl logs does; of all pods of an owner or with some labels;"
                    + " or of any other source by its path.",
            "Every byte is verified before it is shown. Losses and damage are told on standard error."
        },
        exitCodeList = {
            "0:everything asked for was shown",
            "1:something asked for is damaged or missing without a declared gap, or nothing was found",
            "2:the command was misused"
        })
final class LogsCommand implements Callable<Integer> {
    /** Lines of each source that is chosen by labels. */
    private static final long TAIL_OF_SELECTED = 10;

    @ParentCommand
    private Kiroku kiroku;

    @Mixin
    private Origin origin;

    @Parameters(
            arity = "0..1",
            paramLabel = "POD|KIND/NAME",
            description = "the pod's exact name, or what owns pods: deploy/NAME, sts/, ds/, job/, cronjob/, ...")
    private @Nullable String pod;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NS",
            description = "the pod's namespace (default: that of the kubeconfig's context, or default)")
    private @Nullable String namespace;

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "look for the pod in all namespaces")
    private boolean allNamespaces;

    @Option(
            names = {"-c", "--container"},
            paramLabel = "CONTAINER",
            description = "one of the pod's containers")
    private @Nullable String container;

    @Option(names = "--all-containers", description = "all of the pod's containers, one after the other")
    private boolean allContainers;

    @Option(
            names = {"-l", "--selector"},
            paramLabel = "SELECTOR",
            description = "all pods with such labels: a=b,c!=d,e in (x,y),!f; the last 10 lines of each without --tail")
    private @Nullable String selector;

    @Option(
            names = "--restart",
            paramLabel = "N|all",
            description = "the instance that had been restarted N times, or all, oldest first (default: the newest)")
    private @Nullable String restart;

    @Option(
            names = {"-p", "--previous"},
            description = "the instance before the newest")
    private boolean previous;

    @Option(names = "--previous=all", description = "all instances, the oldest first: as --restart all")
    private boolean allInstances;

    @Option(names = "--uid", paramLabel = "UID", description = "the pod of that uid; its beginning will do")
    private @Nullable String uid;

    @Option(
            names = "--path",
            paramLabel = "GLOB",
            description = "sources by their path; without a leading slash it matches the path's end, *.log any log")
    private @Nullable String path;

    @Option(
            names = "--unit",
            paramLabel = "UNIT",
            description = "what journals have of a unit, kubelet.service or kernel; all journals, or those of --path")
    private @Nullable String unit;

    @Option(names = "--node", paramLabel = "NAME", description = "only what was captured on that node")
    private @Nullable String node;

    @Option(
            names = "--stream",
            paramLabel = "ID",
            description = "only what was captured in that stream; the beginning of its id will do")
    private @Nullable String stream;

    @Option(
            names = {"-f", "--follow"},
            description = "wait for more until interrupted")
    private boolean follow;

    @Option(
            names = "--since",
            paramLabel = "T",
            description = "lines from then on: 2026-01-31T09:30:00Z, or 10m, 2h, 1h30m ago")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "T", description = "lines until then")
    private @Nullable String until;

    @Option(names = "--tail", paramLabel = "N", description = "only the last N lines of each; -1 for all")
    private @Nullable Long tail;

    @Option(names = "--timestamps", description = "put its time before each line")
    private boolean timestamps;

    @Option(names = "--prefix", description = "put before each line which container of which pod wrote it")
    private boolean prefix;

    @Option(
            names = "--raw",
            description = "the files' exact bytes, rotations joined in order, instead of lines for people")
    private boolean raw;

    @Override
    public Integer call() throws IOException, InterruptedException, CommandException, SelectionException {
        LogRequest request = request();
        Terminal terminal = kiroku.terminal();
        if (tail == null && request.tail().isPresent()) {
            terminal.err()
                    .println("kiroku: the last %d lines of each, as kubectl does with -l; --tail -1 shows all"
                            .formatted(TAIL_OF_SELECTED));
        }
        StandardOutput out = new StandardOutput(terminal);
        boolean whole;
        try {
            whole = switch (origin.place(terminal.environment())) {
                case Origin.Place.Directory directory -> {
                    try (StoreReader store = StoreReader.open(directory.data())) {
                        yield LogQuery.prepare(
                                        store,
                                        request,
                                        () -> PodView.named(PodsCommand.told(store, terminal)
                                                .pods()),
                                        kiroku.clock().instant())
                                .write(out);
                    }
                }
                case Origin.Place.Remote remote -> {
                    try (CollectorClient client = new CollectorClient(remote.base(), remote.introduction())) {
                        yield client.logs(request, out);
                    }
                }
            };
            out.flush();
        } catch (StandardOutput.ClosedException enough) {
            // As when head(1) has seen enough: that is no failure.
            return 0;
        }
        return whole ? 0 : CommandException.FAILURE;
    }

    LogRequest request() throws CommandException {
        if (tail != null && tail < -1) {
            throw CommandException.misuse("expected a number of lines from 0 for --tail, or -1 for all, found " + tail);
        }
        if (((previous || allInstances) && restart != null) || (previous && allInstances)) {
            throw CommandException.misuse("--previous and --restart exclude each other");
        }
        if (allNamespaces && namespace != null) {
            throw CommandException.misuse("-A and -n exclude each other");
        }
        boolean ofPods = pod != null || selector != null;
        if (ofPods && unit != null) {
            throw CommandException.misuse("--unit chooses in a journal, it does not go with a POD");
        }
        if (!ofPods && path == null && unit == null) {
            throw CommandException.misuse(
                    "name a POD, sources by their path with --path GLOB, or a --unit; %s sources lists what there is"
                            .formatted(Kiroku.commandName()));
        }
        if (!ofPods && (namespace != null || allNamespaces)) {
            throw CommandException.misuse("a namespace goes with a POD, and none is named");
        }
        Instant now = kiroku.clock().instant();
        String ownNamespace = origin.namespace(kiroku.terminal().environment());
        try {
            Optional<KindName> named = Optional.ofNullable(pod).map(KindName::parse);
            Selection selection = new Selection(
                    named.filter(KindName::isPod).map(KindName::name),
                    group(named),
                    allNamespaces || !ofPods
                            ? Optional.empty()
                            : Optional.of(namespace == null ? ownNamespace : namespace),
                    Optional.ofNullable(uid),
                    Optional.ofNullable(container),
                    allContainers,
                    restart == null ? newest() : Restart.parse(restart),
                    Optional.ofNullable(path)
                            .or(() -> Optional.ofNullable(unit).map(_ -> JournalPath.SCHEME + "**"))
                            .map(PathGlob::parse),
                    Optional.ofNullable(node),
                    Optional.ofNullable(stream));
            return new LogRequest(
                    selection,
                    raw,
                    follow,
                    timestamps,
                    prefix,
                    Optional.ofNullable(since).map(text -> PointInTime.parse(text, now)),
                    Optional.ofNullable(until).map(text -> PointInTime.parse(text, now)),
                    Optional.ofNullable(unit),
                    tail());
        } catch (IllegalArgumentException misuse) {
            throw CommandException.misuse(String.valueOf(misuse.getMessage()));
        }
    }

    private Optional<PodGroup> group(Optional<KindName> named) throws CommandException {
        Optional<PodGroup> owned = named.filter(one -> !one.isPod()).map(PodGroup.Owned::new);
        if (selector == null) {
            return owned;
        }
        if (named.isPresent()) {
            throw CommandException.misuse("-l chooses pods by their labels: a POD or KIND/NAME does not go with it");
        }
        LabelSelector labels = LabelSelector.parse(selector);
        if (labels.requirements().isEmpty()) {
            throw CommandException.misuse("expected a label selector such as app=web with -l, found none");
        }
        return Optional.of(new PodGroup.Labelled(labels));
    }

    /** As kubectl does it: with labels the last lines alone, unless something else is said. */
    private OptionalLong tail() {
        if (tail != null) {
            return tail < 0 ? OptionalLong.empty() : OptionalLong.of(tail);
        }
        return selector == null || raw || since != null ? OptionalLong.empty() : OptionalLong.of(TAIL_OF_SELECTED);
    }

    private Restart newest() {
        if (allInstances) {
            return new Restart.All();
        }
        return previous ? new Restart.Previous() : new Restart.Latest();
    }
}
