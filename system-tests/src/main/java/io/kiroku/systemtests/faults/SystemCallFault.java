package io.kiroku.systemtests.faults;

import io.kiroku.systemtests.process.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A system call of a process that fails, or in which the process is killed: strace(1) injects it. With the page cache
 * intact this is not all that a power cut does, but it stops the real program at every step of its order of writes, and it
 * is what the kernel says to it when a disk fails.
 *
 * @param call the name of the system call, such as fdatasync
 * @param path only calls on this file or directory, whole path; of a rename, on the name that goes
 * @param effect what happens instead of the call
 * @param when from 1: which of these calls, counted for each thread by itself
 */
public record SystemCallFault(String call, Optional<Path> path, Effect effect, int when) {
    private static final Duration ATTACH = Duration.ofSeconds(20);

    /** What happens instead of the call. */
    public enum Effect {
        /** The disk failed. */
        EIO("error=EIO"),
        /** The disk is full. */
        ENOSPC("error=ENOSPC"),
        /** The process is killed before the call does anything. */
        KILL("signal=SIGKILL");

        private final String injected;

        Effect(String injected) {
            this.injected = injected;
        }
    }

    /** strace beside a process that was running before. */
    public static final class Attached implements AutoCloseable {
        private final Process strace;

        private Attached(Process strace) {
            this.strace = strace;
        }

        /** The process runs on without it. */
        @Override
        public void close() throws IOException {
            strace.destroy();
            try {
                strace.waitFor();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IOException("strace may be left over", interrupted);
            }
        }
    }

    /**
     * What runs a program with this fault: the program stays the process that was started, and strace another beside it.
     *
     * @param trace where strace notes what it did
     */
    public List<String> prefix(Path trace) {
        List<String> prefix = strace(trace);
        prefix.add("--daemonize");
        if (effect != Effect.KILL) {
            // All other calls go on untouched, and fast. strace 6.1 loses signals that it would inject then.
            prefix.add("--seccomp-bpf");
        }
        return prefix;
    }

    /** Lets the fault happen to a process that is running. Returns when strace is attached to it. */
    public Attached attach(long pid, Path trace) throws Exception {
        List<String> command = strace(trace);
        command.add("--attach=" + pid);
        Process strace = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Path status = Path.of("/proc", Long.toString(pid), "status");
        Await.until(
                ATTACH,
                "strace to be attached",
                () -> Files.readString(status).contains("TracerPid:\t" + strace.pid()));
        return new Attached(strace);
    }

    private List<String> strace(Path trace) {
        List<String> strace = new ArrayList<>(List.of(
                "strace",
                "--follow-forks",
                "--quiet=all",
                "--output=" + trace,
                "--trace=" + call,
                "--inject=%s:%s:when=%d".formatted(call, effect.injected, when)));
        path.ifPresent(only -> strace.add("--trace-path=" + only));
        return strace;
    }

    /** Whether it has happened, by what strace noted. */
    public boolean happened(Path trace) throws IOException {
        if (!Files.exists(trace)) {
            return false;
        }
        String noted = Files.readString(trace, StandardCharsets.ISO_8859_1);
        return noted.contains(effect == Effect.KILL ? "SIGKILL" : "(INJECTED)");
    }

    @Override
    public String toString() {
        return "%s%s number %d: %s"
                .formatted(call, path.map(only -> " of " + only.getFileName()).orElse(""), when, effect);
    }
}
