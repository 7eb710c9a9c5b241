package io.kiroku.agent.ring;

import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.durable.StorageFile;
import io.kiroku.evidence.record.MalformedException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The file of a ring and how it is divided: made, opened, and put in order after a crash. */
record RingFile(StorageFile file, RingLayout layout) {
    private static final int SLICE = 1 << 20;

    /** Makes the file, which is long enough and holds no records, one of an empty ring. */
    static RingFile create(StorageFile file, RingLayout layout) throws IOException {
        file.write(layout.encode(), 0);
        file.sync();
        return new RingFile(file, layout);
    }

    /** @throws MalformedException if it is no ring of this version, or cut off */
    static RingFile open(StorageFile file) throws IOException, MalformedException {
        ByteBuffer page = ByteBuffer.allocate(RingLayout.PAGE);
        file.read(page, 0);
        RingLayout layout = RingLayout.decode(page.flip());
        if (file.size() < layout.fileLength()) {
            throw new MalformedException(
                    "expected a ring file of %d bytes, found %d".formatted(layout.fileLength(), file.size()));
        }
        return new RingFile(file, layout);
    }

    /**
     * Finds the segments, and makes sure that those which count are on stable storage and no other is ever taken for one.
     *
     * @throws MalformedException if the last segments are damaged
     */
    RingScan.Found recover() throws IOException, MalformedException {
        RingScan.Found found = new RingScan(file, layout).scan();
        if (found.endIsDamaged()) {
            throw new MalformedException(found.damage().getLast().sentence()
                    + "; the stream cannot go on from here: move the ring away, and it goes on behind what the"
                    + " collector has");
        }
        for (long at : found.torn()) {
            file.write(ByteBuffer.allocate(RecordFrame.LENGTH), at);
        }
        for (RingScan.Extent extent : found.extents()) {
            if (extent.last() > found.stated()) {
                writeAgain(layout.startOf(extent.index()), extent.end());
            }
        }
        file.sync();
        return found;
    }

    /**
     * Makes sure that a sync brings to the disk what is read here. If a sync failed before, the kernel has it in memory and
     * takes it for clean, so that the next sync would succeed without it (fsync(2); PostgreSQL's "fsyncgate").
     */
    private void writeAgain(long from, long to) throws IOException {
        ByteBuffer slice = ByteBuffer.allocateDirect((int) Math.min(SLICE, to - from));
        for (long at = from; at < to; at += slice.limit()) {
            slice.clear().limit((int) Math.min(slice.capacity(), to - at));
            file.read(slice, at);
            file.write(slice.flip(), at);
        }
    }
}
