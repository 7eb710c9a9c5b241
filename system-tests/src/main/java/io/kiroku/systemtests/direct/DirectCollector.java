package io.kiroku.systemtests.direct;

import io.kiroku.collector.ingest.Accepted;
import io.kiroku.collector.ingest.Committer;
import io.kiroku.collector.ingest.IngestAction;
import io.kiroku.collector.ingest.IngestEvent;
import io.kiroku.collector.ingest.IngestLimits;
import io.kiroku.collector.ingest.IngestSession;
import io.kiroku.collector.ingest.StreamHeads;
import io.kiroku.collector.log.LogFiles;
import io.kiroku.collector.log.LogSigners;
import io.kiroku.collector.log.Records;
import io.kiroku.collector.log.TransparencyLog;
import io.kiroku.collector.store.CollectorIdentity;
import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreCounts;
import io.kiroku.collector.store.StoreFiles;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.log.NoteSigner;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.trust.Revocations;
import io.kiroku.evidence.verify.SegmentCheck;
import io.kiroku.evidence.wire.Frame;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a collector does with segments: verifies, appends, syncs, acknowledges; its ingest sessions, its committer and its
 * store as they are. An agent that it would refuse is a defect here.
 */
public final class DirectCollector implements AutoCloseable {
    private final Store store;
    private final StreamHeads heads;
    private final Committer committer;
    private final SegmentCheck check = new SegmentCheck();
    private final CollectorIdentity identity;
    private final Supplier<Timestamp> clock;
    private final List<Accepted> accepted = new ArrayList<>();

    /**
     * @param signers of its log
     * @param mostVolume bytes of a volume of its store, at most
     */
    public DirectCollector(
            StoreFiles files,
            LogFiles logFiles,
            LogSigners signers,
            long mostVolume,
            SecureRandom random,
            Supplier<Timestamp> clock)
            throws IOException {
        this.store = Store.open(
                files,
                () -> Instant.ofEpochSecond(0, clock.get().wallNanos()),
                () -> clock.get().bootNanos(),
                mostVolume);
        TransparencyLog log = TransparencyLog.open(
                logFiles,
                signers,
                Records.of(StoreReader.open(files, () -> true)),
                store.lastRecord(),
                () -> Instant.ofEpochSecond(0, clock.get().wallNanos()));
        this.heads = new StreamHeads(store.ends(), () -> log.published().tree(), () -> Revocations.NONE);
        this.committer = new Committer(store, log);
        this.identity = CollectorIdentity.of(SigningKey.generate(random));
        this.clock = clock;
    }

    /** Keys of a log that are in no file: what is stored with them cannot be held to its log by {@code kiroku verify}. */
    public static LogSigners unpublished(SecureRandom random) {
        String name = "kiroku.test/log";
        return new LogSigners(name, List.of(NoteSigner.ed25519(name, SigningKey.generate(random))));
    }

    /** A connection of an agent. */
    public Session connect() {
        return new Session();
    }

    /** Group commit of all that came since the last one; receipts are waiting for their agents then. */
    public void commit() {
        committer.commit(accepted);
        accepted.clear();
        String trouble = committer.trouble();
        if (trouble != null) {
            throw new IllegalStateException("nothing can be stored: " + trouble);
        }
    }

    public StoreCounts counts() {
        return store.counts();
    }

    @Override
    public void close() {
        store.close();
    }

    /** The collector's end of a connection. */
    public final class Session {
        private final Deque<IngestEvent> mail = new ArrayDeque<>();
        private final Deque<Frame> answers = new ArrayDeque<>();
        private final IngestSession session =
                new IngestSession(heads, check, identity, IngestLimits.DEFAULT, mail::add, clock.get());

        /** Takes a frame. A segment's bytes must stay as they are until the next {@link #commit}. */
        public void receive(Frame frame) {
            step(new IngestEvent.Received(frame));
        }

        /** What the collector says next; null if nothing. */
        public @Nullable Frame answer() {
            for (IngestEvent event = mail.poll(); event != null; event = mail.poll()) {
                step(event);
            }
            return answers.poll();
        }

        private void step(IngestEvent event) {
            for (IngestAction action : session.step(event, clock.get())) {
                switch (action) {
                    case IngestAction.Send(Frame.Refusal refusal) ->
                        throw new IllegalStateException("the collector refuses: " + refusal.sentence());
                    case IngestAction.Send(Frame frame) -> answers.add(frame);
                    case IngestAction.Store(Accepted segment) -> accepted.add(segment);
                    case IngestAction.Say _, IngestAction.CountAhead _ -> {}
                    default -> throw new IllegalStateException("the collector should not have to " + action);
                }
            }
        }
    }
}
