package io.kiroku.agent.ship;

import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** One request for a certificate on a connection of its own, with one answer. */
final class EnrolmentCall {
    /** The collector may ask others, and waits for them. */
    private static final int PATIENCE_SECONDS = 20;

    private EnrolmentCall() {}

    /**
     * Asks and waits for the answer, at most 20 s.
     *
     * @param tls the agent's side of a TLS connection
     * @throws IOException with one sentence if there is no answer
     */
    static Frame ask(InetSocketAddress collector, Function<ByteBufAllocator, SslHandler> tls, Frame.Enrol request)
            throws IOException, InterruptedException {
        CompletableFuture<Frame> answer = new CompletableFuture<>();
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("enrol-call", true), NioIoHandler.newFactory());
        try {
            new Bootstrap()
                    .group(group)
                    .channel(NioSocketChannel.class)
                    .handler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel opened) {
                            SslHandler handler = tls.apply(opened.alloc());
                            handler.handshakeFuture().addListener(shaken -> {
                                if (shaken.isSuccess()) {
                                    opened.writeAndFlush(Unpooled.wrappedBuffer(FrameCodec.encode(request)));
                                } else {
                                    answer.completeExceptionally(shaken.cause());
                                }
                            });
                            opened.pipeline()
                                    .addLast(
                                            handler,
                                            new LengthFieldBasedFrameDecoder(
                                                    4 + FrameCodec.MOST_FROM_COLLECTOR, 0, 4, 0, 4),
                                            new Answer(answer));
                        }
                    })
                    .connect(collector)
                    .addListener((ChannelFuture connected) -> {
                        if (!connected.isSuccess()) {
                            answer.completeExceptionally(connected.cause());
                        }
                    });
            return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException failure) {
            Throwable cause = failure.getCause();
            throw new IOException(Unreached.sentence(cause == null ? failure : cause), failure);
        } catch (TimeoutException late) {
            throw new IOException("no answer within %d s".formatted(PATIENCE_SECONDS), late);
        } finally {
            group.shutdownGracefully(0, 2, TimeUnit.SECONDS);
        }
    }

    private static final class Answer extends SimpleChannelInboundHandler<ByteBuf> {
        private final CompletableFuture<Frame> answer;

        private Answer(CompletableFuture<Frame> answer) {
            this.answer = answer;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) throws Exception {
            answer.complete(FrameCodec.decode(frame.nioBuffer()));
            context.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            answer.completeExceptionally(new IOException("the connection was closed"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            answer.completeExceptionally(cause);
            context.close();
        }
    }
}
