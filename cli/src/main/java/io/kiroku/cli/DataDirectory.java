package io.kiroku.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Where a collector's data lies, if nobody says where. */
final class DataDirectory {
    private DataDirectory() {}

    /** {@code /var/lib/kiroku} for root; for others below {@code XDG_STATE_HOME}, as the XDG directories have it. */
    static Path byDefault(Map<String, String> environment, String user, Path home) {
        if (user.equals("root")) {
            return Path.of("/var/lib/kiroku");
        }
        String state = environment.getOrDefault("XDG_STATE_HOME", "");
        return (state.startsWith("/") ? Path.of(state) : home.resolve(".local/state")).resolve("kiroku");
    }

    static Path byDefault(Map<String, String> environment) {
        return byDefault(
                environment, System.getProperty("user.name", ""), Path.of(System.getProperty("user.home", "/")));
    }

    /** Whether a collector has kept its data there. */
    static boolean isOne(Path directory) {
        return Files.isDirectory(directory.resolve("volumes"));
    }

    /** The directory, if a collector was ever started there; it need not hold any data yet. */
    static Path requireStarted(Path directory) throws CommandException {
        if (!Files.exists(directory.resolve("collector.key"))) {
            throw CommandException.failure(
                    "no collector was started in %s yet (it has no file collector.key)".formatted(directory));
        }
        return directory;
    }

    /** The directory, if a collector has kept its data there. */
    static Path require(Path directory) throws CommandException {
        if (!Files.isDirectory(directory)) {
            throw CommandException.failure(
                    "no such directory: %s; --data names the directory of a collector's data, %s up makes one"
                            .formatted(directory, Kiroku.commandName()));
        }
        if (!isOne(directory)) {
            throw CommandException.failure(
                    "%s holds no collector's data (it has no directory volumes)".formatted(directory));
        }
        return directory;
    }
}
