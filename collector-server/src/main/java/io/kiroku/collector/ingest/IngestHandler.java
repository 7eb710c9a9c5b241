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
import io.netty.channel.socket.DuplexChannel;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One connection: brings its bytes to an {@link IngestSession} as events and does what that wants done. Reading stops
 * while anything speaks against it, so that whatever an agent sends, the memory it takes here is bounded. All methods but
 * {@link #post} run on the connection's event loop.
 */
final class IngestHandler extends ChannelInboundHandlerAdapter {
    /** How much is dropped, unread, of what an agent sends after it was refused. */
    private static final long MOST_DROPPED = 64 << 20;

    private static final long LEAST_TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Why nothing is read at the moment. */
    private enum Hold {
        /** Too many bytes of all connections are not on stable storage. */
        BUDGET,
        /** Too much of this connection is not on stable storage. */
        UNSTORED,
        /** The agent does not read what it is sent. */
        UNREAD,
        /** The session waits for an answer from the store. */
        LOOK_UP
    }

    private final IngestServer server;
    private final Channel channel;
    private final IngestSession session;
    private final FrameAssembler assembler;
    private final Deque<ByteBuf> backlog = new ArrayDeque<>();
    private final Set<Hold> holds = EnumSet.noneOf(Hold.class);
    private final AtomicLong unstoredBytes = new AtomicLong();
    private final AtomicLong unstoredSegments = new AtomicLong();

    private Budget.@Nullable Waiter waiting;
    private @Nullable Lease lookedUp;
    private @Nullable Future<?> timer;
    private boolean ending;
    private long dropped;

    IngestHandler(IngestServer server, Channel channel) {
        this.server = server;
        this.channel = channel;
        this.assembler = new FrameAssembler(channel.alloc());
        this.session = server.newSession(this::post, TlsAdmission.key(channel));
    }

    /** The memory of one frame and its part of the budget: given back by whoever has it last, once, from any thread. */
    private final class Lease {
        private final ByteBuf frame;
        private boolean handedOn;

        private Lease(ByteBuf frame) {
            this.frame = frame;
        }

        /** Somebody else gives it back now. */
        private Runnable handOn() {
            handedOn = true;
            return this::giveBack;
        }

        private Runnable handOnUntilStored() {
            handedOn = true;
            unstoredBytes.addAndGet(frame.capacity());
            unstoredSegments.incrementAndGet();
            return () -> {
                long left = unstoredBytes.addAndGet(-frame.capacity());
                if (unstoredSegments.decrementAndGet() == 0
                        || left < server.limits().connectionBytes()) {
                    onEventLoop(() -> lift(Hold.UNSTORED));
                }
                giveBack();
            };
        }

        private void giveBack() {
            int bytes = frame.capacity();
            frame.release();
            server.budget().giveBack(bytes);
        }
    }

    private void onEventLoop(Runnable task) {
        try {
            channel.eventLoop().execute(task);
        } catch (RejectedExecutionException ended) {
            // The server is closing, and the connection is closed with it.
        }
    }

    /** Brings an event from any thread. */
    private void post(IngestEvent event) {
        onEventLoop(() -> step(event, null));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        armTimer();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (ending) {
            drop(bytes);
        } else {
            backlog.add(bytes);
            process();
        }
    }

    private void drop(ByteBuf bytes) {
        dropped += bytes.readableBytes();
        bytes.release();
        if (dropped > MOST_DROPPED) {
            channel.close();
        }
    }

    private void process() {
        while (holds.isEmpty() && !ending && !backlog.isEmpty()) {
            ByteBuf bytes = backlog.getFirst();
            take(bytes);
            if (!ending && !bytes.isReadable()) {
                backlog.removeFirst().release();
            }
        }
    }

    /** Takes bytes up to the end of one frame. */
    private void take(ByteBuf bytes) {
        if (!assembler.begun()) {
            if (!assembler.readLength(bytes) || !admit(assembler.length())) {
                return;
            }
            assembler.begin();
        }
        ByteBuf frame = assembler.fill(bytes);
        if (frame != null) {
            deliver(frame);
        }
    }

    private boolean admit(long length) {
        if (length < 1 || length > session.mostFrame()) {
            step(
                    new IngestEvent.Malformed(
                            length >>> 24 == TlsEntrance.HANDSHAKE
                                    ? "expected a frame, found the beginning of TLS, which this collector does not"
                                            + " speak without --tls DIR"
                                    : "expected a frame of 1 to %d bytes, found one that says it has %d"
                                            .formatted(session.mostFrame(), length)),
                    null);
            return false;
        }
        if (server.budget().take(length)) {
            return true;
        }
        hold(Hold.BUDGET);
        Budget.Waiter waiter = new Budget.Waiter(length, () -> onEventLoop(this::granted));
        waiting = waiter;
        server.budget().await(waiter);
        return false;
    }

    private void granted() {
        Budget.Waiter waiter = waiting;
        waiting = null;
        if (waiter == null) {
            return;
        }
        if (ending) {
            server.budget().giveBack(waiter.bytes());
        } else {
            assembler.begin();
            lift(Hold.BUDGET);
        }
    }

    private void deliver(ByteBuf frame) {
        Lease lease = new Lease(frame);
        server.counts().received(frame.capacity());
        ByteBuffer bytes = frame.nioBuffer();
        IngestEvent event;
        try {
            event = new IngestEvent.Received(FrameCodec.decode(bytes));
        } catch (MalformedException malformed) {
            event = new IngestEvent.Malformed(String.valueOf(malformed.getMessage()));
        }
        step(event, lease);
    }

    /** Does what the session wants. The memory of the frame that it was about goes on with what needs it. */
    private void step(IngestEvent event, @Nullable Lease lease) {
        for (IngestAction action : session.step(event, server.now())) {
            switch (action) {
                case IngestAction.Send send -> send(send.frame());
                case IngestAction.Store store ->
                    server.commits().store(store.accepted(), present(lease).handOnUntilStored());
                case IngestAction.PutAside aside ->
                    server.commits()
                            .putAside(
                                    aside.stream(),
                                    aside.bytes(),
                                    peer(),
                                    aside.why(),
                                    present(lease).handOn());
                case IngestAction.LookUp lookUp -> {
                    hold(Hold.LOOK_UP);
                    present(lease).handOn();
                    lookedUp = lease;
                    server.lookUp(lookUp, this::answer);
                }
                case IngestAction.Supersede supersede -> supersede.older().accept(new IngestEvent.Superseded());
                case IngestAction.CountAhead _ -> server.counts().ahead();
                case IngestAction.Say say -> server.say("%s: %s".formatted(peer(), say.sentence()));
                case IngestAction.Close _ -> end();
            }
        }
        if (lease != null && !lease.handedOn) {
            lease.giveBack();
        }
        if (isFull()) {
            hold(Hold.UNSTORED);
        }
        channel.flush();
    }

    private static Lease present(@Nullable Lease lease) {
        if (lease == null) {
            throw new IllegalStateException("an action on a frame that is not there");
        }
        return lease;
    }

    /** The answer to a look-up, from any thread. */
    private void answer(IngestEvent event) {
        onEventLoop(() -> {
            Lease lease = lookedUp;
            lookedUp = null;
            if (lease != null) {
                lease.handedOn = false;
                step(event, lease);
                lift(Hold.LOOK_UP);
            }
        });
    }

    private void send(Frame frame) {
        server.counts().sent(frame);
        if (frame instanceof Frame.Welcome) {
            server.engaged(channel);
        }
        channel.write(Unpooled.wrappedBuffer(FrameCodec.encode(frame)));
    }

    private boolean isFull() {
        return unstoredBytes.get() >= server.limits().connectionBytes()
                || unstoredSegments.get() >= server.limits().connectionSegments();
    }

    private void hold(Hold reason) {
        holds.add(reason);
        channel.config().setAutoRead(false);
    }

    private void lift(Hold reason) {
        if (reason == Hold.UNSTORED && isFull()) {
            return;
        }
        if (holds.remove(reason) && holds.isEmpty()) {
            process();
            if (holds.isEmpty()) {
                channel.config().setAutoRead(true);
            }
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (channel.isWritable()) {
            lift(Hold.UNREAD);
        } else if (!ending) {
            hold(Hold.UNREAD);
        }
    }

    /**
     * Ends the connection so that the agent can read why: what it still sends is read and dropped for a while, because a
     * socket that is closed with unread bytes sends a reset, which destroys what is on its way (RFC 2525, section 2.17).
     */
    private void end() {
        if (ending) {
            return;
        }
        ending = true;
        stopTimer();
        giveUp();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> {
            if (channel instanceof DuplexChannel duplex && sent.isSuccess()) {
                duplex.shutdownOutput().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
            } else {
                channel.close();
            }
        });
        holds.clear();
        channel.config().setAutoRead(true);
        channel.eventLoop()
                .schedule(() -> channel.close(), server.limits().linger().toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Gives back what was taken for frames that will not be handled any more. */
    private void giveUp() {
        backlog.forEach(ByteBuf::release);
        backlog.clear();
        server.budget().giveBack(assembler.abandon());
        Budget.Waiter waiter = waiting;
        if (waiter != null && server.budget().leave(waiter)) {
            waiting = null;
        }
    }

    private void armTimer() {
        long delay = session.deadlineNanos() - server.now().bootNanos();
        timer = channel.eventLoop().schedule(this::tick, Math.max(delay, LEAST_TICK_NANOS), TimeUnit.NANOSECONDS);
    }

    /** An agent that is not listened to cannot be blamed for its silence. */
    private void tick() {
        if (holds.isEmpty() && unstoredSegments.get() == 0) {
            step(new IngestEvent.Tick(), null);
        }
        if (!ending) {
            armTimer();
        }
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        step(new IngestEvent.Closed(), null);
        if (!ending) {
            ending = true;
            stopTimer();
            giveUp();
        }
        server.counts().open.decrementAndGet();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        server.say("%s: the connection broke: %s".formatted(peer(), TlsFailure.sentence(cause)));
        context.close();
    }

    private String peer() {
        return String.valueOf(channel.remoteAddress());
    }
}
