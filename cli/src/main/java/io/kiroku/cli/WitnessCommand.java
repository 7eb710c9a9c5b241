package io.kiroku.cli;

import io.kiroku.collector.witness.Witness;
import io.kiroku.collector.witness.WitnessKeys;
import io.kiroku.collector.witness.WitnessServer;
import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.log.NoteSigner;
import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.record.MalformedException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku witness}. */
@Command(
        name = "witness",
        description = {
            "Cosigns the checkpoints of transparency logs, each only if the log has grown from the one before (C2SP"
                + " tlog-witness). To be run by somebody else than whoever runs the collector, on another machine. A"
                + " caller needs a checkpoint signed by one of the logs; the connection is not encrypted, as all that"
                + " goes over it is public.",
            "It prints its keys when it starts: they belong into the policy of the collector and of whoever verifies."
        })
final class WitnessCommand implements Callable<Integer> {
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final long MOST_KEYS = 64 << 10;

    @ParentCommand
    private Kiroku kiroku;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            required = true,
            description = "where it keeps its keys, and what it has cosigned; never to be put back from a backup")
    private Path state;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            required = true,
            description = "its name, as an address without scheme, such as witness.example.org/kiroku")
    private String name;

    @Option(
            names = "--log",
            paramLabel = "FILE",
            required = true,
            description = "the keys of a log that it cosigns, a line each (log.vkey of the collector); may be repeated")
    private List<Path> logs = new ArrayList<>();

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:4475",
            description = "where it is asked (default: ${DEFAULT-VALUE})")
    private String listen;

    @Override
    public Integer call() throws IOException, InterruptedException, CommandException {
        if (!VerifierKey.isName(name)) {
            throw CommandException.misuse("--name: expected 1 to %d bytes without spaces and plus signs, found \"%s\""
                    .formatted(VerifierKey.MOST_NAME, name));
        }
        List<VerifierKey> known = new ArrayList<>();
        for (Path file : logs) {
            known.addAll(keys(file));
        }
        Durable.createDirectories(state);
        List<NoteSigner> cosigners = WitnessKeys.in(state, name, new SecureRandom());
        Logging.alsoInformation();
        try (Ending ending = Ending.onSignal();
                Witness witness = Witness.open(state.resolve("logs"), cosigners, known, InstantSource.system());
                WitnessServer server = WitnessServer.start(address(), witness)) {
            kiroku.terminal().out().println("witness %s on port %d".formatted(name, server.port()));
            kiroku.terminal().out().print(witness.verifierKeys());
            kiroku.terminal().out().flush();
            while (!ending.await(LOOK)) {
                // Its own threads do the work.
            }
        }
        return 0;
    }

    private InetSocketAddress address() throws CommandException {
        try {
            return Addresses.parse("--listen", listen);
        } catch (IllegalArgumentException misuse) {
            throw CommandException.misuse(String.valueOf(misuse.getMessage()));
        }
    }

    private static List<VerifierKey> keys(Path file) throws IOException, CommandException {
        if (Files.size(file) > MOST_KEYS) {
            throw CommandException.misuse(
                    "expected verifier keys in %s, found %d bytes".formatted(file, Files.size(file)));
        }
        List<VerifierKey> keys = new ArrayList<>();
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            if (!line.isBlank()) {
                try {
                    keys.add(VerifierKey.parse(line.strip()));
                } catch (MalformedException malformed) {
                    throw CommandException.misuse("%s: %s".formatted(file, malformed.getMessage()));
                }
            }
        }
        return keys;
    }
}
