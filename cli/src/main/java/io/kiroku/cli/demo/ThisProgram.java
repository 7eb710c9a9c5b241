package io.kiroku.cli.demo;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs this program again, in a process of its own, as a user at a terminal would; its output goes to a file. */
final class ThisProgram {
    private static final String MAIN = "io.kiroku.cli.Kiroku";
    private static final long BOUND_SECONDS = 60;

    private final Path outputs;

    /** @param outputs an existing directory */
    ThisProgram(Path outputs) {
        this.outputs = outputs;
    }

    /** What came of a command, and the files that its standard output and its standard error went to. */
    record Outcome(int exit, Path output, Path errors) {}

    /** How a user calls this program: the launcher says so, if it was one. */
    static String name() {
        return System.getProperty("kiroku.command", "kiroku");
    }

    /** Runs a command to its end, with this JVM's options. */
    Outcome run(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
        command.addAll(arguments);
        Path output = Files.createTempFile(outputs, arguments.getFirst() + "-", ".out");
        Path errors = Files.createTempFile(outputs, arguments.getFirst() + "-", ".err");
        Process process = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
        try {
            if (!process.waitFor(BOUND_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(
                        "%s did not end within %d s".formatted(String.join(" ", arguments), BOUND_SECONDS));
            }
            return new Outcome(process.exitValue(), output, errors);
        } finally {
            process.destroyForcibly();
        }
    }
}
