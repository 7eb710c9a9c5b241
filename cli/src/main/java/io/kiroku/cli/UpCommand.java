package io.kiroku.cli;

import io.kiroku.agent.Agent;
import io.kiroku.agent.config.AgentConfig;
import io.kiroku.agent.config.JournalChoice;
import io.kiroku.agent.metrics.AgentStatus;
import io.kiroku.agent.ring.WhenFull;
import io.kiroku.collector.Collector;
import io.kiroku.collector.config.CollectorConfig;
import io.kiroku.evidence.durable.Durable;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku up}. */
@Command(
        name = "up",
        description = {
            "Captures the logs of this machine into a verified store: an agent and a collector in one process, on"
                    + " loopback. Without --pod-logs and --logs it follows /var/log/pods where there is one, else the"
                    + " machine's own text logs under /var/log. Ctrl-C ends it cleanly."
        })
final class UpCommand implements Callable<Integer> {
    static final int METRICS_PORT = 4490;
    private static final long RING = 1L << 30;
    private static final Duration REDRAW = Duration.ofMillis(200);
    private static final Duration FIRST_LINE = Duration.ofSeconds(1);
    private static final Duration LINE_EVERY = Duration.ofSeconds(5);
    private static final Duration QUIET_LINE_EVERY = Duration.ofMinutes(1);

    /** Looks in a row, {@link #REDRAW} apart, at which everything known must have had its receipt. */
    private static final int LOOKS_TO_BE_SURE = 5;

    @ParentCommand
    private Kiroku kiroku;

    @Option(names = "--data", paramLabel = "DIR", description = "where the evidence is kept")
    private @Nullable Path data;

    @Option(names = "--pod-logs", paramLabel = "DIR", description = "the kubelet's pod log directory")
    private @Nullable String podLogs;

    @Option(names = "--logs", paramLabel = "GLOB", description = "further files, absolute paths with wildcards")
    private List<String> globs = new ArrayList<>();

    @Option(
            names = "--journal",
            paramLabel = "DIR|auto|off",
            description = {
                "the directory of a systemd journal to follow; auto for this machine's own; off for none",
                "(default: auto, and off if --pod-logs or --logs say what to follow)"
            })
    private @Nullable String journal;

    @Option(names = "--journal-unit", paramLabel = "UNIT", description = AgentCommand.JOURNAL_UNIT)
    private List<String> journalUnits = new ArrayList<>();

    @Option(names = "--ring-size", paramLabel = "SIZE", description = "size of the agent's ring (default: 1GiB)")
    private @Nullable String ringSize;

    @Option(
            names = "--ring-full",
            paramLabel = "block|overwrite",
            description = AgentCommand.RING_FULL,
            defaultValue = "block")
    private WhenFull ringFull;

    @Option(names = "--once", description = "end as soon as everything that is there has its receipt")
    private boolean once;

    @Option(names = "--node", paramLabel = "NAME", hidden = true, description = "the node's name")
    private @Nullable String node;

    @Option(names = "--keys", paramLabel = "DIR", hidden = true, description = "where the ratchet's keys lie")
    private @Nullable Path keys;

    @Option(names = "--any-port", hidden = true, description = "take free ports, whatever they are")
    private boolean anyPort;

    @Override
    public Integer call() throws IOException, InterruptedException, CommandException {
        Terminal terminal = kiroku.terminal();
        Path directory = data != null ? data : DataDirectory.byDefault(terminal.environment());
        Followed followed = Followed.choose(Optional.ofNullable(podLogs), globs, Path.of("/var/log"));
        try (Ending ending = Ending.onSignal()) {
            try {
                return run(ending, directory, followed);
            } catch (IOException | CommandException | RuntimeException failure) {
                ending.failed();
                throw failure;
            }
        }
    }

    private int run(Ending ending, Path directory, Followed followed)
            throws IOException, InterruptedException, CommandException {
        PrintStream out = kiroku.terminal().out();
        List<String> ports = new ArrayList<>();
        Durable.createDirectories(directory);
        CollectorConfig collectorConfig = new CollectorConfig(
                directory,
                port(CollectorConfig.DEFAULT_LISTEN_PORT, "agents", ports),
                port(CollectorConfig.DEFAULT_HTTP_PORT, "HTTP", ports));
        Agent agent;
        int status;
        try (Collector collector = Collector.start(collectorConfig)) {
            agent = Agent.start(agentConfig(directory, followed, collector.port(), ports));
            try (agent) {
                introduce(directory, followed, collector, agent, ports);
                status = watch(ending, agent, out);
            }
        }
        CaptureProgress end = new CaptureProgress(agent.status(), System.nanoTime());
        end.update(agent.status(), System.nanoTime());
        out.println();
        end.summary().forEach(out::println);
        return status;
    }

