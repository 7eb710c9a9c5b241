package io.kiroku.cli;

import io.kiroku.collector.query.SelectionException;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.ShownText;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever ends a command early into one sentence and an exit status. */
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
    private final Kiroku kiroku;

    Failures(Kiroku kiroku) {
        this.kiroku = kiroku;
    }

    @Override
    public int handleParseException(ParameterException misuse, String[] arguments) {
        CommandLine command = misuse.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        say(sentence(misuse));
        if (!(misuse instanceof UnmatchedArgumentException unmatched
                && UnmatchedArgumentException.printSuggestions(unmatched, command.getErr()))) {
            kiroku.terminal().err().println("Try '" + name + " --help'.");
        }
        explain(misuse);
        return CommandException.MISUSE;
    }

    private static String sentence(ParameterException misuse) {
        if (misuse instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()) {
            boolean hasCommands = !unmatched.getCommandLine().getSubcommands().isEmpty();
            return "%s, found \"%s\""
                    .formatted(
                            hasCommands ? "expected a command" : "expected no more arguments",
                            unmatched.getUnmatched().getFirst());
        }
        return String.valueOf(misuse.getMessage());
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
        if (failure instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        say(sentence(failure));
        int status = failure instanceof CommandException stated ? stated.status() : CommandException.FAILURE;
        if (status == CommandException.MISUSE) {
            kiroku.terminal().err().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        }
        explain(failure);
        return status;
    }

    private void say(String sentence) {
        kiroku.terminal()
                .err()
                .println("kiroku: " + ShownText.of(sentence.strip().replaceAll("\\R+", " ")));
    }

    private void explain(Exception failure) {
        if (kiroku.isVerbose()) {
            failure.printStackTrace(kiroku.terminal().err());
        }
    }

    /** What a person can make of the failure. */
    static String sentence(Throwable failure) {
        return switch (failure) {
            case CommandException stated -> String.valueOf(stated.getMessage());
            case SelectionException selection -> selection.sentence();
            case MalformedException malformed -> String.valueOf(malformed.getMessage());
            case NoSuchFileException missing -> "no such file or directory: " + missing.getMessage();
            case AccessDeniedException denied -> "permission denied: " + denied.getMessage();
            case FileSystemException file -> file.getMessage() == null ? "a file failed" : file.getMessage();
            case ConnectException refused -> "the connection was refused";
            case BindException taken -> "the address cannot be listened on: " + taken.getMessage();
            case IOException io -> io.getMessage() == null ? io.getClass().getSimpleName() : io.getMessage();
            case TimeoutException late when late.getMessage() != null -> late.getMessage();
            case InterruptedException _ -> "interrupted";
            case IllegalArgumentException misuse when misuse.getMessage() != null -> misuse.getMessage();
            default -> "this should not have happened: %s; -v shows where".formatted(failure);
        };
    }
}
