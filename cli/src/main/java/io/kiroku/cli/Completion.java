package io.kiroku.cli;

import io.kiroku.collector.query.PodLogPath;
import io.kiroku.collector.query.Source;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * What a word on a command line may become, in the form that kubectl asks its plugins' completions for, and Cobra made: a candidate on
 * each line, its description behind a tab, and a last line with a colon and a number (4: nothing else will do, 0: a file may). Names of
 * pods, namespaces and containers are asked of the place that the other words name, for {@link #PATIENCE} at most; what fails is no
 * candidate, and is not told.
 */
final class Completion {
    /** The hidden command that asks for it: the words follow, the last one is under the cursor. */
    static final String COMMAND = "__complete";

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MOST = 1000;
    private static final int NOTHING_ELSE = 4;
    private static final int FILES = 0;

    /** What names are called in the commands' synopses. */
    private static final String POD = "POD";

    private static final String OR_OWNER = "|KIND/NAME";
    private static final String NAMESPACE = "NS";
    private static final String CONTAINER = "CONTAINER";

    private final Terminal terminal;
    private final InstantSource clock;
    private final CommandLine root;

    Completion(Terminal terminal, InstantSource clock, CommandLine root) {
        this.terminal = terminal;
        this.clock = clock;
        this.root = root;
    }

    /** Prints the candidates. */
    int answer(List<String> words) {
        String partial = words.isEmpty() ? "" : words.getLast();
        List<String> before = words.isEmpty() ? List.of() : words.subList(0, words.size() - 1);
        CommandSpec command = root.getCommandSpec();
        OptionSpec pending = null;
        int positionals = 0;
        for (String word : before) {
            if (pending != null) {
                pending = null;
            } else if (word.startsWith("-")) {
                OptionSpec option = command.findOption(word);
                pending = option != null && option.arity().max() > 0 ? option : null;
            } else if (positionals == 0 && command.subcommands().get(word) != null) {
                command = command.subcommands().get(word).getCommandSpec();
            } else {
                positionals++;
            }
        }
        if (pending != null) {
            return values(pending, before.subList(0, before.size() - 1), command, partial);
        }
        if (partial.startsWith("-")) {
            return print(options(command, partial), NOTHING_ELSE);
        }
        if (positionals == 0 && !command.subcommands().isEmpty()) {
            return print(commands(command, partial), NOTHING_ELSE);
        }
        int at = positionals;
        Optional<PositionalParamSpec> parameter = command.positionalParameters().stream()
                .filter(one -> one.index().contains(at))
                .findFirst();
        return parameter.isEmpty()
                ? print(Stream.empty(), NOTHING_ELSE)
                : values(parameter.get(), before, command, partial);
    }

    private static Stream<String> commands(CommandSpec command, String partial) {
        return command.subcommands().entrySet().stream()
                .filter(one -> !one.getValue().getCommandSpec().usageMessage().hidden())
                .filter(one -> one.getKey().startsWith(partial))
                .map(one -> line(
                        one.getKey(),
                        one.getValue().getCommandSpec().usageMessage().description()));
    }

    private static Stream<String> options(CommandSpec command, String partial) {
        return command.options().stream()
                .filter(option -> !option.hidden())
                .flatMap(option -> Stream.of(option.names())
                        .filter(name -> name.startsWith(partial))
                        // -n and --namespace are one: the long form tells more.
                        .filter(name -> name.equals(option.longestName()) || !partial.equals("-"))
                        .map(name -> line(name, option.description())));
    }

    private static String line(String name, String[] description) {
        String first =
                description.length == 0 ? "" : String.join(" ", description).replaceAll("[\\t\\r\\n%@]", " ");
        int end = first.indexOf(". ");
        return name + "\t" + (end < 0 ? first : first.substring(0, end));
    }

    private int values(ArgSpec argument, List<String> before, CommandSpec command, String partial) {
        String label = argument.paramLabel().replace(OR_OWNER, "");
        return switch (label) {
            case POD, NAMESPACE, CONTAINER -> print(names(before, command, partial, label), NOTHING_ELSE);
            default -> print(choices(argument, partial), label.matches("FILE.*|DIR|PEM|PATH") ? FILES : NOTHING_ELSE);
        };
    }

    /** Those of an enumeration. */
    private static Stream<String> choices(ArgSpec argument, String partial) {
        return argument.completionCandidates() == null
                ? Stream.empty()
                : StreamSupport.stream(argument.completionCandidates().spliterator(), false)
                        .map(choice -> choice.toLowerCase(Locale.ROOT))
                        .filter(choice -> choice.startsWith(partial));
    }

    private int print(Stream<String> candidates, int directive) {
        candidates.limit(MOST).forEach(terminal.out()::println);
        terminal.out().println(":" + directive);
        return 0;
    }

    /** Names of pods, or of what they have, that were ever seen where the other words lead. */
    private Stream<String> names(List<String> before, CommandSpec command, String partial, String label) {
        Optional<Origin> origin = command.mixins().values().stream()
                .map(CommandSpec::userObject)
                .filter(Origin.class::isInstance)
                .map(Origin.class::cast)
                .findFirst();
        if (origin.isEmpty()) {
            return Stream.empty();
        }
        // The line is not whole yet.
        for (@Nullable CommandSpec spec = command; spec != null; spec = spec.parent()) {
            spec.parser().collectErrors(true);
        }
        CompletableFuture<Set<String>> asked = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                root.parseArgs(before.toArray(String[]::new));
                asked.complete(names(command, origin.get(), label));
            } catch (IOException | CommandException | InterruptedException | RuntimeException failure) {
                asked.completeExceptionally(failure);
            }
        });
        try {
            return asked.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS).stream().filter(one -> one.startsWith(partial));
        } catch (ExecutionException | TimeoutException unknown) {
            return Stream.empty();
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
            return Stream.empty();
        }
    }

    private Set<String> names(CommandSpec command, Origin origin, String label)
            throws IOException, CommandException, InterruptedException {
        Map<String, String> environment = terminal.environment();
        boolean everywhere = label.equals(NAMESPACE) || Boolean.TRUE.equals(value(command, "-A"));
        String namespace = value(command, "-n") instanceof String named ? named : origin.namespace(environment);
        String pod = label.equals(CONTAINER)
                        && !command.positionalParameters().isEmpty()
                        && command.positionalParameters().getFirst().getValue() instanceof String named
                ? named.replaceFirst("^pods?/", "")
                : "";
        Set<String> names = new TreeSet<>();
        for (Source source : SourcesCommand.sources(origin.place(environment), clock.instant())) {
            PodLogPath one = source.pod();
            if (one != null
                    && (everywhere || namespace.equals(one.namespace()))
                    && (pod.isEmpty() || pod.equals(one.pod()))) {
                names.add(
                        switch (label) {
                            case POD -> one.pod();
                            case NAMESPACE -> one.namespace();
                            default -> one.container();
                        });
            }
        }
        return names;
    }

    private static @Nullable Object value(CommandSpec command, String name) {
        OptionSpec option = command.findOption(name);
        return option == null ? null : option.getValue();
    }
}
