package io.kiroku.agent;

import io.kiroku.agent.ring.Ring;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.segment.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where reading stands, as the last segments in the ring say: there is nothing else that could disagree with them.
 *
 * @param head the end of the chain; null if the ring is empty
 * @param files the files that were being followed
 * @param nextFile the lowest file id that the stream has not used
 */
record Recovery(@Nullable ChainHead head, FileTable files, int nextFile) {
    /** Replays the ring from its newest segment that restates everything. */
    static Recovery from(Ring ring) throws IOException {
        FileTable files = new FileTable();
        ChainHead head = null;
        int nextFile = 1;
        long first = ring.newestRestating();
        if (first == 0) {
            return new Recovery(null, files, nextFile);
        }
        Ring.Cursor cursor = ring.cursorAt(first);
        for (ByteBuffer bytes = cursor.read(); bytes != null; bytes = cursor.read()) {
            try {
                Segment segment = Segment.of(bytes);
                List<Entry> entries = segment.entries();
                nextFile = Math.max(nextFile, nextFile(entries));
                files.apply(entries, segment.header().restates());
                head = ChainHead.of(segment);
            } catch (MalformedException malformed) {
                throw new IOException(
                        "segment %d in the ring: %s".formatted(cursor.next() - 1, malformed.getMessage()), malformed);
            }
        }
        return new Recovery(head, files, nextFile);
    }

    private static int nextFile(List<Entry> entries) {
        int next = 1;
        for (Entry entry : entries) {
            switch (entry) {
                case Entry.Epoch epoch -> next = Math.max(next, epoch.nextFile());
                case Entry.File file -> next = Math.max(next, file.file() + 1);
                default -> {}
            }
        }
        return next;
    }
}
