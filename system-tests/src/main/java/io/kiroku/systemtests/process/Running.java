package io.kiroku.systemtests.process;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process of the program that goes on until it is ended. */
public final class Running implements AutoCloseable {
    private static final int TAIL = 4000;

    private final String name;
    private final Process process;
    private final Path out;
    private final Path err;

    Running(String name, Process process, Path out, Path err) {
        this.name = name;
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /**
     * Starts another program than this one, with whatever environment there is.
     *
     * @param outputs an existing directory for what it prints
     */
    public static Running start(String name, Path outputs, List<String> command) throws IOException {
        Path out = outputs.resolve(name + ".out");
        Path err = outputs.resolve(name + ".err");
        Process process = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        return new Running(name, process, out, err);
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** What it has printed so far, both outputs. */
    public String output() {
        return Program.lenient(out) + Program.lenient(err);
    }

    /** SIGKILL. Returns when it is gone. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGSTOP: it does nothing from now on, and does not know. */
    public void freeze() throws IOException, InterruptedException {
        Shell.bash("kill -STOP $1", process.pid());
    }

    /** SIGCONT: it goes on where it was. */
    public void thaw() throws IOException, InterruptedException {
        Shell.bash("kill -CONT $1", process.pid());
    }

    /**
     * SIGTERM, as the kubelet, systemd and Ctrl-C have it in one form or the other.
     *
     * @return the exit status
     * @throws AssertionError if it does not end within the bound; it is killed then
     */
    public int terminate(Duration bound) throws InterruptedException {
        process.destroy();
        return await(bound);
    }

    /**
     * Waits for its end.
     *
     * @return the exit status
     * @throws AssertionError if it does not end within the bound; it is killed then
     */
    public int await(Duration bound) throws InterruptedException {
        if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
            kill();
            throw new AssertionError("%s did not end within %d s%n%s".formatted(name, bound.toSeconds(), tail()));
        }
        return process.exitValue();
    }

    /** What /proc says of it. */
    public ProcStats stats() throws IOException {
        return ProcStats.of(process.pid());
    }

    /** The end of what it printed, for a failure's message. */
    public String tail() {
        String text = output();
        return "--- %s (pid %d, %s)%n%s"
                .formatted(
                        name,
                        process.pid(),
                        process.isAlive() ? "alive" : "exit " + process.exitValue(),
                        text.substring(Math.max(0, text.length() - TAIL)));
    }

    /** Makes sure that it is gone. */
    @Override
    public void close() {
        process.destroyForcibly();
        boolean interrupted = false;
        while (process.isAlive()) {
            try {
                process.waitFor();
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
