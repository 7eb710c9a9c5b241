package io.kiroku.systemtests.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the kernel accounts to a process (proc(5)).
 *
 * @param cpuSeconds in user and system mode, of all its threads; resolution 10 ms
 * @param peakBytes the most that was ever resident (VmHWM)
 * @param residentBytes resident now (VmRSS)
 * @param threads number of threads now
 */
public record ProcStats(double cpuSeconds, long peakBytes, long residentBytes, long threads) {
    /** USER_HZ: fixed at 100 in the kernel's interface on all architectures that Java 25 runs on. */
    private static final double TICKS_PER_SECOND = 100;

    private static final int UTIME = 11;
    private static final int STIME = 12;

    /** Reads /proc/PID/stat and /proc/PID/status. */
    public static ProcStats of(long pid) throws IOException {
        Path proc = Path.of("/proc", Long.toString(pid));
        String stat = Files.readString(proc.resolve("stat"), StandardCharsets.ISO_8859_1);
        // The second field is the command in parentheses, which may hold anything: count from behind it.
        List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
        double ticks = Double.parseDouble(fields.get(UTIME)) + Double.parseDouble(fields.get(STIME));
        List<String> status = Files.readAllLines(proc.resolve("status"), StandardCharsets.ISO_8859_1);
        return new ProcStats(
                ticks / TICKS_PER_SECOND,
                kilobytes(status, "VmHWM:"),
                kilobytes(status, "VmRSS:"),
                number(status, "Threads:"));
    }

    private static long kilobytes(List<String> status, String key) {
        return number(status, key) << 10;
    }

    private static long number(List<String> status, String key) {
        for (String line : status) {
            if (line.startsWith(key)) {
                return Long.parseLong(line.substring(key.length()).replaceAll("[^0-9]", ""));
            }
        }
        throw new IllegalStateException("expected %s in /proc/PID/status".formatted(key));
    }
}
