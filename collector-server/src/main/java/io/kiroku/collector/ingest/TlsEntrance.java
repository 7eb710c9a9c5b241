package io.kiroku.collector.ingest;

import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Stands between the network and TLS. Who speaks plain text is told so in plain text; and a connection that TLS ends is ended
 * so that the other side can read the alert: what it still sends is dropped for a while, because a socket that is closed with
 * unread bytes sends a reset, which destroys what is on its way (RFC 2525, section 2.17).
 */
final class TlsEntrance extends ChannelDuplexHandler {
    /** The first byte of a TLS connection: a record with a handshake message (RFC 8446, section 5.1). */
    static final int HANDSHAKE = 0x16;

    private static final Frame.Refusal PLAIN = new Frame.Refusal(
            Frame.RefusalCode.PROTOCOL,
            0,
            "expected TLS, found plain text: the agent has to be given --tls DIR to speak with this collector");

    private final IngestServer server;
    private final Duration linger;
    private boolean plain;
    private boolean begun;
    private boolean closing;

    TlsEntrance(IngestServer server, Duration linger) {
        this.server = server;
        this.linger = linger;
    }

    /** Whether the other side was refused because it speaks plain text. */
    boolean isPlain() {
        return plain;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (closing || !bytes.isReadable()) {
            ReferenceCountUtil.release(bytes);
            return;
        }
        if (!begun && bytes.getUnsignedByte(bytes.readerIndex()) != HANDSHAKE) {
            ReferenceCountUtil.release(bytes);
            plain = true;
            server.say("%s: expected TLS, found plain text: refused"
                    .formatted(context.channel().remoteAddress()));
            server.counts().sent(PLAIN);
            context.writeAndFlush(Unpooled.wrappedBuffer(FrameCodec.encode(PLAIN)));
            close(context, context.newPromise());
            return;
        }
        begun = true;
        context.fireChannelRead(bytes);
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        if (closing || !(context.channel() instanceof DuplexChannel duplex)) {
            context.close(promise);
            return;
        }
        closing = true;
        duplex.shutdownOutput();
        context.executor().schedule(() -> context.close(promise), linger.toNanos(), TimeUnit.NANOSECONDS);
        context.channel().config().setAutoRead(true);
    }
}
