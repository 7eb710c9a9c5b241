package io.kiroku.systemtests.faults;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Somebody who opens connections from many addresses of the loopback network and says nothing on them, or one byte a second, and
 * who opens another wherever one is closed. All of it on one thread.
 */
public final class Flood implements AutoCloseable {
    private static final int NEW_PER_SECOND = 1_000;
    private static final Duration LOOK = Duration.ofMillis(20);
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** So many of ten come from the first address. */
    private static final int FROM_THE_FIRST = 3;

    private final List<Target> targets;
    private final int addresses;
    private final Selector selector = Selector.open();
    private final Deque<Target> wanted = new ArrayDeque<>();
    private final Set<Line> lines = new HashSet<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger mostOpen = new AtomicInteger();
    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();
    private final Thread thread = Thread.ofPlatform().name("flood").daemon().unstarted(this::run);
    private volatile boolean closing;
    private long count;

    /**
     * What is flooded.
     *
     * @param port of 127.0.0.1
     * @param connections how many are wanted at a time
     * @param drip what every second one of them says, a byte a second, again and again; one byte each (ISO 8859-1)
     */
    public record Target(int port, int connections, String drip) {}

    /** One connection. */
    private final class Line {
        private final Target target;
        private final SocketChannel channel;
        private final boolean drips;
        private int said;

        private Line(Target target, SocketChannel channel, boolean drips) {
            this.target = target;
            this.channel = channel;
            this.drips = drips;
        }

        private void drip() {
            if (!drips || !channel.isConnected()) {
                return;
            }
            try {
                byte[] text = target.drip().getBytes(StandardCharsets.ISO_8859_1);
                channel.write(ByteBuffer.wrap(text, said++ % text.length, 1));
            } catch (IOException closed) {
                end(this);
            }
        }
    }

    private Flood(List<Target> targets, int addresses) throws IOException {
        this.targets = List.copyOf(targets);
        this.addresses = addresses;
    }

    /**
     * Begins.
     *
     * @param addresses from how many it comes: 127.0.1.1 and those behind
     */
    public static Flood start(int addresses, Target... targets) throws IOException {
        Flood flood = new Flood(List.of(targets), addresses);
        flood.thread.start();
        return flood;
    }

    /** Connections that are open, or being opened, now. */
    public int open() {
        return open.get();
    }

    /** The most that were at once. */
    public int mostOpen() {
        return mostOpen.get();
    }

    /** Connections that were opened since the beginning. */
    public long begun() {
        return begun.get();
    }

    /** Those of them that the other side has ended. */
    public long ended() {
        return ended.get();
    }

    private void run() {
        for (Target target : targets) {
            for (int i = 0; i < target.connections(); i++) {
                wanted.add(target);
            }
        }
        long nextDrip = System.nanoTime();
        long began = nextDrip;
        try {
            while (!closing) {
                selector.select(LOOK.toMillis());
                selector.selectedKeys().forEach(this::ready);
                selector.selectedKeys().clear();
                long now = System.nanoTime();
                long allowed = (now - began) / 1_000_000 * NEW_PER_SECOND / 1_000;
                while (count < allowed && !wanted.isEmpty()) {
                    begin(wanted.removeFirst());
                }
                if (now - nextDrip >= 0) {
                    nextDrip = now + SECOND.toNanos();
                    List.copyOf(lines).forEach(Line::drip);
                }
            }
        } catch (IOException broken) {
            throw new IllegalStateException(broken);
        } finally {
            List.copyOf(lines).forEach(this::close);
        }
    }

    private InetAddress source() throws IOException {
        long turn = count % 10;
        int number = turn < FROM_THE_FIRST ? 1 : 1 + (int) (count % addresses);
        return InetAddress.getByAddress(new byte[] {127, 0, 1, (byte) number});
    }

    private void begin(Target target) throws IOException {
        SocketChannel channel = SocketChannel.open();
        Line line = new Line(target, channel, count % 2 == 0);
        try {
            channel.configureBlocking(false);
            channel.bind(new InetSocketAddress(source(), 0));
            count++;
            lines.add(line);
            begun.incrementAndGet();
            mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
            boolean connected = channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target.port()));
            channel.register(selector, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, line);
        } catch (IOException refused) {
            end(line);
        }
    }

    private void ready(SelectionKey key) {
        Line line = (Line) key.attachment();
        try {
            if (key.isConnectable()) {
                line.channel.finishConnect();
                key.interestOps(SelectionKey.OP_READ);
            } else if (line.channel.read(ByteBuffer.allocate(4096)) < 0) {
                end(line);
            }
        } catch (IOException | CancelledKeyException closed) {
            end(line);
        }
    }

    private void end(Line line) {
        if (close(line)) {
            ended.incrementAndGet();
            wanted.addLast(line.target);
        }
    }

    private boolean close(Line line) {
        boolean was = lines.remove(line);
        if (was) {
            open.decrementAndGet();
        }
        try {
            line.channel.close();
        } catch (IOException alreadyGone) {
            // It is closed all the same.
        }
        return was;
    }

    @Override
    public void close() throws IOException {
        closing = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException later) {
            Thread.currentThread().interrupt();
        }
        selector.close();
    }
}