    private AgentConfig agentConfig(Path directory, Followed followed, int collector, List<String> ports)
            throws CommandException {
        Path state = directory.resolve("agent");
        try {
            AgentConfig config = new AgentConfig(
                    node != null ? node : AgentCommand.hostName(),
                    state,
                    keys != null
                            ? keys
                            : KeysDirectory.choose(
                                    state, kiroku.terminal().environment(), System.getProperty("user.name", "")),
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), collector),
                    followed.podLogs(),
                    followed.globs(),
                    JournalChoice.parse(
                            journal != null ? journal : podLogs == null && globs.isEmpty() ? "auto" : "off",
                            journalUnits),
                    ringSize == null ? RING : Sizes.parse(ringSize, AgentConfig.LEAST_RING, AgentConfig.MOST_RING),
                    ringFull,
                    Optional.empty(),
                    AgentConfig.PIN_BYTES,
                    Optional.of(port(METRICS_PORT, "metrics", ports)));
            // Reads the patterns: what is wrong with one is to be said before anything starts.
            config.patterns();
            return config;
        } catch (IllegalArgumentException misuse) {
            throw CommandException.misuse(String.valueOf(misuse.getMessage()));
        }
    }

    /** The port if it can be had, else any; and a word about that. */
    private InetSocketAddress port(int wanted, String what, List<String> notes) {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        if (anyPort) {
            return new InetSocketAddress(loopback, 0);
        }
        try (ServerSocket socket = new ServerSocket(wanted, 1, loopback)) {
            return new InetSocketAddress(loopback, socket.getLocalPort());
        } catch (IOException taken) {
            notes.add("port %d is taken: another one is used for %s".formatted(wanted, what));
            return new InetSocketAddress(loopback, 0);
        }
    }

    private void introduce(Path directory, Followed followed, Collector collector, Agent agent, List<String> notes) {
        Terminal terminal = kiroku.terminal();
        PrintStream out = terminal.out();
        out.println(terminal.bold("Kiroku captures " + followed.describe()));
        out.println("  data        " + directory);
        out.println("  collector   127.0.0.1:%d, HTTP on http://127.0.0.1:%d"
                .formatted(collector.port(), collector.httpPort()));
        out.println("  metrics     http://127.0.0.1:%d/metrics".formatted(agent.metricsPort()));
        followed.podLogs()
                .filter(path -> !Files.isDirectory(Path.of(path)))
                .ifPresent(path ->
                        out.println("  note        %s is not there yet; it is followed once it is".formatted(path)));
        notes.forEach(note -> out.println("  note        " + note));
        if (!once) {
            String command = Kiroku.commandName();
            String option = data == null ? "" : " --data " + data;
            out.println("Try in another terminal, Ctrl-C here ends it:");
            out.println("  %s sources%s".formatted(command, option));
            out.println(
                    followed.podLogs().isPresent()
                            ? "  %s logs%s -n NAMESPACE POD -f".formatted(command, option)
                            : "  %s logs%s --path '*.log' -f".formatted(command, option));
            out.println("  %s verify %s".formatted(command, directory));
        }
        out.println();
        out.flush();
    }

    /** Returns when the command is to end, with its exit status. */
    private int watch(Ending ending, Agent agent, PrintStream out) throws InterruptedException, CommandException {
        CaptureProgress progress = new CaptureProgress(agent.status(), System.nanoTime());
        if (!kiroku.terminal().canRedraw()) {
            Plain plain = new Plain(out);
            return watch(ending, agent, progress, () -> plain.show(progress));
        }
        try (LiveDisplay display = new LiveDisplay(out)) {
            return watch(ending, agent, progress, () -> display.show(progress.block()));
        }
    }

    private int watch(Ending ending, Agent agent, CaptureProgress progress, Runnable show)
            throws InterruptedException, CommandException {
        int sure = 0;
        while (!ending.await(REDRAW)) {
            AgentStatus status = agent.status();
            progress.update(status, System.nanoTime());
            show.run();
            if (agent.failure().isDone()) {
                throw CommandException.failure("the agent can go no further: "
                        + Failures.sentence(agent.failure().resultNow()));
            }
            sure = status.isAcknowledged() ? sure + 1 : 0;
            if (once && sure >= LOOKS_TO_BE_SURE) {
                break;
            }
        }
        return 0;
    }

    /** A line now and then, where lines cannot be drawn again: often while much happens, seldom while little does. */
    private final class Plain {
        private final PrintStream out;
        private long next = System.nanoTime() + FIRST_LINE.toNanos();
        private long quietUntil = System.nanoTime();
        private String last = "";

        private Plain(PrintStream out) {
            this.out = out;
        }

        private void show(CaptureProgress progress) {
            long now = System.nanoTime();
            String news = progress.news();
            if (now - next >= 0 && (!news.equals(last) || now - quietUntil >= 0)) {
                next = now + LINE_EVERY.toNanos();
                quietUntil = now + QUIET_LINE_EVERY.toNanos();
                last = news;
                out.println(kiroku.clock().instant().truncatedTo(ChronoUnit.SECONDS) + " " + progress.line());
            }
        }
    }
}
