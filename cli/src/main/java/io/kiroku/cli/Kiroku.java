package io.kiroku.cli;

import io.kiroku.cli.demo.DemoCommand;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.TimeZone;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command {@code kiroku}. */
@Command(
        name = "kiroku",
        versionProvider = Kiroku.Version.class,
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        sortOptions = false,
        usageHelpAutoWidth = false,
        usageHelpWidth = 100,
        synopsisHeading = "",
        description =
                "The flight recorder of a Kubernetes node: captures its logs, seals them, and shows them as evidence.",
        descriptionHeading = "%n",
        parameterListHeading = "%n",
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nCommands:%n",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:it worked", "1:it did not, or a verdict is against", "2:the command was misused"},
        subcommands = {
            UpCommand.class,
            DemoCommand.class,
            PodsCommand.class,
            CrashCommand.class,
            SourcesCommand.class,
            GapsCommand.class,
            LogsCommand.class,
            AuditCommand.class,
            VerifyCommand.class,
            CustodyCommand.class,
            CollectorCommand.class,
            TokenCommand.class,
            AgentCommand.class,
            AgentsCommand.class,
            EnrollCommand.class,
            RingCommand.class,
            SegmentCommand.class,
            KeysCommand.class,
            LogCommand.class,
            BundleCommand.class,
            WitnessCommand.class,
            TimeCommand.class,
            CompletionCommand.class,
            TrainCommand.class
        })
public final class Kiroku implements Runnable {
    /** What the package's manifest says. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"%s, Java %s".formatted(nameAndVersion(), Runtime.version())};
        }
    }

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "say more when something fails")
    private boolean verbose;

    /** What is of no use to somebody who asks a cluster: it works, and kubectl kiroku does not list it. */
    private static final Set<String> OF_MACHINES = Set.of(
            "up", "demo", "collector", "agent", "agents", "enroll", "token", "ring", "segment", "keys", "witness");

    private final Terminal terminal;
    private final InstantSource clock;

    Kiroku(Terminal terminal, InstantSource clock) {
        this.terminal = terminal;
        this.clock = clock;
    }

    /** Runs a command and ends the process with its exit status. */
    public static void main(String... arguments) {
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        Logging.toStandardError();
        System.exit(run(Terminal.ofProcess(), InstantSource.system(), arguments));
    }

    /** Runs a command. Returns its exit status: 0, 1 for a failure or a verdict against, 2 for misuse. */
    static int run(Terminal terminal, InstantSource clock, String... arguments) {
        Kiroku kiroku = new Kiroku(terminal, clock);
        // It would warn that --previous=all could be read as --previous with a value.
        CommandLine.tracer().setLevel(CommandLine.TraceLevel.OFF);
        Failures failures = new Failures(kiroku);
        CommandLine commandLine = commandLine(kiroku)
                .setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUnmatchedOptionsArePositionalParams(false)
                .setParameterExceptionHandler(failures)
                .setExecutionExceptionHandler(failures);
        List<String> words = List.of(arguments);
        int status = !words.isEmpty() && words.getFirst().equals(Completion.COMMAND)
                ? new Completion(terminal, clock, commandLine).answer(words.subList(1, words.size()))
                : commandLine.execute(arguments);
        terminal.out().flush();
        terminal.err().flush();
        return status;
    }

    /** The commands, under the name by which they were called. */
    private static CommandLine commandLine(Kiroku kiroku) {
        CommandLine commandLine = new CommandLine(kiroku).setCommandName(commandName());
        if (isKubectlPlugin()) {
            commandLine.getSubcommands().forEach((name, command) -> {
                if (OF_MACHINES.contains(name)) {
                    command.getCommandSpec().usageMessage().hidden(true);
                }
            });
        }
        return commandLine;
    }

    /** Name and version of this program. */
    static String nameAndVersion() {
        String version = Kiroku.class.getPackage().getImplementationVersion();
        return "kiroku " + (version == null ? "of unknown version" : version);
    }

    /** How the user called this program. */
    static String commandName() {
        return System.getProperty("kiroku.command", "kiroku");
    }

    /** Whether kubectl called it: then the collector of the cluster is meant, if no other is named. */
    static boolean isKubectlPlugin() {
        return commandName().equals("kubectl kiroku");
    }

    Terminal terminal() {
        return terminal;
    }

    InstantSource clock() {
        return clock;
    }

    boolean isVerbose() {
        return verbose;
    }

    /** Without a command: what there is. */
    @Override
    public void run() {
        commandLine(this).usage(terminal.out(), CommandLine.Help.Ansi.OFF);
    }
}
