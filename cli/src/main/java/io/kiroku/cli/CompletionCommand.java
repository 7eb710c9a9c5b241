package io.kiroku.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku completion}. */
@Command(
        name = "completion",
        description = {
            "Prints a script by which a shell completes commands and options of kiroku.",
            "For bash: source <(kiroku completion bash). For zsh the same, after compinit. For fish: kiroku completion"
                    + " fish | source.",
            "For kubectl kiroku, link the launcher under the name kubectl_complete-kiroku into a directory of the PATH:"
                    + " kubectl 1.26 and newer ask it."
        })
final class CompletionCommand implements Callable<Integer> {
    /** The shells. */
    enum Shell {
        BASH,
        ZSH,
        FISH
    }

    /** What is on the line before the cursor, and the word under it: {@link Completion} answers by lines. */
    private static final String FISH = """
        complete -c kiroku -f -a '(kiroku %s (commandline -opc)[2..-1] (commandline -ct) | string match -rv "^:")'
        """.formatted(Completion.COMMAND);

    @ParentCommand
    private Kiroku kiroku;

    @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish")
    private Shell shell;

    @Override
    public Integer call() {
        String script = switch (shell) {
            case BASH, ZSH ->
                AutoComplete.bash("kiroku", new CommandLine(new Kiroku(kiroku.terminal(), kiroku.clock())));
            case FISH -> FISH;
        };
        kiroku.terminal().out().print(script);
        return 0;
    }
}
