package io.kiroku.systemtests.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Commands of the machine: short ones, run to their end. */
public final class Shell {
    private static final long BOUND_SECONDS = 60;

    /** What came of a command; both its outputs are in the text. */
    public record Outcome(int exit, String text) {}

    private Shell() {}

    /**
     * Runs a program with these arguments.
     *
     * @throws AssertionError if it does not end within 60 s
     */
    public static Outcome run(String... command) throws IOException, InterruptedException {
        return run(List.of(command));
    }

    /**
     * Runs a program with these arguments.
     *
     * @throws AssertionError if it does not end within 60 s
     */
    public static Outcome run(List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("command", ".out");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(BOUND_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError(command + " did not end within " + BOUND_SECONDS + " s");
            }
            return new Outcome(process.exitValue(), Program.lenient(output));
        } finally {
            Files.delete(output);
        }
    }

    /**
     * Runs a script of bash, with arguments {@code $1} and on.
     *
     * @throws AssertionError if it fails
     */
    public static String bash(String script, Object... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("bash", "-ceu", script, "bash"));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        Outcome outcome = run(command);
        if (outcome.exit() != 0) {
            throw new AssertionError("exit %d of: %s%n%s".formatted(outcome.exit(), script, outcome.text()));
        }
        return outcome.text();
    }

    /** Whether there is a program of that name. */
    public static boolean has(String program) throws IOException, InterruptedException {
        return run("bash", "-c", "type -P \"$1\"", "bash", program).exit() == 0;
    }
}
