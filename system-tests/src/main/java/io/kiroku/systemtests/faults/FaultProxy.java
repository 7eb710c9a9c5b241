package io.kiroku.systemtests.faults;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Stands between an agent and its collector, and does to their connections what networks do. It reads along: every
 * receipt that it passed on to the agent is kept.
 */
public final class FaultProxy implements AutoCloseable {
    private static final long PAUSE_NANOS = 2_000_000;

    private final ServerSocket listener;
    private final int target;
    private final List<Connection> connections = new CopyOnWriteArrayList<>();
    private final List<Passed> receipts = new CopyOnWriteArrayList<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private volatile @Nullable Octets collectorKey;
    private volatile boolean stalled;
    private volatile boolean withholdsReceipts;
    private volatile boolean closed;

    /**
     * A receipt that was passed on.
     *
     * @param nanos when it had come from the collector: {@link System#nanoTime}
     */
    public record Passed(Frame.Receipt receipt, long nanos) {}

    /** @param target the collector's port on the loopback interface */
    public FaultProxy(int target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("proxy-accept").start(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Ends all connections at once, each side receiving a reset. */
    public void cut() {
        connections.forEach(Connection::cut);
    }

    /** From now on the present connections pass nothing on, and stay open: the other side's machine is gone. */
    public void halfOpen() {
        connections.forEach(connection -> connection.dead = true);
    }

    /** While it is on, nothing passes in any connection, and nothing is lost. */
    public void stall(boolean on) {
        stalled = on;
    }

    /** While it is on, the collector's receipts do not reach the agent; they are lost. */
    public void withholdReceipts(boolean on) {
        withholdsReceipts = on;
    }

    /** All receipts that reached the agent. */
    public List<Frame.Receipt> receipts() {
        return receipts.stream().map(Passed::receipt).toList();
    }

    /** All receipts that reached the agent, each with its time. */
    public List<Passed> passed() {
        return List.copyOf(receipts);
    }

    /**
     * The key that the collector said it signs receipts with, in its last answer to a greeting.
     *
     * @throws IllegalStateException if there was none yet
     */
    public Octets collectorKey() {
        Octets key = collectorKey;
        if (key == null) {
            throw new IllegalStateException("the collector has answered no greeting yet");
        }
        return key;
    }

    /** How many connections agents have made. */
    public int accepted() {
        return accepted.get();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        listener.close();
        cut();
    }

    private void accept() {
        while (!closed) {
            try {
                Socket agent = listener.accept();
                accepted.incrementAndGet();
                Socket collector = new Socket();
                try {
                    collector.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target), 5000);
                } catch (IOException away) {
                    reset(agent);
                    continue;
                }
                Connection connection = new Connection(agent, collector);
                connections.add(connection);
                Thread.ofPlatform().daemon().name("proxy-up").start(connection::passUp);
                Thread.ofPlatform().daemon().name("proxy-down").start(connection::passDown);
            } catch (IOException listenerClosed) {
                return;
            }
        }
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException alreadyGone) {
            // That is what was wanted.
        }
    }

    private final class Connection {
        private final Socket agent;
        private final Socket collector;
        private volatile boolean dead;

        Connection(Socket agent, Socket collector) {
            this.agent = agent;
            this.collector = collector;
        }

        void cut() {
            connections.remove(this);
            reset(agent);
            reset(collector);
        }

        void passUp() {
            byte[] buffer = new byte[64 << 10];
            try (InputStream in = agent.getInputStream();
                    OutputStream out = collector.getOutputStream()) {
                for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                    if (mayPass()) {
                        out.write(buffer, 0, length);
                    }
                }
            } catch (IOException ended) {
                // The other direction ends with it.
            }
            end();
        }

        void passDown() {
            try (DataInputStream in = new DataInputStream(collector.getInputStream());
                    OutputStream out = agent.getOutputStream()) {
                while (true) {
                    int length = in.readInt();
                    if (length < 1 || length > FrameCodec.MOST_FROM_COLLECTOR) {
                        throw new IllegalStateException("the collector sent a frame of " + length + " bytes");
                    }
                    byte[] frame = new byte[4 + length];
                    ByteBuffer.wrap(frame).putInt(length);
                    in.readFully(frame, 4, length);
                    long nanos = System.nanoTime();
                    if (mayPass()) {
                        pass(frame, nanos, out);
                    }
                }
            } catch (IOException ended) {
                // The other direction ends with it.
            }
            end();
        }

        private void pass(byte[] frame, long nanos, OutputStream out) throws IOException {
            Frame decoded;
            try {
                decoded = FrameCodec.decode(ByteBuffer.wrap(frame, 4, frame.length - 4));
            } catch (MalformedException malformed) {
                throw new IllegalStateException("the collector sent bytes that are no frame", malformed);
            }
            if (decoded instanceof Frame.Welcome welcome) {
                collectorKey = welcome.collector();
            }
            if (decoded instanceof Frame.Receipt receipt) {
                if (withholdsReceipts) {
                    return;
                }
                receipts.add(new Passed(receipt, nanos));
            }
            out.write(frame);
        }

        /** Waits while everything is stalled; false if what was read is to be dropped. */
        private boolean mayPass() {
            while (stalled && !dead && !closed && connections.contains(this)) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            return !dead;
        }

        /** One side has ended: so does the other, unless nobody is to notice. */
        private void end() {
            if (!dead) {
                cut();
            }
        }
    }
}
