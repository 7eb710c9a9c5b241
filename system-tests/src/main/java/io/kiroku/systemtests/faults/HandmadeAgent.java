package io.kiroku.systemtests.faults;

import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.EpochSeal;
import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.chain.Ratchet;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentWriter;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;

/** An agent put together by hand from the format: it can seal what an honest one never would. */
public final class HandmadeAgent {
    private static final int FILE = 1;

    private final SecureRandom random = new SecureRandom();
    private final Identity identity = Identity.of(SigningKey.generate(random));
    private final Octets stream = identity.stream();
    private final String node;
    private final SegmentWriter writer = new SegmentWriter(random);
    private final Ratchet ratchet;
    private long offset;

    public HandmadeAgent(String node) {
        this.node = node;
        SigningKey first = SigningKey.generate(random);
        ChainHead beginning = new ChainHead(stream, 0, 0, Octets.zero(32), first.publicKey());
        this.ratchet = new Ratchet(beginning, first, Octets.zero(16), random);
    }

    public Octets stream() {
        return stream;
    }

    /** The path that its log is captured under. */
    public FilePath source() {
        return FilePath.of("/var/log/" + node + ".log");
    }

    /** Seals the chain's next segment with that text in it, and goes on from it. */
    public byte[] seal(String text) throws MalformedException {
        byte[] sealed = sealOnly(text);
        ratchet.advance(Segment.of(ByteBuffer.wrap(sealed)));
        offset += text.getBytes(StandardCharsets.UTF_8).length;
        return sealed;
    }

    /** Seals what might be the chain's next segment, and stays where it is: called twice, it forks the chain. */
    public byte[] sealOnly(String text) {
        ChainHead head = ratchet.head();
        if (head.sequence() == 0) {
            writer.state(EpochSeal.vouch(
                    Entry.EpochReason.FIRST,
                    FILE,
                    identity,
                    node,
                    1,
                    1,
                    head.hash(),
                    ratchet.key().publicKey()));
            writer.state(new Entry.File(FILE, source(), source(), new FileIdentity(1, 1, 1), 0, Fingerprint.NONE));
        }
        byte[] log = text.getBytes(StandardCharsets.UTF_8);
        writer.raw().put(log);
        writer.captured(FILE, offset, log.length);
        Timestamp now = new Timestamp(System.currentTimeMillis() * 1_000_000L, System.nanoTime());
        ByteBuffer sealed = ratchet.seal(writer, 1, now, head.sequence() == 0);
        byte[] bytes = new byte[sealed.remaining()];
        sealed.get(bytes);
        return bytes;
    }

    /** Connects, greets, and returns once the collector has answered. */
    public Conversation connect(int port) throws IOException, MalformedException {
        Conversation conversation = new Conversation(port);
        conversation.send(FrameCodec.encode(new Frame.Hello(Frame.VERSION, stream, node, "handmade")));
        conversation.answer = conversation.receive();
        return conversation;
    }

    /** A connection to a collector. */
    public static final class Conversation implements AutoCloseable {
        private static final int BOUND_MILLIS = 30_000;

        private final Socket socket;
        private final DataInputStream in;
        private Frame answer = new Frame.Refusal(Frame.RefusalCode.UNAVAILABLE, 0, "nothing was said yet");

        private Conversation(int port) throws IOException {
            this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
            this.socket.setSoTimeout(BOUND_MILLIS);
            this.in = new DataInputStream(socket.getInputStream());
        }

        /** What the collector answered to the greeting. */
        public Frame answer() {
            return answer;
        }

        public void sendSegment(byte[] segment) throws IOException {
            send(FrameCodec.encode(new Frame.SegmentFrame(ByteBuffer.wrap(segment))));
        }

        /** Sends bytes as they are, whether they are a frame or not. */
        public void send(ByteBuffer bytes) throws IOException {
            byte[] all = new byte[bytes.remaining()];
            bytes.get(all);
            socket.getOutputStream().write(all);
            socket.getOutputStream().flush();
        }

        /** How long to wait for what the collector says; 30 s unless said otherwise. */
        public void patience(Duration bound) throws IOException {
            socket.setSoTimeout(Math.toIntExact(bound.toMillis()));
        }

        /** The collector's next frame. */
        public Frame receive() throws IOException, MalformedException {
            int length = in.readInt();
            if (length < 1 || length > FrameCodec.MOST_FROM_COLLECTOR) {
                throw new MalformedException("frame: found a length of " + length);
            }
            return FrameCodec.decode(ByteBuffer.wrap(in.readNBytes(length)));
        }

        /** True if the collector has ended the connection, or does so in time, saying nothing more. */
        public boolean isEnded() {
            try {
                return in.read() < 0;
            } catch (SocketTimeoutException open) {
                return false;
            } catch (IOException reset) {
                return true;
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
