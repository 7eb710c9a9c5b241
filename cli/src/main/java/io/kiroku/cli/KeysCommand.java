package io.kiroku.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code kiroku keys}. */
@Command(
        name = "keys",
        description = "Shows, makes, replaces and revokes the keys of agents and collectors.",
        subcommands = {
            KeysListCommand.class,
            KeysCreateCommand.class,
            KeysRotateCommand.class,
            KeysRetireCommand.class,
            KeysRevokeCommand.class
        })
final class KeysCommand implements Runnable {
    @ParentCommand
    private Kiroku kiroku;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected list, create, rotate, retire or revoke");
    }

    Kiroku kiroku() {
        return kiroku;
    }
}
