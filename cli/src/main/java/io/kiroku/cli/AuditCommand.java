package io.kiroku.cli;

import io.kiroku.collector.audit.AuditEvent;
import io.kiroku.collector.audit.AuditJson;
import io.kiroku.collector.audit.AuditRequest;
import io.kiroku.collector.audit.AuditTrail;
import io.kiroku.collector.audit.Recorded;
import io.kiroku.collector.audit.Seen;
import io.kiroku.collector.query.PathGlob;
import io.kiroku.collector.query.PointInTime;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.record.ShownText;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku audit}. */
@Command(
        name = "audit",
        description = {
            "Shows who did what with the cluster's API, as its API servers have audited it: from their audit logs,"
                    + " where",
            "agents follow them, and from their webhooks (webhook-config). What several sources have is shown once."
        },
        footer = {
            "",
            "A request is one line, with the last stage that is known of it; --json has all stages. SEEN says where it"
                    + " is",
            "on record. Disputed: another source says something else of it."
        },
        subcommands = AuditWebhookConfigCommand.class)
final class AuditCommand implements Callable<Integer> {
    @ParentCommand
    private Kiroku kiroku;

    @Mixin
    private Origin origin;

    @Option(
            names = "--user",
            paramLabel = "USER",
            description = "only of that user, or of who impersonated him; with * at its end of all that begin so")
    private @Nullable String user;

    @Option(names = "--verb", paramLabel = "VERB", description = "only these, with commas: delete,create")
    private @Nullable String verb;

    @Option(
            names = "--resource",
            paramLabel = "RESOURCE",
            description = "only of that resource: pods, pods/exec, deployments.apps, secrets")
    private @Nullable String resource;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NS",
            description = "only in that namespace")
    private @Nullable String namespace;

    @Option(names = "--name", paramLabel = "NAME", description = "only of what has that name")
    private @Nullable String name;

    @Option(
            names = "--since",
            paramLabel = "T",
            description = "only from then on, by the API server's clock: 2026-01-31T09:30:00Z, or 10m, 2h, 1h30m ago")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "T", description = "only up to then")
    private @Nullable String until;

    @Option(
            names = "--path",
            paramLabel = "GLOB",
            description = {
                "from these sources (default: what came by webhook, and audit logs where kubeadm's documentation,",
                "OpenShift, k3s and RKE2 have them)"
            })
    private @Nullable String path;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "" + AuditRequest.DEFAULT_LIMIT,
            description = "the newest N events, up to " + AuditRequest.MOST_LIMIT + " (default: ${DEFAULT-VALUE})")
    private int limit;

    @Option(names = "--json", description = "as JSON, times in UTC: the events, and where each is on record")
    private boolean json;

    Kiroku kiroku() {
        return kiroku;
    }

    @Override
    public Integer call() throws IOException, InterruptedException, CommandException {
        AuditRequest request = request();
        Terminal terminal = kiroku.terminal();
        AuditTrail.Answer answer = switch (origin.place(terminal.environment())) {
            case Origin.Place.Directory directory -> {
                try (StoreReader store = StoreReader.open(directory.data())) {
                    yield AuditTrail.read(store, request, kiroku.clock().instant());
                }
            }
            case Origin.Place.Remote remote -> {
                try (CollectorClient client = new CollectorClient(remote.base(), remote.introduction())) {
                    yield client.audit(request);
                }
            }
        };
        for (String note : answer.notes()) {
            terminal.err().println("kiroku: note: " + ShownText.of(note));
        }
        if (!answer.isAll()) {
            terminal.err()
                    .println("kiroku: note: these are the newest; older ones are left out, which --until or --limit"
                            + " show");
        }
        if (json) {
            terminal.json(AuditJson.write(answer));
        } else if (answer.events().isEmpty()) {
            terminal.err().println("No audit event on record is asked for.");
        } else {
            show(answer.events(), terminal);
        }
        return 0;
    }

    private AuditRequest request() throws CommandException {
        try {
            return new AuditRequest(
                    Optional.ofNullable(user),
                    AuditRequest.verbs(verb == null ? "" : verb),
                    Optional.ofNullable(resource),
                    Optional.ofNullable(namespace),
                    Optional.ofNullable(name),
                    Optional.ofNullable(since)
                            .map(text -> PointInTime.parse(text, kiroku.clock().instant())),
                    Optional.ofNullable(until)
                            .map(text -> PointInTime.parse(text, kiroku.clock().instant())),
                    Optional.ofNullable(path).map(PathGlob::parse),
                    limit);
        } catch (IllegalArgumentException misuse) {
            throw CommandException.misuse(String.valueOf(misuse.getMessage()));
        }
    }

    private static void show(List<Recorded> events, Terminal terminal) {
        List<Recorded> requests = requests(events);
        Table table = new Table(
                Table.Align.LEFT,
                Table.Align.LEFT,
                Table.Align.LEFT,
                Table.Align.LEFT,
                Table.Align.LEFT,
                Table.Align.LEFT,
                Table.Align.LEFT,
                Table.Align.LEFT,
                Table.Align.LEFT);
        table.row("TIME", "USER", "VERB", "RESOURCE", "NAMESPACE", "NAME", "CODE", "FROM", "SEEN");
        for (Recorded recorded : requests) {
            AuditEvent event = recorded.event();
            AuditEvent.Target target = event.target();
            table.row(
                    event.at().truncatedTo(ChronoUnit.MILLIS).toString(),
                    event.user() + (event.actingAs().isEmpty() ? "" : " as " + event.actingAs()),
                    orDash(event.verb()),
                    target.resource().isEmpty() ? orDash(event.uri()) : target.kind(),
                    orDash(target.namespace()),
                    orDash(target.name()),
                    event.code() == 0 ? "-" : String.valueOf(event.code()),
                    event.from().isEmpty() ? "-" : event.from().getFirst(),
                    seen(recorded));
        }
        table.lines().forEach(terminal.out()::println);
        terminal.out().println();
        terminal.out()
                .println("%s, %s on record"
                        .formatted(Sizes.count(requests.size(), "request"), Sizes.count(events.size(), "event")));
    }

    /** Of each request what is known last; all of them if that is disputed. */
    private static List<Recorded> requests(List<Recorded> events) {
        Map<String, Recorded> last = new LinkedHashMap<>();
        List<Recorded> disputed = new ArrayList<>();
        for (Recorded recorded : events) {
            Recorded known = last.get(recorded.event().auditId());
            if (recorded.isDisputed()) {
                disputed.add(recorded);
            } else if (known == null || !known.event().isLast()) {
                last.put(recorded.event().auditId(), recorded);
            }
        }
        List<Recorded> shown = new ArrayList<>(last.values());
        shown.addAll(disputed);
        shown.sort((one, other) -> one.event().at().compareTo(other.event().at()));
        return shown;
    }

    private static String seen(Recorded recorded) {
        return recorded.seen().stream().map(AuditCommand::place).collect(Collectors.joining(", "))
                + (recorded.isDisputed() ? " (disputed)" : "");
    }

    private static String place(Seen seen) {
        return "%s:%s".formatted(seen.node().isEmpty() ? "?" : seen.node(), seen.path());
    }

    private static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }
}
