package io.kiroku.collector.ingest;

import io.kiroku.collector.log.TransparencyLog;
import io.kiroku.collector.store.Store;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.trust.Revocation;
import io.kiroku.evidence.trust.Revocations;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one way into the store, for agents' segments and the collector's own: where each stream ends, and the thread that
 * stores. Used by any thread.
 */
public final class Intake implements AutoCloseable {
    private final Store store;
    private final StreamHeads heads;
    private final CommitThread commits;

    private Intake(Store store, TransparencyLog log, Supplier<Revocations> revoked) {
        this.store = store;
        this.heads = new StreamHeads(store.ends(), () -> log.published().tree(), revoked);
        this.commits = CommitThread.start(store, log);
    }

    /**
     * Writes the store and its log from now on.
     *
     * @param revoked whose word does not count any more, asked for every segment
     */
    public static Intake open(Store store, TransparencyLog log, Supplier<Revocations> revoked) {
        return new Intake(store, log, revoked);
    }

    /** The door for a stream of the collector's own, which no agent can write from now on. One for each stream. */
    public OwnDoor own(Octets stream, InstantSource clock, LongSupplier nanoTime) {
        heads.reserve(stream);
        return new OwnDoor(stream, store, heads, commits, clock, nanoTime);
    }

    /** Since when an identity is revoked, if it is. */
    public Optional<Instant> revokedSince(Octets identity) {
        return heads.revoked().of(identity).map(Revocation::since);
    }

    StreamHeads heads() {
        return heads;
    }

    CommitThread commits() {
        return commits;
    }

    /** Why nothing can be stored at the moment, in a sentence; null if it can. */
    public @Nullable String trouble() {
        return commits.trouble();
    }

    /** Stores what was accepted. Nobody may give anything any more. */
    @Override
    public void close() {
        commits.close();
    }
}
