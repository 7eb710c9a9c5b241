package io.kiroku.systemtests.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What the figures were measured on. */
public final class Machine {
    private Machine() {}

    /** One line: processor, memory, kernel, file system, JDK. */
    public static String describe(Path directory) throws IOException {
        return "%d × %s, %s memory, %s, %s, JDK %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        field(Path.of("/proc/cpuinfo"), "model name"),
                        memory(),
                        "Linux "
                                + Files.readString(Path.of("/proc/sys/kernel/osrelease"), StandardCharsets.US_ASCII)
                                        .strip(),
                        Files.getFileStore(directory).type(),
                        Runtime.version());
    }

    private static String memory() throws IOException {
        String kilobytes = field(Path.of("/proc/meminfo"), "MemTotal").replaceAll("[^0-9]", "");
        return String.format(Locale.ROOT, "%.0f GiB", Long.parseLong(kilobytes) / (double) (1 << 20));
    }

    private static String field(Path file, String key) throws IOException {
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            if (line.startsWith(key)) {
                return line.substring(line.indexOf(':') + 1).strip();
            }
        }
        return "unknown " + key;
    }
}
