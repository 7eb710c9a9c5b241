package io.kiroku.cli;

import io.kiroku.agent.ring.RingReader;
import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.verify.SegmentCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Goes through a ring segment by segment, and shows none that is not what was sealed. */
final class RingWalk {
    /** Takes a segment that is sound. */
    interface Step {
        /**
         * A segment.
         *
         * @param sources the paths of the files declared so far
         */
        void at(Segment segment, SegmentCheck.Outcome.Sound sound, Map<Integer, FilePath> sources) throws IOException;
    }

    private final SegmentCheck check = new SegmentCheck();
    private final Map<Integer, FilePath> sources = new HashMap<>();
    private final List<String> damage = new ArrayList<>();
    private long segments;

    /** Returns when all segments have been given. */
    void walk(RingReader ring, Step step) throws IOException {
        try {
            ring.forEach(new RingReader.Visitor() {
                @Override
                public void segment(long offset, RecordFrame.Head record, ByteBuffer stored) {
                    try {
                        give(offset, stored, step);
                    } catch (IOException failure) {
                        throw new UncheckedIOException(failure);
                    }
                }

                @Override
                public void damaged(long offset, long length, String sentence) {
                    damage.add("bytes %d to %d of the ring: %s".formatted(offset, offset + length - 1, sentence));
                }
            });
        } catch (UncheckedIOException failure) {
            throw failure.getCause();
        }
    }

    private void give(long offset, ByteBuffer stored, Step step) throws IOException {
        Segment segment;
        try {
            segment = Segment.of(stored);
        } catch (MalformedException malformed) {
            damage.add("byte %d of the ring: %s".formatted(offset, malformed.getMessage()));
            return;
        }
        switch (check.check(segment)) {
            case SegmentCheck.Outcome.Unsound unsound ->
                damage.add("segment %d: %s".formatted(segment.header().sequence(), unsound.sentence()));
            case SegmentCheck.Outcome.Sound sound -> {
                segments++;
                for (Entry entry : sound.entries()) {
                    if (entry instanceof Entry.File file) {
                        sources.put(file.file(), file.source());
                    }
                }
                step.at(segment, sound, sources);
            }
        }
    }

    /** What could not be shown, a sentence each. */
    List<String> damage() {
        return damage;
    }

    /** How many segments were given. */
    long segments() {
        return segments;
    }
}
