package io.kiroku.agent.ship;

import io.kiroku.agent.ring.Ring;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
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
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Does what {@link Shipping} says, on one event loop with one connection. */
public final class Shipper implements AutoCloseable {
    private final Ring ring;
    private final Frame.Hello hello;
    private final InetSocketAddress collector;
    private final Shipping shipping;
    private final Consumer<Frame.Receipt> acknowledged;
    private final MultiThreadIoEventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("ship", true), NioIoHandler.newFactory());
    private final EventLoop loop = (EventLoop) group.next();

    private @Nullable Channel channel;
    private Ring.@Nullable Cursor cursor;
    private volatile boolean streaming;
    private volatile String notice = "";

    /**
     * @param hello how the agent greets
     * @param acknowledged told of every receipt, on the event loop
     */
    public Shipper(
            Ring ring,
            Frame.Hello hello,
            InetSocketAddress collector,
            RandomGenerator random,
            Consumer<Frame.Receipt> acknowledged) {
        this.ring = ring;
        this.hello = hello;
        this.collector = collector;
        this.shipping = new Shipping(hello.stream(), random);
        this.acknowledged = acknowledged;
    }

    public void start() {
        loop.execute(this::tick);
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
        step(new Shipping.Event.Tick());
        loop.schedule(this::tick, 50, TimeUnit.MILLISECONDS);
    }

    private void step(Shipping.Event event) {
        act(shipping.step(event, System.nanoTime()));
        send();
    }

    private void act(List<Shipping.Action> actions) {
        for (Shipping.Action action : actions) {
            switch (action) {
                case Shipping.Action.Connect _ -> connect();
                case Shipping.Action.Greet _ -> write(Unpooled.wrappedBuffer(FrameCodec.encode(hello)));
                case Shipping.Action.Begin begin -> begin(begin.head());
                case Shipping.Action.Acknowledge acknowledge -> {
                    ring.acknowledge(acknowledge.receipt().sequence());
                    acknowledged.accept(acknowledge.receipt());
                }
                case Shipping.Action.Disconnect _ -> disconnect();
            }
        }
        publish();
    }

    private void publish() {
        streaming = shipping.isStreaming();
        notice = shipping.notice().isEmpty() ? "" : "collector at %s: %s".formatted(collector, shipping.notice());
    }

    private void connect() {
        new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 5000)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel opened) {
                        opened.pipeline()
                                .addLast(new LengthFieldBasedFrameDecoder(
                                        4 + FrameCodec.MOST_FROM_COLLECTOR, 0, 4, 0, 4))
                                .addLast(new Incoming());
                    }
                })
                .connect(collector)
                .addListener((ChannelFuture future) -> {
                    if (future.isSuccess()) {
                        channel = future.channel();
                        step(new Shipping.Event.Connected());
                    } else {
                        step(new Shipping.Event.Disconnected(
                                String.valueOf(future.cause().getMessage())));
                    }
                });
    }

    private void begin(Frame.@Nullable Head head) {
        long now = System.nanoTime();
        try {
            cursor = cursorBehind(head);
            shipping.streamFrom(now);
        } catch (IOException | MalformedException misfit) {
            act(shipping.refuse(String.valueOf(misfit.getMessage()), now));
        }
    }

    /** The place in the ring behind the collector's end of the stream, if that is the stream that is in the ring. */
    private Ring.Cursor cursorBehind(Frame.@Nullable Head head) throws IOException, MalformedException {
        Ring.Standing standing = ring.standing();
        if (head == null) {
            return ring.cursorAt(standing.oldest() == 0 ? standing.newest() + 1 : standing.oldest());
        }
        if (head.sequence() > standing.durable()) {
            throw new IOException("the collector has segment %d of this stream, the ring ends with %d"
                    .formatted(head.sequence(), standing.durable()));
        }
        if (head.sequence() + 1 < standing.oldest()) {
            throw new IOException("the collector has this stream up to segment %d, the ring begins with %d"
                    .formatted(head.sequence(), standing.oldest()));
        }
        if (head.sequence() + 1 == standing.oldest()) {
            return ring.cursorAt(standing.oldest());
        }
        Ring.Cursor at = ring.cursorAt(head.sequence());
        ByteBuffer bytes = at.read();
        if (bytes == null || !Segment.of(bytes).hash().equals(head.hash())) {
            throw new IOException("the collector has another segment %d than the ring".formatted(head.sequence()));
        }
        ring.acknowledge(head.sequence());
        return at;
    }

    private void send() {
        if (channel == null || cursor == null) {
            return;
        }
        try {
            while (shipping.maySend() && channel.isWritable()) {
                long sequence = cursor.next();
                ByteBuffer segment = cursor.read();
                if (segment == null) {
                    return;
                }
                Octets hash = Segment.of(segment).hash();
                ByteBuf frame = channel.alloc().directBuffer(FrameCodec.SEGMENT_PREFIX + segment.remaining());
                frame.writeBytes(FrameCodec.segmentPrefix(segment.remaining()));
                int length = segment.remaining();
                frame.writeBytes(segment);
                shipping.sent(sequence, length, hash, System.nanoTime());
                write(frame);
            }
        } catch (IOException | MalformedException damaged) {
            act(shipping.refuse("the ring cannot be read: " + damaged.getMessage(), System.nanoTime()));
        }
    }

    private void write(ByteBuf frame) {
        if (channel == null) {
            frame.release();
        } else {
            channel.writeAndFlush(frame, channel.voidPromise());
        }
    }

    private void disconnect() {
        Channel open = channel;
        channel = null;
        cursor = null;
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
            gone(context, String.valueOf(cause.getMessage()));
            context.close();
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
    }
}
