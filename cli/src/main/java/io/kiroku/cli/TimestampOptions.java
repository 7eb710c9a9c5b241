package io.kiroku.cli;

import io.kiroku.collector.config.StampConfig;
import io.kiroku.collector.query.PointInTime;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Who stamps a collector's checkpoints, and how often. */
final class TimestampOptions {
    @Option(
            names = "--tsa",
            paramLabel = "URL",
            description = "a timestamping authority (RFC 3161) that stamps the log's checkpoints; any number of them")
    private List<String> authorities = new ArrayList<>();

    @Option(
            names = "--tsa-every",
            paramLabel = "DURATION",
            defaultValue = "1h",
            description = "how long after a stamp an authority is asked again (default: ${DEFAULT-VALUE})")
    private String every;

    /** What was chosen. */
    StampConfig config() throws CommandException {
        try {
            return new StampConfig(
                    authorities.stream().map(StampConfig::authority).toList(), PointInTime.duration(every));
        } catch (IllegalArgumentException misuse) {
            throw CommandException.misuse("--tsa: " + misuse.getMessage());
        }
    }
}
