package io.kiroku.systemtests.peers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which other agents are measured in the same run. */
public final class Peers {
    @Option(names = "--fluent-bit", paramLabel = "BIN", description = "also measure this Fluent Bit")
    private @Nullable Path fluentBit;

    @Option(
            names = "--fluent-bit-parsers",
            paramLabel = "FILE",
            description = "and measure it once more with the parser cri of this file")
    private @Nullable Path fluentBitParsers;

    @Option(names = "--rsyslog", paramLabel = "BIN", description = "also measure this rsyslogd")
    private @Nullable Path rsyslog;

    @Option(names = "--syslog-ng", paramLabel = "BIN", description = "also measure this syslog-ng")
    private @Nullable Path syslogNg;

    /** Those that were asked for. */
    public List<Peer> chosen() {
        List<Peer> chosen = new ArrayList<>();
        if (fluentBit != null) {
            chosen.add(new FluentBit(fluentBit, Optional.empty()));
            if (fluentBitParsers != null) {
                chosen.add(new FluentBit(fluentBit, Optional.of(fluentBitParsers)));
            }
        }
        if (rsyslog != null) {
            chosen.add(new Rsyslog(rsyslog));
        }
        if (syslogNg != null) {
            chosen.add(new SyslogNg(syslogNg));
        }
        return chosen;
    }
}
