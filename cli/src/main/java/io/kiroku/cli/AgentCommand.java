package io.kiroku.cli;

import io.kiroku.agent.Agent;
import io.kiroku.agent.config.AgentConfig;
import io.kiroku.agent.config.CollectorTls;
import io.kiroku.agent.config.Enrolment;
import io.kiroku.agent.config.JournalChoice;
import io.kiroku.agent.ring.WhenFull;
import io.kiroku.evidence.wire.Frame;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku agent}. */
@Command(
        name = "agent",
        description = "Captures the logs of a node and ships them to a collector. SIGTERM ends it cleanly.")
final class AgentCommand implements Callable<Integer> {
    static final String RING_FULL =
            "when the ring is full of segments without a receipt: stop reading until some come, or give up the oldest,"
                    + " which is declared (default: ${DEFAULT-VALUE})";

    static final String JOURNAL =
            "the directory of a systemd journal to follow; auto for this machine's own, /var/log/journal"
                    + " and /run/log/journal; off for none (default: ${DEFAULT-VALUE})";

    static final String JOURNAL_UNIT =
            "only what the journal has of that unit, kubelet.service or kernel; may be repeated (default: everything)";

    /** The environment's variable that may have a code for enrolment. */
    private static final String ENROLL = "KIROKU_ENROLL";

    private static final Duration LOOK = Duration.ofMillis(500);

    @ParentCommand
    private Kiroku kiroku;

