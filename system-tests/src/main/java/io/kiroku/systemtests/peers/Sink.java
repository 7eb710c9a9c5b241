package io.kiroku.systemtests.peers;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Takes what agents send to a port of the loopback interface, counts the records, and keeps nothing. */
public final class Sink implements AutoCloseable {
    /** No message of a protocol may be longer. */
    private static final int MOST_BUFFERED = 64 << 20;

    private final Supplier<Protocol> protocol;
    private final Protocol.Records listener;
    private final ServerSocket server;
    private final List<Socket> connections = new CopyOnWriteArrayList<>();
    private final AtomicLong records = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();

    /**
     * Listens on a free port.
     *
     * @param protocol makes one for each connection
     * @param listener is given every record; called by one thread for each connection
     */
    public Sink(Supplier<Protocol> protocol, Protocol.Records listener) throws IOException {
        this.protocol = protocol;
        this.listener = listener;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("sink-accept").start(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    /**
     * Records that have come, of all connections.
     *
     * @throws IOException if something came that is none
     */
    public long records() throws IOException {
        IOException failed = failure.get();
        if (failed != null) {
            throw new IOException("the sink cannot read what it is sent", failed);
        }
        return records.get();
    }

    /** Bytes as they came. */
    public long receivedBytes() {
        return bytes.get();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket connection : connections) {
            connection.close();
        }
    }

    private void accept() {
        while (true) {
            try {
                Socket connection = server.accept();
                connections.add(connection);
                Thread.ofPlatform().daemon().name("sink").start(() -> read(connection));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void read(Socket connection) {
        Protocol cutter = protocol.get();
        byte[] buffer = new byte[256 << 10];
        int filled = 0;
        try (InputStream in = connection.getInputStream()) {
            while (true) {
                int read = readOrEnd(in, buffer, filled);
                if (read < 0) {
                    return;
                }
                long nanos = System.nanoTime();
                filled += read;
                bytes.addAndGet(read);
                long[] count = {0};
                int done = cutter.cut(buffer, filled, nanos, (record, from, to, at) -> {
                    count[0]++;
                    listener.take(record, from, to, at);
                });
                records.addAndGet(count[0]);
                System.arraycopy(buffer, done, buffer, 0, filled - done);
                filled -= done;
                if (filled == buffer.length) {
                    buffer = larger(buffer);
                }
            }
        } catch (IOException | RuntimeException unreadable) {
            failure.compareAndSet(null, new IOException(unreadable));
        }
    }

    /** A peer that is killed resets its connection: an end like any other. */
    private static int readOrEnd(InputStream in, byte[] buffer, int filled) {
        try {
            return in.read(buffer, filled, buffer.length - filled);
        } catch (IOException ended) {
            return -1;
        }
    }

    private static byte[] larger(byte[] buffer) throws IOException {
        if (buffer.length >= MOST_BUFFERED) {
            throw new IOException("a message is longer than %d bytes".formatted(MOST_BUFFERED));
        }
        return Arrays.copyOf(buffer, 2 * buffer.length);
    }
}
