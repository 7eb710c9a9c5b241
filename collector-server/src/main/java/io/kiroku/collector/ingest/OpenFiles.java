package io.kiroku.collector.ingest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How many files the process may have open: RLIMIT_NOFILE (getrlimit(2)), which the JVM raises to what it may when it starts. */
public final class OpenFiles {
    private static final Pattern SOFT_LIMIT = Pattern.compile("Max open files\\s+(\\d{1,18}|unlimited).*");

    private OpenFiles() {}

    /**
     * As many as are wanted, if they are no more than a part of all: others need some as well.
     *
     * @param part one in so many
     */
    public static int share(int wanted, int part) {
        return (int) Math.min(wanted, most() / part);
    }

    /** All; {@link Long#MAX_VALUE} if nobody says. */
    static long most() {
        try {
            return parse(Files.readAllLines(Path.of("/proc/self/limits"), StandardCharsets.US_ASCII));
        } catch (IOException notSaid) {
            return Long.MAX_VALUE;
        }
    }

    /** @param limits lines of {@code /proc/PID/limits} (proc(5)) */
    static long parse(List<String> limits) {
        for (String line : limits) {
            Matcher matcher = SOFT_LIMIT.matcher(line);
            if (matcher.matches() && !matcher.group(1).equals("unlimited")) {
                return Long.parseLong(matcher.group(1));
            }
        }
        return Long.MAX_VALUE;
    }
}
