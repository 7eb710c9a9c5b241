package io.kiroku.systemtests.peers;

import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Another agent at work, and the sink that it sends to. */
public final class PeerRun implements AutoCloseable {
    /** Records that are only counted. */
    public static final Protocol.Records IGNORE = (bytes, from, to, nanos) -> {};

    private final Sink sink;
    private final Running process;

    private PeerRun(Sink sink, Running process) {
        this.sink = sink;
        this.process = process;
    }

    /**
     * Starts it.
     *
     * @param directory an existing one
     * @param records is given every record that comes
     */
    public static PeerRun start(Peer peer, Path directory, Path podLogs, Protocol.Records records)
            throws IOException, InterruptedException {
        Path place = Files.createDirectory(directory.resolve("peer"));
        Sink sink = new Sink(peer.protocol(), records);
        return new PeerRun(sink, Running.start("peer", directory, peer.configure(place, podLogs, sink.port())));
    }

    public Sink sink() {
        return sink;
    }

    public Running process() {
        return process;
    }

    /**
     * Waits until so many records have come.
     *
     * @throws AssertionError if it ends before, or does not get there within the bound
     */
    public void awaitRecords(Duration bound, long count) throws Exception {
        Await.until(
                bound,
                "%d records at the sink".formatted(count),
                () -> "%d bytes%n%s".formatted(sink.receivedBytes(), process.tail()),
                () -> {
                    if (!process.isAlive()) {
                        throw new AssertionError("the other agent ended%n%s".formatted(process.tail()));
                    }
                    return sink.records() >= count;
                });
    }

    @Override
    public void close() throws IOException {
        process.close();
        sink.close();
    }
}
