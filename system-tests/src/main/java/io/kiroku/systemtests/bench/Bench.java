package io.kiroku.systemtests.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The benchmarks, one command each. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description = {
            "Measures the whole system on this machine: agent and collector are processes of their own, started by the"
                    + " launcher with its defaults (KIROKU_JAVA_OPTS adds options for their JVMs).",
            "Generating what is measured on is not measured. Every command prints a Markdown table, a line for each run"
                    + " and then the median with the least and the greatest."
        },
        subcommands = {
            CatchUp.class,
            Steady.class,
            Idle.class,
            ManyFiles.class,
            Start.class,
            Ingest.class,
            Verify.class,
            Small.class
        })
public final class Bench implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Runs with the command line's arguments. */
    public static void main(String[] args) {
        CommandLine commandLine = new CommandLine(new Bench()).registerConverter(ByteSize.class, ByteSize::parse);
        System.exit(commandLine.execute(args));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which benchmark?");
    }
}
