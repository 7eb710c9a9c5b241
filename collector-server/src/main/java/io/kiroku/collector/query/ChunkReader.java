package io.kiroku.collector.query;

import io.kiroku.collector.store.Place;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.verify.SegmentCheck;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads chunks out of the store, each only after its whole segment was found to be what was sealed. Remembers the last
 * segment, because its other chunks are often asked for next. For use by one thread.
 */
final class ChunkReader {
    private final StoreReader store;
    private final SegmentCheck check = new SegmentCheck();
    private final Map<Integer, Entry.Chunk> chunks = new HashMap<>();
    private @Nullable Place place;
    private @Nullable ByteBuffer log;
    private String damage = "";
    private byte[] bytes = new byte[64 << 10];

    ChunkReader(StoreReader store) {
        this.store = store;
    }

    /**
     * The chunk's bytes, from index 0 of the array on; valid until the next call.
     *
     * @throws DamagedException if its segment is not what was sealed, or does not hold that chunk there
     */
    byte[] read(Piece.Held held) throws IOException, DamagedException {
        if (!held.segment().place().equals(place)) {
            load(held.segment());
        }
        ByteBuffer whole = log;
        if (whole == null) {
            throw new DamagedException(damage);
        }
        if (!held.chunk().equals(chunks.get(held.at()))) {
            throw new DamagedException(describe(held.segment()) + " does not hold what the catalogue says");
        }
        int length = held.chunk().length();
        if (length > bytes.length) {
            bytes = new byte[Math.max(length, 2 * bytes.length)];
        }
        whole.get(held.at(), bytes, 0, length);
        return bytes;
    }

    private void load(Piece.Stored stored) throws IOException {
        place = stored.place();
        log = null;
        chunks.clear();
        Segment segment;
        try {
            segment = store.read(stored.place());
        } catch (MalformedException malformed) {
            damage = describe(stored) + " is damaged: " + malformed.getMessage();
            return;
        }
        if (!segment.header().stream().equals(stored.stream())
                || segment.header().sequence() != stored.sequence()
                || segment.header().sealed().wallNanos() != stored.sealedNanos()) {
            damage = describe(stored) + " is damaged: another segment lies in its place";
            return;
        }
        switch (check.check(segment)) {
            case SegmentCheck.Outcome.Unsound unsound ->
                damage = describe(stored) + " is damaged: " + unsound.sentence();
            case SegmentCheck.Outcome.Sound sound -> {
                int at = 0;
                for (Entry entry : sound.entries()) {
                    if (entry instanceof Entry.Chunk chunk) {
                        chunks.put(at, chunk);
                        at += chunk.length();
                    }
                }
                log = sound.log();
            }
        }
    }

    private static String describe(Piece.Stored stored) {
        return "segment %d of stream %s"
                .formatted(stored.sequence(), stored.stream().brief());
    }
}