    @Option(names = "--node", paramLabel = "NAME", required = true, description = "the node's name")
    private String node;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            required = true,
            description = "the directory on disk for ring and identity")
    private Path state;

    @Option(names = "--collector", paramLabel = "HOST:PORT", required = true, description = "where to send segments")
    private String collector;

    @Option(
            names = "--tls",
            paramLabel = "DIR",
            description = {
                "the directory with tls.crt, tls.key and ca.crt, read again when they change;",
                "required for a collector that is not on this machine"
            })
    private @Nullable Path tls;

    @Option(
            names = "--enroll",
            paramLabel = "FILE",
            description = {
                "a file with the code of kiroku enroll: the agent gets its certificate from the collector with it,"
                        + " keeps",
                "it in its state and renews it (default: the environment's KIROKU_ENROLL, if it is set)"
            })
    private @Nullable Path enroll;

    @Option(
            names = "--enroll-token",
            paramLabel = "FILE",
            description = "the same with a projected service-account token for audience kiroku-collector")
    private @Nullable Path enrollToken;

    @Option(
            names = "--enroll-ca",
            paramLabel = "FILE",
            description =
                    "the authorities (PEM) of the collector's certificate at the first contact; a code names its own")
    private @Nullable Path enrollCa;

    @Option(
            names = "--collector-name",
            paramLabel = "NAME",
            description = "the name in the collector's certificate (default: HOST of --collector)")
    private @Nullable String collectorName;

    @Option(
            names = "--pod-logs",
            paramLabel = "DIR",
            defaultValue = "/var/log/pods",
            description = "the kubelet's pod log directory; none to follow no pods (default: ${DEFAULT-VALUE})")
    private String podLogs;

    @Option(
            names = "--logs",
            paramLabel = "GLOB|none",
            description = {
                "further files, absolute paths with wildcards; may be repeated",
                "(default: what there is of the node's own below /var/log: kubelet.log, containerd.log, syslog and"
                        + " others)"
            })
    private List<String> globs = new ArrayList<>();

    @Option(names = "--journal", paramLabel = "DIR|auto|off", defaultValue = "auto", description = JOURNAL)
    private String journal;

    @Option(names = "--journal-unit", paramLabel = "UNIT", description = JOURNAL_UNIT)
    private List<String> journalUnits = new ArrayList<>();

    @Option(
            names = "--ring-size",
            paramLabel = "SIZE",
            defaultValue = "1GiB",
            description = "size of the ring (default: ${DEFAULT-VALUE})")
    private String ringSize;

    @Option(names = "--ring-full", paramLabel = "block|overwrite", description = RING_FULL, defaultValue = "block")
    private WhenFull ringFull;

    @Option(
            names = "--pins",
            paramLabel = "DIR",
            description = {
                "where hard links keep the bytes of followed files; must be on the mount of the logs",
                "(default: pins in the state directory)"
            })
    private @Nullable Path pins;

    @Option(
            names = "--pin-budget",
            paramLabel = "SIZE",
            defaultValue = "2GiB",
            description = "how much may be on disk only because the agent holds it (default: ${DEFAULT-VALUE})")
    private String pinBudget;

    @Option(
            names = "--metrics",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:4490",
            description = "where metrics are served, loopback only; none for nowhere (default: ${DEFAULT-VALUE})")
    private String metrics;

    @Option(
            names = "--keys",
            paramLabel = "DIR",
            description = "the directory on memory-backed storage for the ratchet's keys (default: found by itself)")
    private @Nullable Path keys;

    @Override
    public Integer call() throws IOException, InterruptedException, CommandException {
        AgentConfig config = config();
        Logging.alsoInformation();
        try (Ending ending = Ending.onSignal()) {
            try (Agent agent = Agent.start(config)) {
                kiroku.terminal()
                        .out()
                        .println("agent of node %s: state in %s, keys in %s, collector %s%s"
                                .formatted(
                                        node,
                                        state,
                                        config.keys(),
                                        collector,
                                        agent.metricsPort() == 0 ? "" : ", metrics on port " + agent.metricsPort()));
                while (!ending.await(LOOK)) {
                    if (agent.failure().isDone()) {
                        throw CommandException.failure("the agent can go no further: "
                                + Failures.sentence(agent.failure().resultNow()));
                    }
                }
            } catch (IOException | CommandException | RuntimeException failure) {
                ending.failed();
                throw failure;
            }
        }
        return 0;
    }

    private AgentConfig config() throws CommandException {
        try {
            InetSocketAddress address = Addresses.lookedUpLater("--collector", collector);
            AgentConfig config = new AgentConfig(
                    node,
                    state,
                    keys != null
                            ? keys
                            : KeysDirectory.choose(
                                    state, kiroku.terminal().environment(), System.getProperty("user.name", "")),
                    address,
                    podLogs.equals("none") ? Optional.empty() : Optional.of(podLogs),
                    Followed.besidePods(globs, Path.of("/var/log")),
                    JournalChoice.parse(journal, journalUnits),
                    Sizes.parse(ringSize, AgentConfig.LEAST_RING, AgentConfig.MOST_RING),
                    ringFull,
                    Optional.ofNullable(pins),
                    Sizes.parse(pinBudget, 0, AgentConfig.MOST_PIN_BYTES),
                    metrics.equals("none") ? Optional.empty() : Optional.of(Addresses.parse("--metrics", metrics)),
                    tls(address));
            // Reads the patterns: what is wrong with one is to be said before anything starts.
            config.patterns();
            return config;
        } catch (IllegalArgumentException misuse) {
            throw CommandException.misuse(String.valueOf(misuse.getMessage()));
        }
    }

    private Optional<CollectorTls> tls(InetSocketAddress address) {
        String name = collectorName != null ? collectorName : address.getHostString();
        Optional<Enrolment> enrolment = enrolment();
        if (tls != null) {
            if (enroll != null || enrollToken != null) {
                throw new IllegalArgumentException(
                        "--tls and --enroll are two ways to a certificate: give one of them");
            }
            return Optional.of(new CollectorTls(tls, name, Optional.empty()));
        }
        if (enrolment.isEmpty()) {
            if (collectorName != null) {
                throw new IllegalArgumentException(
                        "--collector-name is for TLS only: give --tls DIR or --enroll FILE as well");
            }
            return Optional.empty();
        }
        return Optional.of(new CollectorTls(CollectorTls.enrolled(state), name, enrolment));
    }

    private Optional<Enrolment> enrolment() {
        Optional<Path> authorities = Optional.ofNullable(enrollCa);
        if (enroll != null && enrollToken != null) {
            throw new IllegalArgumentException("expected --enroll or --enroll-token, found both");
        }
        if (enrollToken != null) {
            if (enrollCa == null) {
                throw new IllegalArgumentException(
                        "--enroll-token needs --enroll-ca FILE as well: a token is shown to a collector that is known"
                                + " only");
            }
            return Optional.of(new Enrolment(Frame.Proof.TOKEN, Optional.of(enrollToken), "", authorities));
        }
        String code = kiroku.terminal().environment().getOrDefault(ENROLL, "").strip();
        if (enroll != null || !code.isEmpty()) {
            return Optional.of(new Enrolment(Frame.Proof.CODE, Optional.ofNullable(enroll), code, authorities));
        }
        return Files.exists(CollectorTls.enrolled(state).resolve("tls.crt"))
                ? Optional.of(Enrolment.FROM_BEFORE)
                : Optional.empty();
    }

    /** This machine's name, as its kernel has it. */
    static String hostName() {
        try {
            String name = Files.readString(Path.of("/proc/sys/kernel/hostname"), StandardCharsets.UTF_8)
                    .strip();
            return name.isEmpty() ? "localhost" : name;
        } catch (IOException unknown) {
            return "localhost";
        }
    }
}
