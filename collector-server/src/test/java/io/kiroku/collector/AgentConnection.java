package io.kiroku.collector;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;

/** A hand-made agent's end of a connection: a plain socket that blocks, but not for ever. */
public final class AgentConnection implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 30_000;

    private final Socket socket;
    private final DataInputStream in;

    public AgentConnection(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    /** @param connected of any kind */
    public AgentConnection(Socket connected) throws IOException {
        socket = connected;
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
    }

    /** Connects, greets, and takes the answer. */
    public static AgentConnection greet(int port, PretendAgent agent) throws IOException {
        AgentConnection connection = new AgentConnection(port);
        connection.send(agent.hello());
        return connection;
    }

    public void send(Frame frame) throws IOException {
        sendBytes(FrameCodec.encode(frame));
    }

    public void send(ByteBuffer segment) throws IOException {
        send(new Frame.SegmentFrame(segment));
    }

    public void sendBytes(ByteBuffer bytes) throws IOException {
        socket.getOutputStream().write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
    }

    public Frame receive() throws IOException {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        try {
            return FrameCodec.decode(ByteBuffer.wrap(frame));
        } catch (MalformedException malformed) {
            throw new AssertionError(malformed);
        }
    }

    public <T extends Frame> T receive(Class<T> type) throws IOException {
        return type.cast(receive());
    }

    /** Takes receipts until there is one for that segment or a later one. */
    public Frame.Receipt receiptFor(long sequence) throws IOException {
        Frame.Receipt receipt = receive(Frame.Receipt.class);
        while (receipt.sequence() < sequence) {
            receipt = receive(Frame.Receipt.class);
        }
        return receipt;
    }

    /** Whether the collector has closed its end: nothing more comes. */
    public boolean isAtEnd() throws IOException {
        return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
