package io.kiroku.systemtests.peers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** Another agent: how it is told to send the lines of all logs to a port, and what it then speaks. */
public interface Peer {
    /** What a table calls it. */
    String name();

    /** What it speaks to the sink, made for each connection. */
    Supplier<Protocol> protocol();

    /**
     * Writes its configuration.
     *
     * @param directory empty; for the configuration and what it keeps
     * @param podLogs as /var/log/pods: all {@code *.log} two directories below are sent, from their beginning
     * @param port of the loopback interface
     * @return the command that runs it in the foreground
     */
    List<String> configure(Path directory, Path podLogs, int port) throws IOException, InterruptedException;
}
