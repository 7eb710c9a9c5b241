package io.kiroku.collector.ingest;

import io.kiroku.collector.agents.AgentRegister;
import io.kiroku.collector.enrol.Enrolments;
import io.kiroku.collector.store.CollectorIdentity;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.verify.SegmentCheck;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import io.kiroku.tls.TlsContext;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens for agents. Segments are verified on the connections' event loops and given to the {@link Intake}. */
public final class IngestServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IngestServer.class);
    private static final int MOST_LOOK_UPS = 256;
    private static final int BACKLOG = 1024;

    /** Two at least, so that a stream that is being verified does not keep all others from being read. */
    private static final int EVENT_LOOPS = Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 16);

    private final CollectorIdentity identity;
    private final AgentRegister register;
    private final StoreReader reader;
    private final IngestLimits limits;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Intake intake;
    private final Budget budget;
    private final IngestCounts counts = new IngestCounts();
    private final LogLimit log;
    private final Places<Channel> places;

    /** A check's buffers are large: one for each event loop, not for each connection. */
    private final FastThreadLocal<SegmentCheck> segmentChecks = new FastThreadLocal<>() {
        @Override
        protected SegmentCheck initialValue() {
            return new SegmentCheck();
        }
    };

    private final ThreadPoolExecutor lookUps = new ThreadPoolExecutor(
            1,
            1,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_LOOK_UPS),
            Thread.ofPlatform().daemon().name("look-up").factory());

    private final EventLoopGroup loops;
    private final @Nullable TlsAdmission admission;
    private final @Nullable EnrolmentDesk desk;
    private final @Nullable Future<?> refreshing;
    private @Nullable Channel listening;

    /**
     * How agents are spoken to over TLS.
     *
     * @param context the collector's side
     * @param enrolments who is given a certificate; empty if nobody is
     */
    public record Tls(TlsContext context, Optional<Enrolments> enrolments) {}

    private IngestServer(
            Optional<Tls> tls,
            AgentRegister register,
            Intake intake,
            StoreReader reader,
            CollectorIdentity identity,
            IngestLimits limits,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.register = register;
        this.reader = reader;
        this.identity = identity;
        this.limits = limits;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.intake = intake;
        this.budget = new Budget(limits.unstoredBytes());
        this.log = new LogLimit(nanoTime);
        this.places = new Places<>(limits.connections(), limits.connectionsOfAnAddress(), this::displaced);
        this.lookUps.allowCoreThreadTimeOut(true);
        this.loops = new MultiThreadIoEventLoopGroup(
                EVENT_LOOPS,
                new DefaultThreadFactory("ingest", true),
                Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        TlsAdmission letsIn =
                tls.isEmpty() ? null : new TlsAdmission(this, tls.get().context(), register);
        this.admission = letsIn;
        this.desk = tls.flatMap(Tls::enrolments)
                .map(enrolments -> new EnrolmentDesk(enrolments, tls.get().context(), nanoTime))
                .orElse(null);
        long every = TlsContext.REFRESH.toMillis();
        this.refreshing = letsIn == null
                ? null
                : GlobalEventExecutor.INSTANCE.scheduleWithFixedDelay(
                        letsIn::refresh, every, every, TimeUnit.MILLISECONDS);
    }

    /**
     * Listens on that address.
     *
     * @param tls of the connections; if empty, they are in plain text
     * @param register who may send for which node
     * @param intake where segments go
     * @param reader of the same store
     * @param clock for receipts
     * @param nanoTime for time-outs
     * @throws IOException if the address cannot be had
     */
    public static IngestServer start(
            InetSocketAddress address,
            Optional<Tls> tls,
            AgentRegister register,
            Intake intake,
            StoreReader reader,
            CollectorIdentity identity,
            IngestLimits limits,
            InstantSource clock,
            LongSupplier nanoTime)
            throws IOException {
        IngestServer server = new IngestServer(tls, register, intake, reader, identity, limits, clock, nanoTime);
        try {
            server.listening = server.bind(address);
            return server;
        } catch (IOException unavailable) {
            server.close();
            throw unavailable;
        }
    }

    private Channel bind(InetSocketAddress address) throws IOException {
        Class<? extends ServerChannel> type =
                Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channel(type)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, false)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (!places.enter(channel, channel.remoteAddress())) {
                            turnAway(channel);
                            return;
                        }
                        channel.closeFuture().addListener(_ -> places.leave(channel));
                        if (admission == null) {
                            admit(channel);
                        } else {
                            admission.begin(channel, IngestServer.this::admit);
                        }
                    }
                });
        var bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "expected to listen on %s:%d, found that this cannot be had: %s"
                            .formatted(
                                    address.getHostString(),
                                    address.getPort(),
                                    bound.cause().getMessage()),
                    bound.cause());
        }
        return bound.channel();
    }

    /** Before TLS nothing can be said; a plain connection is told why. */
    private void turnAway(Channel channel) {
        counts.turnedAway();
        String why = "expected at most %d connections, and %d of an address, found one more"
                .formatted(limits.connections(), limits.connectionsOfAnAddress());
        say("%s: refused: %s".formatted(channel.remoteAddress(), why));
        if (admission != null) {
            channel.close();
            return;
        }
        Frame refusal = new Frame.Refusal(Frame.RefusalCode.UNAVAILABLE, 0, why);
        counts.sent(refusal);
        channel.writeAndFlush(Unpooled.wrappedBuffer(FrameCodec.encode(refusal)))
                .addListener(ChannelFutureListener.CLOSE);
    }

    /** Ends a connection that has not greeted: others have none at all. */
    void displaced(Channel channel) {
        counts.turnedAway();
        say("%s: closed: it says nothing, and its place is needed".formatted(channel.remoteAddress()));
        channel.close();
    }

    /** Somebody whom this collector speaks with: nobody takes his place. */
    void engaged(Channel channel) {
        places.engage(channel);
    }

    private void admit(Channel channel) {
        counts.open.incrementAndGet();
        channel.pipeline()
                .addLast(desk == null ? new IngestHandler(this, channel) : new EnrolmentHandler(this, desk, channel));
    }

    /** @param key that the connection was made with, empty in plain text */
    IngestSession newSession(Consumer<IngestEvent> mailbox, Optional<String> key) {
        return new IngestSession(
                intake.heads(),
                segmentChecks.get(),
                identity,
                limits,
                mailbox,
                now(),
                hello -> register.deny(hello.node(), hello.stream(), key));
    }

    /** Answers by {@link IngestEvent.LookedUp}, or {@link IngestEvent.Unavailable}, on another thread or this one. */
    void lookUp(IngestAction.LookUp question, Consumer<IngestEvent> answer) {
        try {
            lookUps.execute(() -> {
                IngestEvent event;
                try {
                    event = new IngestEvent.LookedUp(reader.hashOf(question.stream(), question.sequence()));
                } catch (IOException | RuntimeException failure) {
                    event = new IngestEvent.Unavailable("the store cannot be read: " + failure.getMessage());
                }
                answer.accept(event);
            });
        } catch (RejectedExecutionException tooMany) {
            answer.accept(new IngestEvent.Unavailable("too many repeated segments are being looked up"));
        }
    }

    Instant wallClock() {
        return clock.instant();
    }

    Timestamp now() {
        Instant wall = clock.instant();
        return new Timestamp(TimeUnit.SECONDS.toNanos(wall.getEpochSecond()) + wall.getNano(), nanoTime.getAsLong());
    }

    /** Logs a sentence, to which the full stop is added, unless there were too many. */
    void say(String sentence) {
        log.say(LOG, sentence);
    }

    IngestLimits limits() {
        return limits;
    }

    Budget budget() {
        return budget;
    }

    CommitThread commits() {
        return intake.commits();
    }

    public IngestCounts counts() {
        return counts;
    }

    /** How many streams have a connection. */
    public long streamsConnected() {
        return intake.heads().connected();
    }

    /** Bytes received and not yet on stable storage. */
    public long unstoredBytes() {
        return limits.unstoredBytes() - budget.left();
    }

    /** Why nothing can be stored at the moment, in a sentence; null if it can. */
    public @Nullable String trouble() {
        return intake.trouble();
    }

    /** The port that is listened on. */
    public int port() {
        Channel bound = listening;
        if (bound == null) {
            throw new IllegalStateException("not listening");
        }
        return ((InetSocketAddress) bound.localAddress()).getPort();
    }

    /** Closes all connections. What was accepted is stored by {@link Intake#close()}, if not before. */
    @Override
    public void close() {
        if (refreshing != null) {
            refreshing.cancel(false);
        }
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        lookUps.shutdownNow();
        if (desk != null) {
            desk.close();
        }
    }
}
