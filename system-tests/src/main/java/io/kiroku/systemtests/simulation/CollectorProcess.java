package io.kiroku.systemtests.simulation;

import io.kiroku.collector.ingest.Accepted;
import io.kiroku.collector.ingest.Committer;
import io.kiroku.collector.ingest.IngestAction;
import io.kiroku.collector.ingest.IngestEvent;
import io.kiroku.collector.ingest.IngestLimits;
import io.kiroku.collector.ingest.IngestSession;
import io.kiroku.collector.ingest.StreamHeads;
import io.kiroku.collector.log.Records;
import io.kiroku.collector.log.TransparencyLog;
import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.trust.Revocations;
import io.kiroku.evidence.verify.SegmentCheck;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import io.kiroku.systemtests.simulation.Scheduler.Actor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One run of a collector: an event loop for all connections, a thread that stores and one that looks up, as actors, wired
 * as {@code io.kiroku.collector.ingest} wires them.
 */
final class CollectorProcess {
    private final CollectorSite site;
    private final Scheduler scheduler;
    private final Scheduler.SimProcess process = new Scheduler.SimProcess();
    private final Actor loop = new Actor(process, "ingest");
    private final Actor commits = new Actor(process, "commit");
    private final Actor lookUps = new Actor(process, "look-up");
    private final SegmentCheck check = new SegmentCheck();
    private final List<Session> sessions = new ArrayList<>();
    private final List<Accepted> accepted = new ArrayList<>();
    private final List<IngestAction.PutAside> aside = new ArrayList<>();

    private @Nullable Store store;
    private @Nullable StreamHeads heads;
    private @Nullable Committer committer;
    private boolean committing;

    CollectorProcess(CollectorSite site) {
        this.site = site;
        this.scheduler = site.scheduler;
    }

    Actor main() {
        return commits;
    }

    /** Opens the store and listens. */
    void begin() {
        try {
            Store opened = Store.open(site.files(), site::instant, scheduler::now, site.mostVolume);
            store = opened;
            StoreReader reader = StoreReader.open(site.files(), () -> true);
            TransparencyLog log = TransparencyLog.open(
                    site.logFiles(), site.logSigners(), Records.of(reader), opened.lastRecord(), site::instant);
            committer = new Committer(opened, log);
            heads = new StreamHeads(opened.ends(), () -> log.published().tree(), () -> Revocations.NONE);
            scheduler.record(
                    "listens", opened.counts().segments(), opened.counts().volumes());
        } catch (IOException e) {
            if (site.disk.faults() == 0) {
                throw new Violation("the collector gave up without a fault: " + e, e);
            }
            scheduler.note("the collector ends: %s", e);
            end();
            site.supervise(site.random.nextLong(Node.MILLI, Node.SECOND));
        }
    }

    /** Somebody connects; null while nobody listens. */
    Connection.@Nullable End accept() {
        StreamHeads known = heads;
        if (known == null) {
            return null;
        }
        Session session = new Session(known);
        sessions.add(session);
        return session;
    }

    private void commitSoon() {
        if (!committing) {
            committing = true;
            scheduler.in(20_000, commits, "commit", this::commit);
        }
    }

    /** As the thread that stores does it: whatever has come, then what does not fit. */
    private void commit() {
        Committer to = committer;
        Store kept = store;
        if (to == null || kept == null) {
            return;
        }
        List<Accepted> batch = List.copyOf(accepted);
        List<IngestAction.PutAside> misfits = List.copyOf(aside);
        accepted.clear();
        aside.clear();
        to.commit(batch);
        scheduler.record("committed", batch.size(), to.trouble() == null ? 0 : 1);
        misfits.forEach(misfit -> kept.putAside(misfit.stream(), misfit.bytes(), "simulation", misfit.why()));
        committing = false;
        if (to.trouble() != null) {
            scheduler.in(Node.SECOND, commits, "commit again", this::commit);
        }
        if (!accepted.isEmpty() || !aside.isEmpty()) {
            commitSoon();
        }
    }

    void kill() {
        scheduler.record("collector killed", 0, 0);
        end();
        sessions.forEach(session -> {
            if (session.connection != null) {
                session.connection.closeByCollector();
            }
        });
    }

