package io.kiroku.collector.ingest;

import io.kiroku.collector.agents.AgentRegister.Denial;
import io.kiroku.collector.store.CollectorIdentity;
import io.kiroku.collector.store.StreamEnd;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.Lineage;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentHeader;
import io.kiroku.evidence.verify.SegmentCheck;
import io.kiroku.evidence.verify.SegmentCheck.Outcome;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.Frame.RefusalCode;
import io.kiroku.evidence.wire.FrameCodec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The collector's side of one connection, as a state machine: events in, actions out, no I/O, no clock, no thread. What it
 * shares with other connections are the {@link StreamHeads}.
 *
 * <p>An agent greets, is told where its stream ends here, and sends segments from there. Each is verified before anything
 * is done with it. One that the chain has passed is answered with a receipt if it is the same, and is a fork if it is not.
 * Whatever is refused ends the connection; what could be evidence of a fork or a forgery is put aside first.
 */
public final class IngestSession {
    /** No greeting is longer: a connection that has not greeted can make the collector keep no more than this. */
    static final int MOST_GREETING = 512;

    private enum State {
        GREETING,
        /** The agent has greeted, and what was accepted of its stream before is on its way to the disk. */
        SETTLING,
        STREAMING,
        LOOKING_UP,
        ENDED
    }

    private final StreamHeads heads;
    private final SegmentCheck segmentCheck;
    private final CollectorIdentity identity;
    private final IngestLimits limits;
    private final Consumer<IngestEvent> mailbox;
    private final ClockWatch clocks = new ClockWatch();
    private final Objections objections;
    private final List<IngestAction> actions = new ArrayList<>();

    private State state = State.GREETING;
    private long wallNanos;
    private long deadlineNanos;
    private @Nullable StreamHead head;
    private @Nullable Segment lookedUp;
    /** The end of the stream that the agent was told of. */
    private long welcomed;

    private String node = "";
    private String agent = "an agent that has not greeted";

    /** A session for agents that nobody denies anything. */
    public IngestSession(
            StreamHeads heads,
            SegmentCheck segmentCheck,
            CollectorIdentity identity,
            IngestLimits limits,
            Consumer<IngestEvent> mailbox,
            Timestamp now) {
        this(heads, segmentCheck, identity, limits, mailbox, now, hello -> Optional.empty());
    }

    /**
     * @param segmentCheck used by one thread at a time, and by no other session meanwhile
     * @param mailbox brings an event to this session from any thread; what tells this session from all others
     * @param now on the collector's clocks
     * @param denies why who greets like that may not send, if so
     */
    public IngestSession(
            StreamHeads heads,
            SegmentCheck segmentCheck,
            CollectorIdentity identity,
            IngestLimits limits,
            Consumer<IngestEvent> mailbox,
            Timestamp now,
            Function<Frame.Hello, Optional<Denial>> denies) {
        this.objections = new Objections(heads, denies);
        this.heads = heads;
        this.segmentCheck = segmentCheck;
        this.identity = identity;
        this.limits = limits;
        this.mailbox = mailbox;
        this.deadlineNanos = now.bootNanos() + limits.greeting().toNanos();
    }

    /** The longest frame that is taken now, without its length field. */
    public int mostFrame() {
        return state == State.GREETING ? MOST_GREETING : FrameCodec.MOST_FROM_AGENT;
    }

    /** When a {@link IngestEvent.Tick} is due, on the clock that never steps. */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /** Takes an event and returns what is to be done. */
    public List<IngestAction> step(IngestEvent event, Timestamp now) {
        wallNanos = now.wallNanos();
        if (state != State.ENDED) {
            switch (event) {
                case IngestEvent.Received received -> received(received.frame(), now);
                case IngestEvent.Malformed malformed -> refuse(RefusalCode.PROTOCOL, 0, malformed.sentence());
                case IngestEvent.LookedUp answer -> lookedUp(answer.hash(), now);
                case IngestEvent.Stored stored -> stored(stored.end(), now);
                case IngestEvent.Unavailable unavailable ->
                    refuse(RefusalCode.UNAVAILABLE, nextSequence(), unavailable.sentence());
                case IngestEvent.Superseded _ -> {
                    say("%s has another connection now, this one is closed".formatted(agent));
                    close();
                }
                case IngestEvent.Tick _ -> tick(now);
                case IngestEvent.Closed _ -> end();
            }
        }
        List<IngestAction> todo = List.copyOf(actions);
        actions.clear();
        return todo;
    }

    private void received(Frame frame, Timestamp now) {
        deadlineNanos = now.bootNanos() + limits.silence().toNanos();
        switch (frame) {
            case Frame.Hello hello when state == State.GREETING -> greet(hello, now);
            case Frame.SegmentFrame segment
            when state == State.STREAMING && head != null -> segment(head, segment.bytes(), now);
            default ->
                refuse(
                        RefusalCode.PROTOCOL,
                        0,
                        "expected %s, found another frame"
                                .formatted(state == State.GREETING ? "a greeting" : "a segment"));
        }
    }

