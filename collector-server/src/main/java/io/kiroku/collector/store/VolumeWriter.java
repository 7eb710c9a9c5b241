package io.kiroku.collector.store;

import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.durable.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The volume that is being written. Records are gathered in a buffer and written in large pieces; up to {@link #sync}
 * they can be undone with {@link #cutBack}.
 */
final class VolumeWriter implements AutoCloseable {
    private final int volume;
    private final StorageFile file;
    private final ByteBuffer gathered;
    private long written;
    private long durable;

    /**
     * @param end offset behind the last record, all of it on stable storage
     * @param buffer where records are gathered; longer than the longest
     */
    VolumeWriter(int volume, StorageFile file, long end, ByteBuffer buffer) {
        this.volume = volume;
        this.file = file;
        this.gathered = buffer.clear();
        this.written = end;
        this.durable = end;
    }

    int volume() {
        return volume;
    }

    /** Offset behind the last record, where the next begins. */
    long end() {
        return written + gathered.position();
    }

    boolean hasRoomFor(int segmentLength) {
        return end() + RecordFrame.LENGTH + segmentLength <= VolumeHeader.MOST_VOLUME;
    }

    /** Adds a record. It may lie in memory only, until {@link #sync}. */
    Place append(ByteBuffer segment, long number, long durableNumber) throws IOException {
        if (RecordFrame.LENGTH + segment.remaining() > gathered.remaining()) {
            write();
        }
        Place place = new Place(volume, end() + RecordFrame.LENGTH, segment.remaining());
        RecordFrame.write(gathered, segment, number, durableNumber);
        gathered.put(segment.duplicate());
        return place;
    }

    private void write() throws IOException {
        int length = gathered.position();
        file.write(gathered.flip(), written);
        gathered.clear();
        written += length;
    }

    /** Returns when all records are on stable storage. If it fails, none since the last success may be relied on. */
    void sync() throws IOException {
        write();
        file.sync();
        durable = written;
    }

    /** Undoes all that was appended since the last successful sync, in the file too, and makes sure that it is undone. */
    void cutBack() throws IOException {
        gathered.clear();
        written = durable;
        file.truncate(durable);
        file.sync();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
