package io.kiroku.systemtests.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A control group of this machine with little memory, no swap and a part of a core (cgroups(7)), version 1 or 2. What its
 * processes have in the page cache counts as their memory. Needs root.
 */
final class ControlGroup implements AutoCloseable {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");
    private static final int PERIOD_MICROS = 100_000;
    private static final int TRIES = 100;

    private final List<Path> directories = new ArrayList<>();
    private final boolean unified = Files.exists(ROOT.resolve("cgroup.controllers"));

    /**
     * Makes it.
     *
     * @param memory bytes
     * @param cores such as 0.5
     * @throws IOException if it cannot be made, with a sentence that says what is needed
     */
    ControlGroup(long memory, double cores) throws IOException {
        String name = "kiroku-bench-" + ProcessHandle.current().pid();
        long quota = Math.round(cores * PERIOD_MICROS);
        try {
            if (unified) {
                write(ROOT.resolve("cgroup.subtree_control"), "+memory +cpu");
                Path group = make(ROOT.resolve(name));
                write(group.resolve("memory.max"), memory);
                write(group.resolve("memory.swap.max"), 0);
                write(group.resolve("cpu.max"), quota + " " + PERIOD_MICROS);
            } else {
                Path group = make(ROOT.resolve("memory").resolve(name));
                write(group.resolve("memory.swappiness"), 0);
                write(group.resolve("memory.limit_in_bytes"), memory);
                if (Files.exists(group.resolve("memory.memsw.limit_in_bytes"))) {
                    write(group.resolve("memory.memsw.limit_in_bytes"), memory);
                }
                Path cpu = make(ROOT.resolve("cpu").resolve(name));
                write(cpu.resolve("cpu.cfs_period_us"), PERIOD_MICROS);
                write(cpu.resolve("cpu.cfs_quota_us"), quota);
            }
        } catch (IOException impossible) {
            close();
            throw new IOException(
                    "a control group with memory and cpu below %s is needed, which takes root and a writable /sys/fs/cgroup"
                            .formatted(ROOT),
                    impossible);
        }
    }

    private Path make(Path directory) throws IOException {
        directories.add(Files.createDirectory(directory));
        return directory;
    }

    private static void write(Path file, Object value) throws IOException {
        Files.writeString(file, value.toString(), StandardCharsets.US_ASCII);
    }

    /** Runs a command in it: moves the shell in, which then becomes the command. */
    List<String> prefix() {
        String move = directories.stream()
                .map(directory -> "echo $$ >'%s'".formatted(directory.resolve("cgroup.procs")))
                .collect(Collectors.joining(" && "));
        return List.of("bash", "-c", move + " && exec \"$@\"", "cgroup");
    }

    /** The most memory that it ever had, bytes, page cache included; NaN if the kernel does not say (before Linux 5.19). */
    double peakBytes() throws IOException {
        Path file = directories.getFirst().resolve(unified ? "memory.peak" : "memory.max_usage_in_bytes");
        return Files.exists(file)
                ? Double.parseDouble(
                        Files.readString(file, StandardCharsets.US_ASCII).strip())
                : Double.NaN;
    }

    /** How often the kernel killed one of its processes for memory. */
    long kills() throws IOException {
        return counted(directories.getFirst().resolve(unified ? "memory.events" : "memory.oom_control"), "oom_kill");
    }

    /** Of this much of the time a process of it had to wait although it could have run: percent of the periods. */
    double throttledPercent() throws IOException {
        Path stat = directories.getLast().resolve("cpu.stat");
        return 100.0 * counted(stat, "nr_throttled") / Math.max(1, counted(stat, "nr_periods"));
    }

    private static long counted(Path file, String key) throws IOException {
        for (String line : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
            if (line.startsWith(key + " ")) {
                return Long.parseLong(line.substring(key.length() + 1).strip());
            }
        }
        throw new IOException("expected %s in %s".formatted(key, file));
    }

    /** Removes it; its processes must have ended, which the kernel may take a moment to see. */
    @Override
    public void close() throws IOException {
        for (Path directory : directories.reversed()) {
            remove(directory);
        }
        directories.clear();
    }

    private static void remove(Path directory) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                Files.delete(directory);
                return;
            } catch (IOException busy) {
                if (attempt == TRIES) {
                    throw busy;
                }
            }
            try {
                TimeUnit.MILLISECONDS.sleep(20);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted before %s was removed".formatted(directory), interrupted);
            }
        }
    }
}
