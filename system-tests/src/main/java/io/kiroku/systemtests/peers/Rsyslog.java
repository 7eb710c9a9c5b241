package io.kiroku.systemtests.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** rsyslog: imfile with a wildcard to omfwd over TCP, the lines as they are. */
record Rsyslog(Path binary) implements Peer {
    @Override
    public String name() {
        return "rsyslog";
    }

    @Override
    public Supplier<Protocol> protocol() {
        return () -> Protocol.LINES;
    }

    @Override
    public List<String> configure(Path directory, Path podLogs, int port) throws IOException {
        Path configuration = directory.resolve("rsyslog.conf");
        Files.writeString(configuration, """
            global(workDirectory="%s" maxMessageSize="64k")
            module(load="imfile")
            template(name="line" type="string" string="%%msg%%\\n")
            input(type="imfile" file="%s/*/*/*.log" tag="bench")
            action(type="omfwd" target="127.0.0.1" port="%d" protocol="tcp" template="line")
            """.formatted(directory, podLogs, port));
        List<String> command = new ArrayList<>(List.of(
                binary.toString(),
                "-n",
                "-f",
                configuration.toString(),
                "-i",
                directory.resolve("pid").toString()));
        Libraries.beside(binary, "rsyslog").ifPresent(modules -> command.addAll(List.of("-M", modules.toString())));
        return command;
    }
}