    private void greet(Frame.Hello hello, Timestamp now) {
        if (hello.version() != Frame.VERSION) {
            refuse(
                    RefusalCode.PROTOCOL,
                    0,
                    "expected version %d of the protocol, found %d".formatted(Frame.VERSION, hello.version()));
            return;
        }
        Octets stream = hello.stream();
        node = hello.node();
        agent = "node %s, stream %s".formatted(Objections.printable(hello.node()), stream.brief());
        Optional<Denial> denial = objections.toGreeting(hello);
        if (denial.isPresent()) {
            deny(denial.get());
            return;
        }
        StreamHeads.Claimed claimed = heads.claim(stream, mailbox);
        head = claimed.head();
        if (claimed.older() != null) {
            actions.add(new IngestAction.Supersede(claimed.older()));
        }
        state = State.SETTLING;
        Optional<String> revoked = objections.toIdentity(claimed.head().lineage(), now);
        if (revoked.isPresent()) {
            refuse(RefusalCode.IDENTITY, 0, revoked.get());
        } else {
            welcome(claimed.head(), now);
        }
    }

    /** The agent comes again and again: it is told each time, the log once. */
    private void deny(Denial denial) {
        if (denial.isNew()) {
            say("refused %s: %s".formatted(agent, denial.sentence()));
        }
        send(new Frame.Refusal(RefusalCode.IDENTITY, 0, denial.sentence()));
        close();
    }

    /**
     * Tells the agent where its stream ends, once all that was accepted of it is on stable storage or refused by it: to an
     * agent that has lost its ring this is what it goes on from, and it must not change behind its back.
     */
    private void welcome(StreamHead stream, Timestamp now) {
        StreamHead.Settled settled = stream.settled();
        if (!settled.isSettled()) {
            return;
        }
        StreamEnd end = settled.end();
        if (end != null && end.index() >= heads.published().size()) {
            // To name an end is as good as a receipt: the agent lets go of what lies before it.
            refuse(RefusalCode.UNAVAILABLE, 0, "the collector cannot publish its log at the moment");
            return;
        }
        welcomed = end == null ? 0 : end.head().sequence();
        send(new Frame.Welcome(
                identity.publicKey(),
                now.wallNanos(),
                end == null
                        ? null
                        : new Frame.Head(
                                welcomed, end.head().hash(), end.head().epoch(), end.nextFile(), end.undeclared())));
        say("%s is connected, its stream is stored up to segment %d".formatted(agent, welcomed));
        if (end == null) {
            // A node that lost its identity, or another node that was given its name.
            heads.othersOf(node, stream.stream()).forEach(this::say);
        }
        state = State.STREAMING;
    }

    private void stored(StreamEnd stored, Timestamp now) {
        if (state == State.SETTLING && head != null) {
            welcome(head, now);
        } else if (stored.head().sequence() > welcomed) {
            acknowledge(stored, now);
        }
    }

    private void segment(StreamHead stream, ByteBuffer bytes, Timestamp now) {
        Segment segment;
        try {
            segment = Segment.of(bytes);
        } catch (MalformedException malformed) {
            misfit(RefusalCode.UNSOUND, 0, bytes, String.valueOf(malformed.getMessage()));
            return;
        }
        SegmentHeader header = segment.header();
        Optional<String> objection = objections.toSegment(stream, header, now);
        if (objection.isPresent()) {
            misfit(RefusalCode.IDENTITY, segment, objection.get());
            return;
        }
        ChainHead basis = stream.accepted();
        if (!stream.isWrittenBy(mailbox)) {
            // It has to begin again, or went to another connection, after the agent sent this: an event on its way says
            // which. Asked after the head was read, so that the head is one that this connection brought about.
            return;
        }
        if (basis != null && header.sequence() <= basis.sequence()) {
            behind(stream, segment, now);
            return;
        }
        Optional<String> contradiction = Succession.contradiction(basis, header);
        if (contradiction.isPresent()) {
            contradicts(segment, contradiction.get());
            return;
        }
        sound(stream, segment, now)
                .ifPresent(sound -> follow(stream, basis, segment, sound, Succession.of(basis, header, sound)));
    }

    private void follow(
            StreamHead stream, @Nullable ChainHead basis, Segment segment, Outcome.Sound sound, Succession succession) {
        switch (succession) {
            case Succession.Accepted accepted -> {
                if (!accepted.remark().isEmpty()) {
                    say(agent + " " + accepted.remark());
                }
                accept(stream, basis, segment, sound);
            }
            case Succession.Refused refused ->
                refuse(refused.code(), segment.header().sequence(), refused.sentence());
            case Succession.Misfit misfit -> misfit(misfit.code(), segment, misfit.sentence());
        }
    }

    private void accept(StreamHead stream, @Nullable ChainHead basis, Segment segment, Outcome.Sound sound) {
        // Empty if the stream went to another connection meanwhile, or has to begin again: an event on its way says so.
        stream.accept(mailbox, basis, segment, sound.epoch().map(Lineage::of))
                .ifPresent(accepted -> actions.add(new IngestAction.Store(accepted)));
    }

