package io.kiroku.collector.store;

import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.durable.StorageFile;
import java.io.IOException;

/** What the records in a stretch of a volume state of those before them. */
final class DurableStated {
    private static final int SLICE = 1 << 20;

    private DurableStated() {}

    /** The highest number that any whole frame there states to have been on stable storage; 0 if none does. */
    static long in(StorageFile file, long from, long to) throws IOException {
        long stated = 0;
        RecordCursor cursor = new RecordCursor(file, from, to, SLICE);
        for (RecordCursor.Stretch stretch = cursor.next(); stretch != null; stretch = cursor.next()) {
            RecordFrame.Head head = switch (stretch) {
                case RecordCursor.Whole whole -> whole.head();
                case RecordCursor.Broken broken -> broken.head();
            };
            if (head != null) {
                stated = Math.max(stated, head.durable());
            }
        }
        return stated;
    }
}
