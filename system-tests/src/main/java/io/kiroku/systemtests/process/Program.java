package io.kiroku.systemtests.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The launcher {@code kiroku} of the tree that was built, and a directory for what its processes print. It replaces
 * itself with the JVM, so that the process that is started here is the one that is killed.
 */
public final class Program {
    private static final Duration BOUND = Duration.ofMinutes(2);

    private final Path launcher;
    private final Path outputs;
    private final AtomicInteger count = new AtomicInteger();

    /**
     * What came of a command.
     *
     * @param stdout the file with all that it printed
     * @param stderr the text
     */
    public record Outcome(List<String> command, int exit, Path stdout, String stderr) {
        public String text() throws IOException {
            return Files.readString(stdout, StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            String out;
            try {
                out = Files.size(stdout) > 20_000 ? "(" + Files.size(stdout) + " bytes)" : lenient(stdout);
            } catch (IOException gone) {
                out = "(" + gone + ")";
            }
            return "%s%nexit %d%nstdout: %s%nstderr: %s".formatted(String.join(" ", command), exit, out, stderr);
        }
    }

    /** @param outputs an existing directory */
    public Program(Path outputs) {
        this.outputs = outputs;
        Path root =
                Path.of(System.getProperty("kiroku.root", ".")).toAbsolutePath().normalize();
        this.launcher = root.resolve("kiroku");
        if (!Files.isExecutable(launcher)) {
            throw new IllegalStateException(
                    "expected the launcher at %s: name the root of the tree by -Dkiroku.root=DIR".formatted(launcher));
        }
    }

    /** Starts a process that is to run until it is ended. */
    public Running start(String name, String... arguments) throws IOException {
        return start(name, List.of(), arguments);
    }

    /**
     * Starts a process that is to run until it is ended.
     *
     * @param prefix a command that runs the command given to it, such as setpriv
     */
    public Running start(String name, List<String> prefix, String... arguments) throws IOException {
        List<String> command = command(prefix, arguments);
        int number = count.incrementAndGet();
        Path out = outputs.resolve("%03d-%s.out".formatted(number, name));
        Path err = outputs.resolve("%03d-%s.err".formatted(number, name));
        Process process = builder(command, out, err).start();
        return new Running(name, process, out, err);
    }

    /** Runs a command to its end. */
    public Outcome run(String... arguments) throws IOException, InterruptedException {
        return run(BOUND, arguments);
    }

    /**
     * Runs a command to its end.
     *
     * @throws AssertionError if it does not end within the bound
     */
    public Outcome run(Duration bound, String... arguments) throws IOException, InterruptedException {
        List<String> command = command(List.of(), arguments);
        int number = count.incrementAndGet();
        Path out = outputs.resolve("%03d-%s.out".formatted(number, arguments[0]));
        Path err = outputs.resolve("%03d-%s.err".formatted(number, arguments[0]));
        Process process = builder(command, out, err).start();
        if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError("%s did not end within %d s; stdout: %s%nstderr: %s"
                    .formatted(String.join(" ", command), bound.toSeconds(), lenient(out), lenient(err)));
        }
        return new Outcome(command, process.exitValue(), out, lenient(err));
    }

    private List<String> command(List<String> prefix, String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(launcher.toString());
        command.addAll(List.of(arguments));
        return command;
    }

    /** Started in the background, by nohup for instance, a test run ignores SIGINT, and so would all that it starts. */
    private static final List<String> WITH_SIGINT = List.of("env", "--default-signal=INT");

    private static ProcessBuilder builder(List<String> command, Path out, Path err) {
        List<String> all = new ArrayList<>(WITH_SIGINT);
        all.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(all)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("KIROKU_NO_BUILD", "1");
        return builder;
    }

    /** The file's text, whatever bytes are in it. */
    static String lenient(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            return "(" + unreadable + ")";
        }
    }
}