    private void behind(StreamHead stream, Segment segment, Timestamp now) {
        long sequence = segment.header().sequence();
        switch (stream.past(sequence, segment.hash())) {
            case SAME -> repeated(stream, sequence, now);
            case OTHER -> contradicts(segment, "another segment was accepted in its place");
            case UNKNOWN -> {
                lookedUp = segment;
                state = State.LOOKING_UP;
                actions.add(new IngestAction.LookUp(stream.stream(), sequence));
            }
        }
    }

    private void lookedUp(@Nullable Octets hash, Timestamp now) {
        Segment segment = lookedUp;
        if (state != State.LOOKING_UP || segment == null || head == null) {
            throw new IllegalStateException("an answer to a question that was not asked");
        }
        state = State.STREAMING;
        lookedUp = null;
        if (hash == null) {
            contradicts(segment, "the chain has passed it, and the store holds nothing in its place");
        } else if (!hash.equals(segment.hash())) {
            contradicts(segment, "another segment is stored in its place");
        } else {
            repeated(head, segment.header().sequence(), now);
        }
    }

    /** Sent again, as the wire allows. If it is still on its way to the store, its receipt will come. */
    private void repeated(StreamHead stream, long sequence, Timestamp now) {
        StreamEnd durable = stream.durable();
        if (durable != null && sequence <= durable.head().sequence()) {
            acknowledge(durable, now);
        }
    }

    private void contradicts(Segment segment, String sentence) {
        sound(segment).ifPresent(sound -> misfit(RefusalCode.FORKED, segment, sentence));
    }

    /** Verifies a segment in itself, and that who vouches for it may. If not, that is the end of the connection. */
    private Optional<Outcome.Sound> sound(StreamHead stream, Segment segment, Timestamp now) {
        Lineage known = stream.lineage();
        return sound(segment).filter(sound -> {
            Optional<String> objection = sound.epoch().flatMap(stated -> objections.toVoucher(stated, known, now));
            objection.ifPresent(sentence -> misfit(RefusalCode.IDENTITY, segment, sentence));
            return objection.isEmpty();
        });
    }

    /** Verifies a segment in itself. If it is not sound, that is the end of the connection. */
    private Optional<Outcome.Sound> sound(Segment segment) {
        return switch (segmentCheck.check(segment)) {
            case Outcome.Sound sound -> {
                watchClock(segment.header(), sound);
                yield Optional.of(sound);
            }
            case Outcome.Unsound unsound -> {
                misfit(RefusalCode.UNSOUND, segment, unsound.sentence());
                yield Optional.empty();
            }
        };
    }

    private void watchClock(SegmentHeader header, Outcome.Sound sound) {
        if (ClockWatch.isAhead(header, wallNanos)) {
            actions.add(new IngestAction.CountAhead());
        }
        clocks.remark(header, sound.entries(), wallNanos).ifPresent(remark -> say(agent + " " + remark));
    }

    private void acknowledge(StreamEnd stored, Timestamp now) {
        TreeHead published = heads.published();
        // Stored, but the disk did not take the log's checkpoint: the receipt comes with the next.
        if (stored.index() < published.size()) {
            send(identity.receipt(stored, published, now.wallNanos()));
        }
    }

    private void tick(Timestamp now) {
        if (now.bootNanos() < deadlineNanos) {
            return;
        }
        if (state == State.GREETING) {
            refuse(
                    RefusalCode.PROTOCOL,
                    0,
                    "expected a greeting within %d s, found none"
                            .formatted(limits.greeting().toSeconds()));
        } else {
            say("%s has sent nothing for %d s, its connection is closed"
                    .formatted(agent, limits.silence().toSeconds()));
            close();
        }
    }

    private void misfit(RefusalCode code, Segment segment, String sentence) {
        misfit(code, segment.header().sequence(), segment.bytes(), sentence);
    }

    private void misfit(RefusalCode code, long sequence, ByteBuffer bytes, String sentence) {
        if (head != null) {
            actions.add(new IngestAction.PutAside(head.stream(), bytes, code + ": " + sentence));
        }
        refuse(code, sequence, sentence);
    }

    private void refuse(RefusalCode code, long sequence, String sentence) {
        say("refused %s%s: %s".formatted(agent, sequence == 0 ? "" : ", segment " + sequence, sentence));
        send(new Frame.Refusal(code, sequence, sentence));
        close();
    }

    private void close() {
        actions.add(new IngestAction.Close());
        end();
    }

    private void end() {
        if (head != null) {
            heads.release(head, mailbox);
        }
        state = State.ENDED;
    }

    private void send(Frame frame) {
        actions.add(new IngestAction.Send(frame));
    }

    private void say(String sentence) {
        actions.add(new IngestAction.Say(sentence));
    }

    private long nextSequence() {
        StreamEnd durable = head == null ? null : head.durable();
        return durable == null ? 1 : durable.head().sequence() + 1;
    }
}
