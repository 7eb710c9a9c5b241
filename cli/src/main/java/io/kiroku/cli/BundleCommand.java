package io.kiroku.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code kiroku bundle}. */
@Command(
        name = "bundle",
        description = {
            "Packs evidence to be handed over: one archive with the logs, the sealed segments they come from, and what"
                    + " proves them.",
            "kiroku verify FILE checks it, offline."
        },
        subcommands = {BundleCreateCommand.class, BundleShowCommand.class, BundleDeclarationCommand.class})
final class BundleCommand implements Runnable {
    @ParentCommand
    private Kiroku kiroku;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected create, show or declaration");
    }

    Kiroku kiroku() {
        return kiroku;
    }
}
