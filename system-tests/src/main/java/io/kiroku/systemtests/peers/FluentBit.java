package io.kiroku.systemtests.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Fluent Bit with its defaults: tail from the head, looking for files every second, to forward with gzip.
 *
 * @param parsers a file of parsers that has one by the name cri; lines are sent as they are without it
 */
record FluentBit(Path binary, Optional<Path> parsers) implements Peer {
    @Override
    public String name() {
        return "Fluent Bit, %s".formatted(parsers.isPresent() ? "parser cri" : "raw");
    }

    @Override
    public Supplier<Protocol> protocol() {
        return ForwardProtocol::new;
    }

    @Override
    public List<String> configure(Path directory, Path podLogs, int port) throws IOException {
        Path configuration = directory.resolve("fluent-bit.conf");
        Files.writeString(configuration, """
            [SERVICE]
                Log_Level warn
            %s
            [INPUT]
                Name tail
                Path %s/*/*/*.log
                Read_from_head on
                Refresh_Interval 1
            %s
            [OUTPUT]
                Name forward
                Match *
                Host 127.0.0.1
                Port %d
                Compress gzip
            """.formatted(
                parsers.map(file -> "    Parsers_File " + file.toAbsolutePath()).orElse(""),
                podLogs,
                parsers.isPresent() ? "    Parser cri" : "",
                port));
        return List.of(binary.toString(), "-c", configuration.toString());
    }
}
