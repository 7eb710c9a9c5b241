package io.kiroku.agent.ship;

import io.kiroku.agent.os.Machine;
import io.kiroku.agent.ring.Ring;
import io.kiroku.agent.seal.CollectorClock;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import io.kiroku.tls.TlsContext;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Does what {@link RingShipping} says, on one event loop with one connection. */
public final class Shipper implements AutoCloseable {
    private static final int CONNECT_TIMEOUT_MILLIS = 5000;

    /** With the time to connect, less than {@link Shipping} waits for a connection. */
    private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(4);

    /**
     * Where segments go.
     *
     * @param tls how it is spoken to; null for plain text
     * @param name that its certificate has to be issued to
     */
    public record Destination(
            InetSocketAddress address, @Nullable TlsContext tls, String name) {}

    private final InetSocketAddress collector;
    private volatile @Nullable Destination destination;
    private final RingShipping shipping;
    private final MultiThreadIoEventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("ship", true), NioIoHandler.newFactory());
    private final EventLoop loop = (EventLoop) group.next();

    private @Nullable Channel channel;
    private @Nullable ScheduledFuture<?> tick;
    private long tickAt;
    private volatile boolean streaming;
    private volatile String notice = "";

    /**
     * @param junction where sending begins
     * @param hello how the agent greets
     * @param collector where segments go
     * @param clock is told what the collector's messages say of its clock
     * @param acknowledged told of every receipt, on the event loop
     */
    public Shipper(
            Ring ring,
            Junction junction,
            Frame.Hello hello,
            InetSocketAddress collector,
            CollectorClock clock,
            RandomGenerator random,
            Consumer<Frame.Receipt> acknowledged) {
        this.collector = collector;
        this.shipping = new RingShipping(ring, junction, hello, clock, random, acknowledged);
    }

    /**
     * Begins to send.
     *
     * @param known whose TLS this closes
     */
    public void start(Destination known) {
        destination = known;
        loop.execute(this::tick);
        TlsContext tls = known.tls();
        if (tls != null) {
            long every = TlsContext.REFRESH.toMillis();
            loop.scheduleWithFixedDelay(tls::refresh, every, every, TimeUnit.MILLISECONDS);
        }
    }

    /** There may be more durable segments. From any thread. */
    public void wake() {
        loop.execute(this::send);
    }

    public boolean isStreaming() {
        return streaming;
    }

    /** The last trouble, a sentence; empty if there is none now. */
    public String notice() {
        return notice;
    }

    private void tick() {
        tick = null;
        step(new Shipping.Event.Tick());
    }

    /** A tick that comes too early only finds out when the next is due, so one that is awaited is not put off. */
    private void awaitDeadline() {
        long deadline = shipping.deadline();
        if (deadline == Long.MAX_VALUE || (tick != null && tickAt <= deadline)) {
            return;
        }
        if (tick != null) {
            tick.cancel(false);
        }
        tickAt = deadline;
        tick = loop.schedule(this::tick, Math.max(0, deadline - Machine.bootTimeNanos()), TimeUnit.NANOSECONDS);
    }

    private void step(Shipping.Event event) {
        act(shipping.step(event, Machine.bootTimeNanos()));
        send();
    }

    private void act(List<RingShipping.Action> actions) {
        actions.forEach(this::act);
        publish();
    }

    private void act(RingShipping.Action action) {
        switch (action) {
            case RingShipping.Action.Connect _ -> connect();
            case RingShipping.Action.Send send -> write(send.frame());
            case RingShipping.Action.Disconnect _ -> disconnect();
        }
    }

    private void publish() {
        streaming = shipping.isStreaming();
        notice = shipping.notice().isEmpty() ? "" : "%s: %s".formatted(Unreached.at(collector), shipping.notice());
    }

    private void connect() {
        Destination to = known();
        new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel opened) {
                        TlsContext tls = to.tls();
                        if (tls != null) {
                            opened.pipeline()
                                    .addLast(tls.handler(
                                            opened.alloc(), to.name(), collector.getPort(), HANDSHAKE_TIMEOUT));
                        }
                        opened.pipeline()
                                .addLast(new LengthFieldBasedFrameDecoder(
                                        4 + FrameCodec.MOST_FROM_COLLECTOR, 0, 4, 0, 4))
                                .addLast(new Incoming());
                    }
                })
                .connect(collector)
                .addListener((ChannelFuture future) -> {
                    if (!future.isSuccess()) {
                        step(new Shipping.Event.Disconnected(Unreached.sentence(future.cause())));
                        return;
                    }
                    SslHandler tls = future.channel().pipeline().get(SslHandler.class);
                    if (tls == null) {
                        connected(future.channel());
                    } else {
                        tls.handshakeFuture().addListener(shaken -> {
                            if (shaken.isSuccess()) {
                                connected(future.channel());
                            } else {
                                step(new Shipping.Event.Disconnected(Unreached.sentence(shaken.cause())));
                            }
                        });
                    }
                });
    }

    private Destination known() {
        Destination known = destination;
        if (known == null) {
            throw new IllegalStateException("not started");
        }
        return known;
    }

    private void connected(Channel opened) {
        channel = opened;
        step(new Shipping.Event.Connected());
    }

    private void send() {
        if (destination == null) {
            return;
        }
        while (channel != null && channel.isWritable()) {
            RingShipping.Action next = shipping.next(Machine.bootTimeNanos());
            if (next == null) {
                break;
            }
            act(List.of(next));
        }
        awaitDeadline();
    }

    private void write(Frame frame) {
        if (channel != null) {
            channel.writeAndFlush(encode(frame, channel.alloc()), channel.voidPromise());
        }
    }

    /** A segment lies in a buffer that its cursor uses again, so it is copied: once. */
    private static ByteBuf encode(Frame frame, ByteBufAllocator allocator) {
        if (frame instanceof Frame.SegmentFrame(ByteBuffer segment)) {
            return allocator
                    .directBuffer(FrameCodec.SEGMENT_PREFIX + segment.remaining())
                    .writeBytes(FrameCodec.segmentPrefix(segment.remaining()))
                    .writeBytes(segment.duplicate());
        }
        return Unpooled.wrappedBuffer(FrameCodec.encode(frame));
    }

    private void disconnect() {
        Channel open = channel;
        channel = null;
        if (open != null) {
            open.close();
        }
    }

    /** Frames from the collector; all on the event loop. */
    private final class Incoming extends SimpleChannelInboundHandler<ByteBuf> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) throws MalformedException {
            if (context.channel().equals(channel)) {
                step(new Shipping.Event.Received(FrameCodec.decode(frame.nioBuffer())));
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            send();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            gone(context, "the connection was closed");
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            gone(context, sentence(cause));
            context.close();
        }

        /** A collector that speaks TLS answers a plain greeting by an alert, or a refusal that is no frame. */
        private String sentence(Throwable cause) {
            return known().tls() == null && cause instanceof TooLongFrameException
                    ? "expected a frame, found other bytes: if the collector speaks TLS, the agent needs --tls DIR"
                    : Unreached.sentence(cause);
        }

        private void gone(ChannelHandlerContext context, String reason) {
            if (context.channel().equals(channel)) {
                disconnect();
                step(new Shipping.Event.Disconnected(reason));
                publish();
            }
        }
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
        Destination known = destination;
        TlsContext tls = known == null ? null : known.tls();
        if (tls != null) {
            tls.close();
        }
    }
}
