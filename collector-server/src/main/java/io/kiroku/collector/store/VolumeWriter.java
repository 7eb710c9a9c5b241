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
    /** Larger writes are no faster. */
    private static final int GATHERED = 1 << 20;

    private final int volume;
    private final StorageFile file;
    private ByteBuffer gathered = ByteBuffer.allocateDirect(0);
    private long written;
    private long durable;

    /**
     * @param end offset behind the last record, all of it on stable storage
     */
    VolumeWriter(int volume, StorageFile file, long end) {
        this.volume = volume;
        this.file = file;
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

    /** Whether the volume stays within that length with a segment more. */
    boolean hasRoomFor(int segmentLength, long mostVolume) {
        return end() + RecordFrame.LENGTH + segmentLength <= mostVolume;
    }

    /** Adds a record. It may lie in memory only, until {@link #write} and {@link #sync}. */
    Place append(ByteBuffer segment, long number, long durableNumber) throws IOException {
        int length = RecordFrame.LENGTH + segment.remaining();
        if (length > gathered.remaining()) {
            write();
            if (length > gathered.capacity()) {
                gathered = ByteBuffer.allocateDirect(Math.max(length, GATHERED));
            }
        }
        Place place = new Place(volume, end() + RecordFrame.LENGTH, segment.remaining());
        RecordFrame.write(gathered, segment, number, durableNumber);
        gathered.put(segment.duplicate());
        return place;
    }

    /** Writes what is still gathered. If it fails, {@link #cutBack} makes good what it did. */
    void write() throws IOException {
        int length = gathered.position();
        file.write(gathered.flip(), written);
        gathered.clear();
        written += length;
    }

    /** Returns when all that was written is on stable storage. If it fails, nobody knows what the disk has. */
    void sync() throws IOException {
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
