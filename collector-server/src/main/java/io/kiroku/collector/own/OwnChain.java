package io.kiroku.collector.own;

import io.kiroku.collector.ingest.OwnDoor;
import io.kiroku.collector.store.OwnNode;
import io.kiroku.collector.store.StoreUnavailableException;
import io.kiroku.collector.store.StreamEnd;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.EpochSeal;
import io.kiroku.evidence.chain.Ratchet;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Seals lines into the next segment of a stream of the collector's own, and puts it into the store. Every segment restates:
 * it says whose the stream is, and where in the source its lines lie, so that it can be checked, and handed on, without those
 * before it. For use by one thread.
 */
final class OwnChain {
    private static final Logger LOG = LoggerFactory.getLogger(OwnChain.class);
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private final OwnKeys keys;
    private final OwnDoor door;
    private final Duration patience;
    private final SegmentWriter writer;
    private final Ratchet ratchet;

    private long epoch;
    private Entry.EpochReason reason;
    private Entry.File file;
    private int nextFile;

    /** What was sealed last, while it is not known whether the store has it. */
    private @Nullable Segment pending;

    /** @param patience how long the store may take for one thing */
    private OwnChain(
            OwnKeys keys,
            OwnDoor door,
            Duration patience,
            SecureRandom random,
            Optional<StreamEnd> end,
            Entry.File file)
            throws IOException {
        this.keys = keys;
        this.door = door;
        this.patience = patience;
        this.file = file;
        this.writer = new SegmentWriter(random, OwnLines.MOST_AT_ONCE);
        ChainHead head = end.map(StreamEnd::head)
                .orElseGet(() -> new ChainHead(keys.identity().stream(), 0, 0, Octets.zero(32), Octets.zero(32)));
        Optional<SigningKey> kept = end.isEmpty() ? Optional.empty() : keys.next(head.sequence(), head.nextKey());
        this.reason = kept.isPresent()
                ? Entry.EpochReason.CONTINUES
                : end.isPresent() ? Entry.EpochReason.KEY_LOST : Entry.EpochReason.FIRST;
        this.epoch = kept.isPresent() ? head.epoch() : head.epoch() + 1;
        this.nextFile = end.map(StreamEnd::nextFile).orElse(1);
        // Its segment is kept: a crash may have left it here.
        keys.ratchet().wipe(head.sequence());
        this.ratchet = new Ratchet(head, kept.orElseGet(() -> SigningKey.generate(random)), bootId(), random);
    }

    /**
     * Goes on where what the store holds of the stream ends: in the same epoch if the ratchet's key is here, else in the next
     * one. A stream of which the store holds nothing begins.
     */
    static OwnChain resume(OwnKeys keys, OwnDoor door, FilePath source, Duration patience, SecureRandom random)
            throws IOException, InterruptedException {
        Optional<StreamEnd> end = door.end(patience);
        List<Entry.File> followed = door.followed();
        for (Entry.File other : followed) {
            if (!other.source().equals(source)) {
                throw new IOException("expected stream %s to be that of %s, found that it is that of %s"
                        .formatted(keys.identity().stream().brief(), source, other.source()));
            }
        }
        if (end.isEmpty()) {
            door.othersOf(source)
                    .forEach(other -> LOG.warn(
                            "{} has another stream now: its stream {} ended with segment {}.",
                            source,
                            other.head().stream().brief(),
                            other.head().sequence()));
        }
        Entry.File file = followed.isEmpty()
                ? begin(source, end.map(StreamEnd::nextFile).orElse(1), door.now())
                : followed.getLast();
        return new OwnChain(keys, door, patience, random, end, file);
    }

    /** No file system has it: what tells it from others is when it began. */
    private static Entry.File begin(FilePath source, int id, Timestamp now) {
        return new Entry.File(id, source, source, new FileIdentity(0, 0, now.wallNanos()), 0, Fingerprint.NONE);
    }

    private static Octets bootId() {
        try {
            String uuid = Files.readString(BOOT_ID).strip().replace("-", "");
            return Octets.of(HexFormat.of().parseHex(uuid));
        } catch (IOException | IllegalArgumentException unknown) {
            return Octets.zero(16);
        }
    }

    /**
     * Puts lines on record, in one segment. When this returns they are on stable storage and in the log.
     *
     * @param lines at most {@link OwnLines#MOST_AT_ONCE} bytes, each line with its line feed
     * @throws IOException if they are not, or it is not known; the chain then goes on from what the store says it has
     */
    void keep(List<byte[]> lines) throws IOException, InterruptedException {
        settle();
        long sequence = ratchet.head().sequence() + 1;
        keys.ratchet().store(sequence + 1, ratchet.next());
        for (byte[] line : lines) {
            writer.raw().put(line);
        }
        writer.captured(file.file(), file.offset(), writer.raw().position());
        Segment sealed = seal(sequence);
        pending = sealed;
        door.put(sealed, patience);
        advance(sealed);
    }

    private Segment seal(long sequence) {
        writer.preface(EpochSeal.vouch(
                reason,
                nextFile,
                keys.identity(),
                OwnNode.NAME,
                epoch,
                sequence,
                ratchet.head().hash(),
                ratchet.key().publicKey()));
        writer.preface(file);
        try {
            return Segment.of(ratchet.seal(writer, epoch, door.now(), true));
        } catch (MalformedException own) {
            throw new IllegalStateException("a segment that was just sealed is malformed", own);
        }
    }

    /** What became of the last segment, if that was not known. */
    private void settle() throws StoreUnavailableException, InterruptedException {
        Segment unknown = pending;
        if (unknown == null) {
            return;
        }
        long stored = door.end(patience).map(end -> end.head().sequence()).orElse(0L);
        if (stored == unknown.header().sequence()) {
            advance(unknown);
        } else if (stored == ratchet.head().sequence()) {
            // Nobody has it: its lines were told of as not kept, and another segment has its place.
            pending = null;
        } else {
            throw new IllegalStateException(
                    "the store ends a stream of the collector's own with segment %d, the last was %d"
                            .formatted(stored, unknown.header().sequence()));
        }
    }

    private void advance(Segment kept) {
        long sequence = kept.header().sequence();
        ratchet.advance(kept);
        nextFile = Math.max(nextFile, file.file() + 1);
        file = new Entry.File(
                file.file(),
                file.source(),
                file.path(),
                file.identity(),
                file.offset() + kept.header().rawLength(),
                file.fingerprint());
        reason = Entry.EpochReason.CONTINUES;
        pending = null;
        try {
            keys.ratchet().wipe(sequence);
        } catch (IOException failure) {
            // The key of the segment after the next one will lie in its place.
            LOG.warn("A key that is used up could not be wiped: {}.", failure.getMessage());
        }
    }
}
