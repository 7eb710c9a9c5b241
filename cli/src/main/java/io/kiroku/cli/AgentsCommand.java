package io.kiroku.cli;

import io.kiroku.collector.agents.AgentRegister;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code kiroku agents}. */
@Command(
        name = "agents",
        description = {
            "Which key may send for which node. A node that is pinned to a key may send with that key only, and the"
                    + " key for that node only. A collector that runs takes changes within seconds."
        },
        subcommands = {
            AgentsListCommand.class,
            AgentsPinCommand.class,
            AgentsReplaceCommand.class,
            AgentsRevokeCommand.class
        })
final class AgentsCommand implements Runnable {
    @ParentCommand
    private Kiroku kiroku;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "the collector's data (default: where up keeps it)")
    private @Nullable Path data;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected list, pin, replace or revoke");
    }

    Kiroku kiroku() {
        return kiroku;
    }

    AgentRegister register() throws IOException, CommandException {
        return AgentRegister.open(directory(), kiroku.clock());
    }

    /** Changes something in the register. */
    @FunctionalInterface
    interface Change {
        void apply(AgentRegister register) throws IOException;
    }

    /** Changes the register, on record. */
    void change(String action, Map<String, String> selection, Change change) throws Exception {
        AgentRegister register = register();
        OfflineCall.run(kiroku, directory(), action, selection, () -> {
            change.apply(register);
            return true;
        });
    }

    private Path directory() throws CommandException {
        return DataDirectory.requireStarted(
                data != null ? data : DataDirectory.byDefault(kiroku.terminal().environment()));
    }
}
