package io.kiroku.cli;

import io.kiroku.agent.ring.RingReader;
import io.kiroku.evidence.record.MalformedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code kiroku ring}. */
@Command(
        name = "ring",
        description = "Shows what a node still holds, without any collector, and whether or not its agent runs.",
        subcommands = {RingListCommand.class, RingDumpCommand.class})
final class RingCommand implements Runnable {
    @ParentCommand
    private Kiroku kiroku;

    @Spec
    private CommandSpec spec;

    @Option(names = "--state", paramLabel = "DIR", required = true, description = "an agent's state directory")
    private Path state;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected list or dump after the options");
    }

    Kiroku kiroku() {
        return kiroku;
    }

    Path state() {
        return state;
    }

    /** Opens the ring. */
    static RingReader open(Path state) throws IOException, CommandException {
        if (!Files.exists(Files.isDirectory(state) ? state.resolve(RingReader.FILE) : state)) {
            throw CommandException.failure("%s holds no ring: expected an agent's state directory".formatted(state));
        }
        try {
            return RingReader.open(state);
        } catch (MalformedException noRing) {
            throw CommandException.failure(
                    "%s holds no ring that can be read: %s".formatted(state, noRing.getMessage()));
        }
    }
}
