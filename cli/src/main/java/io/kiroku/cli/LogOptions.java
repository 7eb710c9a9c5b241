package io.kiroku.cli;

import io.kiroku.collector.config.LogConfig;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a collector's transparency log is called, and who else vouches for it. */
final class LogOptions {
    @Option(
            names = "--log-name",
            paramLabel = "NAME",
            description = {
                "what its transparency log is called, once and for all, as an address without scheme, such as"
                        + " logs.example.com/kiroku (default: a name made of the log's key)"
            })
    private @Nullable String logName;

    @Option(
            names = "--witnesses",
            paramLabel = "FILE",
            description = {
                "a policy (C2SP tlog-policy): which witnesses are to cosign the log's checkpoints, where they are"
                        + " asked, and how many must"
            })
    private @Nullable Path witnesses;

    @Mixin
    private TimestampOptions stamps = new TimestampOptions();

    /** What was chosen. */
    LogConfig config() throws CommandException {
        return new LogConfig(Optional.ofNullable(logName), Optional.ofNullable(witnesses), stamps.config());
    }
}
