package io.kiroku.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code kiroku segment}. */
@Command(
        name = "segment",
        description = "Takes single segments out of a store or a ring.",
        subcommands = SegmentExtractCommand.class)
final class SegmentCommand implements Runnable {
    @ParentCommand
    private Kiroku kiroku;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected extract");
    }

    Kiroku kiroku() {
        return kiroku;
    }
}