    void powerFailed() {
        scheduler.record("collector loses power", 0, 0);
        end();
        sessions.forEach(session -> {
            if (session.connection != null) {
                session.connection.loseToAgent();
                session.connection.loseToCollector();
            }
        });
    }

    private void end() {
        process.end();
        site.ended(this);
    }

    /** It is asked to end: stores what was accepted. */
    void stop(long restartAfter) {
        scheduler.in(0, commits, "stop", () -> {
            commit();
            if (store != null) {
                store.close();
            }
            kill();
            site.supervise(restartAfter);
        });
    }

    /** One connection: what {@code IngestHandler} does without Netty. */
    final class Session implements Connection.End {
        private final IngestSession session;
        private final Deque<ByteBuffer> held = new ArrayDeque<>();
        private @Nullable Connection connection;
        private @Nullable Octets stream;
        private boolean lookingUp;
        private boolean ended;

        private Session(StreamHeads known) {
            this.session =
                    new IngestSession(known, check, site.identity(), IngestLimits.DEFAULT, this::post, site.clock());
            tickLater();
        }

        void opened(Connection opened) {
            connection = opened;
        }

        private void tickLater() {
            scheduler.in(session.deadlineNanos() - scheduler.now(), loop, "tick", () -> {
                if (!ended) {
                    step(new IngestEvent.Tick());
                    tickLater();
                }
            });
        }

        private void post(IngestEvent event) {
            scheduler.in(5_000, loop, "told", () -> step(event));
        }

        @Override
        public Actor actor() {
            return loop;
        }

        @Override
        public void received(ByteBuffer frame) {
            if (lookingUp) {
                held.add(frame);
            } else if (!ended) {
                try {
                    Frame decoded = FrameCodec.decode(frame.position(4));
                    if (decoded instanceof Frame.Hello hello) {
                        stream = hello.stream();
                    }
                    step(new IngestEvent.Received(decoded));
                } catch (MalformedException e) {
                    throw new Violation("an agent sent what is no frame", e);
                }
            }
        }

        @Override
        public void closed() {
            step(new IngestEvent.Closed());
            ended = true;
        }

        @Override
        public void writable() {}

        private void step(IngestEvent event) {
            for (IngestAction action : session.step(event, site.clock())) {
                act(action);
            }
        }

        private void act(IngestAction action) {
            switch (action) {
                case IngestAction.Send(Frame frame) -> send(frame);
                case IngestAction.Store(Accepted segment) -> {
                    accepted.add(segment);
                    commitSoon();
                }
                case IngestAction.PutAside misfit -> {
                    aside.add(misfit);
                    commitSoon();
                }
                case IngestAction.LookUp question -> lookUp(question);
                case IngestAction.Supersede(var older) -> older.accept(new IngestEvent.Superseded());
                case IngestAction.CountAhead _ -> {}
                case IngestAction.Say(String sentence) -> scheduler.note("%s", sentence);
                case IngestAction.Close _ -> {
                    ended = true;
                    if (connection != null) {
                        connection.closeByCollector();
                    }
                }
            }
        }

        private void send(Frame frame) {
            switch (frame) {
                case Frame.Receipt receipt -> {
                    scheduler.record("receipt", receipt.sequence(), 0);
                    site.durable.checkReceipt(receipt, site.mayJump());
                    site.durableLog.checkReceipt(receipt);
                }
                case Frame.Welcome(var _, var _, Frame.Head head)
                when head != null && stream != null -> site.durable.checkHead(stream, head);
                default -> {}
            }
            if (connection != null) {
                connection.sendToAgent(FrameCodec.encode(frame));
            }
        }

        private void lookUp(IngestAction.LookUp question) {
            lookingUp = true;
            scheduler.in(50_000, lookUps, "look up", () -> {
                IngestEvent answer;
                try {
                    Octets hash =
                            StoreReader.open(site.files(), () -> true).hashOf(question.stream(), question.sequence());
                    answer = new IngestEvent.LookedUp(hash);
                } catch (IOException e) {
                    answer = new IngestEvent.Unavailable("the store cannot be read: " + e.getMessage());
                }
                IngestEvent known = answer;
                scheduler.in(5_000, loop, "answer", () -> {
                    lookingUp = false;
                    step(known);
                    while (!lookingUp && !held.isEmpty()) {
                        received(held.remove());
                    }
                });
            });
        }
    }
}
