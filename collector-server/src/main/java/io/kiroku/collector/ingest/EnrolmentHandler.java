package io.kiroku.collector.ingest;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import io.kiroku.tls.TlsFailure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the first frame of a connection. A request for a certificate is answered, and the connection ends. Anything else is for
 * an {@link IngestHandler}, if the agent has shown a certificate. All methods run on the connection's event loop.
 */
final class EnrolmentHandler extends ChannelInboundHandlerAdapter {
    private static final int LENGTH_FIELD = 4;

    private final IngestServer server;
    private final EnrolmentDesk desk;
    private final Channel channel;
    private final Optional<String> key;
    private @Nullable ByteBuf held;
    private @Nullable Future<?> timer;
    private boolean answering;
    private boolean handedOver;

    EnrolmentHandler(IngestServer server, EnrolmentDesk desk, Channel channel) {
        this.server = server;
        this.desk = desk;
        this.channel = channel;
        this.key = TlsAdmission.key(channel);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        timer = channel.eventLoop()
                .schedule(
                        () -> refuse("expected a greeting within %d s, found none"
                                .formatted(server.limits().greeting().toSeconds())),
                        server.limits().greeting().toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (answering) {
            bytes.release();
            return;
        }
        ByteBuf all =
                held == null ? bytes : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(context.alloc(), held, bytes);
        held = all;
        if (all.readableBytes() <= LENGTH_FIELD) {
            return;
        }
        if (all.getByte(all.readerIndex() + LENGTH_FIELD) == FrameCodec.ENROL) {
            take(all);
        } else if (key.isPresent()) {
            handOver(context, all);
        } else {
            refuse("expected a certificate of the agent, found none, and nothing but a request for one is taken"
                    + " without: give the agent --enroll FILE or --tls DIR");
        }
    }

    private void handOver(ChannelHandlerContext context, ByteBuf bytes) {
        handedOver = true;
        held = null;
        stopTimer();
        context.pipeline().addLast(new IngestHandler(server, channel));
        context.fireChannelRead(bytes);
        context.pipeline().remove(this);
    }

    private void take(ByteBuf bytes) {
        long length = bytes.getUnsignedInt(bytes.readerIndex());
        if (length > FrameCodec.MOST_ENROL) {
            refuse("expected a request for a certificate of at most %d bytes, found one that says it has %d"
                    .formatted(FrameCodec.MOST_ENROL, length));
            return;
        }
        if (bytes.readableBytes() < LENGTH_FIELD + length) {
            return;
        }
        try {
            Frame frame = FrameCodec.decode(bytes.nioBuffer(bytes.readerIndex() + LENGTH_FIELD, (int) length));
            if (!(frame instanceof Frame.Enrol request)) {
                throw new IllegalStateException("another type of frame");
            }
            answering = true;
            stopTimer();
            desk.answer(request, key, channel.remoteAddress(), this::answered);
        } catch (MalformedException malformed) {
            refuse(String.valueOf(malformed.getMessage()));
        }
        letGo();
    }

    /** From any thread. */
    private void answered(Frame answer) {
        try {
            channel.eventLoop().execute(() -> {
                switch (answer) {
                    case Frame.Refusal refusal ->
                        server.say("%s: no certificate is given out: %s"
                                .formatted(channel.remoteAddress(), refusal.sentence()));
                    default -> server.say("%s: a certificate was given out".formatted(channel.remoteAddress()));
                }
                end(answer);
            });
        } catch (RejectedExecutionException ended) {
            // The server is closing, and the connection is closed with it.
        }
    }

    private void refuse(String sentence) {
        server.say("%s: refused: %s".formatted(channel.remoteAddress(), sentence));
        end(new Frame.Refusal(key.isEmpty() ? Frame.RefusalCode.IDENTITY : Frame.RefusalCode.PROTOCOL, 0, sentence));
    }

    private void end(Frame last) {
        answering = true;
        stopTimer();
        letGo();
        server.counts().sent(last);
        channel.writeAndFlush(Unpooled.wrappedBuffer(FrameCodec.encode(last))).addListener(ChannelFutureListener.CLOSE);
    }

    private void letGo() {
        ByteBuf bytes = held;
        held = null;
        if (bytes != null) {
            bytes.release();
        }
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (!handedOver) {
            answering = true;
            stopTimer();
            letGo();
            server.counts().open.decrementAndGet();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        server.say("%s: the connection broke: %s".formatted(channel.remoteAddress(), TlsFailure.sentence(cause)));
        context.close();
    }
}
