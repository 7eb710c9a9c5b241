package io.kiroku.collector.config;

import io.kiroku.evidence.log.VerifierKey;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a collector is told of its transparency log.
 *
 * @param name what it is called, as an address without scheme; if empty, what it was called before, or a name made of its
 *     key
 * @param witnesses a policy file (C2SP tlog-policy) with the witnesses that are to cosign its checkpoints, if any are
 * @param stamps which authorities timestamp its checkpoints
 */
public record LogConfig(Optional<String> name, Optional<Path> witnesses, StampConfig stamps) {
    /** A log that keeps its name, and that nobody else vouches for. */
    public static final LogConfig ALONE =
            new LogConfig(Optional.empty(), Optional.empty(), new StampConfig(List.of(), StampConfig.DEFAULT_EVERY));

    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException if it is none; the message is for people
     */
    public LogConfig {
        name.ifPresent(LogConfig::requireName);
    }

    private static void requireName(String name) {
        if (!VerifierKey.isName(name)) {
            throw new IllegalArgumentException(
                    "log-name: expected 1 to %d bytes without spaces and plus signs, such as logs.example.com/kiroku, found \"%s\""
                            .formatted(VerifierKey.MOST_NAME, name));
        }
    }
}
