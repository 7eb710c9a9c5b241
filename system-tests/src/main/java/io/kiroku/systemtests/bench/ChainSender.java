package io.kiroku.systemtests.bench;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Sends a prepared chain as fast as the connection takes it: the protocol has no other flow control than that of TCP. The
 * kernel copies the file into the socket, so that sending costs next to nothing; a second thread reads the receipts.
 */
final class ChainSender implements AutoCloseable {
    private final PreparedChain chain;
    private final SocketChannel socket;
    private final DataInputStream in;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Thread sending;
    private final Thread receiving;

    /** Connects and greets; returns once the collector has answered. */
    ChainSender(PreparedChain chain, int port) throws IOException {
        this.chain = chain;
        this.socket = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        this.in = new DataInputStream(socket.socket().getInputStream());
        this.sending = Thread.ofPlatform().daemon().name("chain-send").unstarted(() -> attempt(this::send));
        this.receiving = Thread.ofPlatform().daemon().name("chain-receive").unstarted(() -> attempt(this::receive));
        ByteBuffer hello = chain.hello().duplicate();
        while (hello.hasRemaining()) {
            socket.write(hello);
        }
        if (!(next() instanceof Frame.Welcome)) {
            throw new IOException("the collector did not welcome the stream");
        }
    }

    /** Begins to send. */
    void start() {
        receiving.start();
        sending.start();
    }

    /** Waits for the receipt of the last segment. */
    void await() throws IOException, InterruptedException {
        receiving.join();
        Throwable failed = failure.get();
        if (failed != null) {
            throw new IOException("a chain was not taken whole", failed);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private interface Attempt {
        void make() throws IOException;
    }

    private void attempt(Attempt attempt) {
        try {
            attempt.make();
        } catch (IOException | RuntimeException failed) {
            failure.compareAndSet(null, failed);
            try {
                // Ends the other thread as well.
                socket.close();
            } catch (IOException closed) {
                failed.addSuppressed(closed);
            }
        }
    }

    private void send() throws IOException {
        try (FileChannel frames = FileChannel.open(chain.frames(), StandardOpenOption.READ)) {
            long length = frames.size();
            for (long at = 0; at < length; ) {
                at += frames.transferTo(at, length - at, socket);
            }
        }
    }

    private void receive() throws IOException {
        long sequence = 0;
        while (sequence < chain.segments()) {
            Frame frame = next();
            if (!(frame instanceof Frame.Receipt receipt)) {
                throw new IOException("expected a receipt, found " + frame);
            }
            sequence = receipt.sequence();
        }
    }

    private Frame next() throws IOException {
        int length = in.readInt();
        if (length < 1 || length > FrameCodec.MOST_FROM_COLLECTOR) {
            throw new IOException("expected a frame from the collector, found a length of " + length);
        }
        try {
            return FrameCodec.decode(ByteBuffer.wrap(in.readNBytes(length)));
        } catch (MalformedException malformed) {
            throw new IOException(malformed);
        }
    }
}
