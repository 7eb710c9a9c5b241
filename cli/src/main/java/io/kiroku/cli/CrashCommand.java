package io.kiroku.cli;

import io.kiroku.collector.access.Rights;
import io.kiroku.collector.pods.Crash;
import io.kiroku.collector.pods.CrashJson;
import io.kiroku.collector.pods.CrashRequest;
import io.kiroku.collector.pods.Crashes;
import io.kiroku.collector.pods.PodTable;
import io.kiroku.collector.pods.PodView;
import io.kiroku.collector.pods.PodViews;
import io.kiroku.collector.query.KindName;
import io.kiroku.collector.query.SelectionException;
import io.kiroku.collector.query.Sources;
import io.kiroku.collector.store.StoreReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku crash}. */
@Command(
        name = "crash",
        description = {
            "Shows how a pod ended, on one time line: each life of its containers, how it ended and with which last"
                    + " words, and what the cluster reported meanwhile. Of an owner's pods those that crashed last.",
            "Times are in UTC. Every byte is verified before it is shown."
        },
        exitCodeList = {
            "0:it was shown",
            "1:something of it is damaged or missing without a declared gap, or nothing was found",
            "2:the command was misused"
        })
final class CrashCommand implements Callable<Integer> {
    @ParentCommand
    private Kiroku kiroku;

    @Mixin
    private Origin origin;

    @Parameters(
            paramLabel = "POD|KIND/NAME",
            description = "the pod's exact name, or what owns pods: deploy/NAME, job/NAME, ...")
    private String target = "";

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NS",
            description = "the pod's namespace (default: default)")
    private @Nullable String namespace;

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "look for the pod in all namespaces")
    private boolean allNamespaces;

    @Option(
            names = {"-c", "--container"},
            paramLabel = "CONTAINER",
            description = "only this one of the pod's containers")
    private @Nullable String container;

    @Option(names = "--uid", paramLabel = "UID", description = "the pod of that uid; its beginning will do")
    private @Nullable String uid;

    @Option(
            names = "--lines",
            paramLabel = "N",
            description = "the last N lines of each life (default: ${DEFAULT-VALUE})")
    private int lines = 20;

    @Option(names = "--json", description = "as JSON, times in UTC")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException, CommandException, SelectionException {
        CrashRequest request = request(origin.namespace(kiroku.terminal().environment()));
        Terminal terminal = kiroku.terminal();
        List<Crash> crashes = switch (origin.place(terminal.environment())) {
            case Origin.Place.Directory directory -> read(directory.data(), request);
            case Origin.Place.Remote remote -> {
                try (CollectorClient client = new CollectorClient(remote.base(), remote.introduction())) {
                    yield client.crash(request);
                }
            }
        };
        if (json) {
            terminal.json(CrashJson.write(crashes));
        } else {
            for (int i = 0; i < crashes.size(); i++) {
                if (i > 0) {
                    terminal.out().println();
                }
                new CrashText(crashes.get(i), terminal).lines().forEach(terminal.out()::println);
            }
        }
        boolean whole = crashes.stream()
                .flatMap(crash -> crash.lives().stream())
                .allMatch(life -> life.end().whole());
        return whole ? 0 : CommandException.FAILURE;
    }

    private CrashRequest request(String ownNamespace) throws CommandException {
        if (allNamespaces && namespace != null) {
            throw CommandException.misuse("-A and -n exclude each other");
        }
        try {
            return new CrashRequest(
                    allNamespaces ? Optional.empty() : Optional.of(namespace == null ? ownNamespace : namespace),
                    KindName.parse(target),
                    Optional.ofNullable(uid),
                    Optional.ofNullable(container),
                    lines);
        } catch (IllegalArgumentException misuse) {
            throw CommandException.misuse(String.valueOf(misuse.getMessage()));
        }
    }

    private List<Crash> read(Path data, CrashRequest request) throws IOException, SelectionException {
        try (StoreReader store = StoreReader.open(data)) {
            PodTable table = PodsCommand.told(store, kiroku.terminal());
            List<PodView> views =
                    PodViews.join(table, Sources.readable(store, kiroku.clock().instant(), Rights.ALL));
            List<Crash> crashes = new ArrayList<>();
            for (PodView view : Crashes.meant(views, request)) {
                crashes.add(Crashes.of(store, table, view, request));
            }
            return crashes;
        }
    }
}
