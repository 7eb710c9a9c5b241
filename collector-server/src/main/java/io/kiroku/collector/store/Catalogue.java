package io.kiroku.collector.store;

import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.durable.StorageFile;
import io.kiroku.evidence.record.MalformedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue of one volume: header and manifest of each of its segments, in the order of their records. It is derived:
 * missing, short or damaged, it is made again from the volume, and it is never synced. But an entry is written only
 * after its record is on stable storage; so what the catalogue lists and the volume lacks has been taken from the volume.
 *
 * <p>The file begins with 16 bytes, big-endian: magic {@code KIROKUC1}, number of the volume (4), CRC-32C of the 12 bytes
 * before (4). Entries follow, each behind a {@link RecordFrame} with the number of the volume's record.
 */
final class Catalogue {
    static final int HEADER = 16;
    private static final long MAGIC = 0x4B49_524F_4B55_4331L;
    private static final int SLICE = 256 << 10;

    private Catalogue() {}

    static byte[] header(int volume) {
        ByteBuffer out = ByteBuffer.allocate(HEADER);
        out.putLong(MAGIC).putInt(volume).putInt(crc(out));
        return out.array();
    }

    private static int crc(ByteBuffer header) {
        CRC32C crc = new CRC32C();
        crc.update(header.slice(0, HEADER - 4));
        return (int) crc.getValue();
    }

    /** Reads the entries of a catalogue as far as they are whole. One that is missing or unreadable has none. */
    static final class Reader implements AutoCloseable {
        private final int volume;
        private @Nullable StorageFile file;
        private @Nullable RecordCursor records;
        private long end;

        private Reader(int volume) {
            this.volume = volume;
        }

        /** Opens the catalogue of that volume. */
        static Reader open(StorageDirectory directory, int volume) throws IOException {
            return open(directory, volume, HEADER);
        }

        /** The same, but beginning at {@code from}, where {@link #end} once was. */
        static Reader open(StorageDirectory directory, int volume, long from) throws IOException {
            Reader reader = new Reader(volume);
            try {
                StorageFile file = directory.openForReading(StoreFiles.catalogueName(volume));
                reader.file = file;
                ByteBuffer header = ByteBuffer.allocate(HEADER);
                file.read(header, 0);
                if (header.flip().equals(ByteBuffer.wrap(header(volume)))) {
                    reader.records = new RecordCursor(file, from, file.size(), SLICE);
                    reader.end = from;
                }
            } catch (NoSuchFileException missing) {
                // Then it has no entries.
            }
            return reader;
        }

        /** The next entry, valid until the one after it is asked for; null behind the last that is whole. */
        @Nullable
        Catalogued next() throws IOException {
            if (records != null
                    && records.next() instanceof RecordCursor.Whole(long at, RecordFrame.Head head, ByteBuffer body)) {
                try {
                    Catalogued entry = Catalogued.decode(head.number(), volume, body);
                    end = at + head.totalLength();
                    return entry;
                } catch (MalformedException damaged) {
                    // As if the entries ended here.
                }
            }
            records = null;
            return null;
        }

        /** Offset behind the last entry that {@link #next} gave; 0 if this is no catalogue that can be continued. */
        long end() {
            return end;
        }

        @Override
        public void close() throws IOException {
            if (file != null) {
                file.close();
            }
        }
    }

    /** Appends to the catalogue of the volume that is being written. */
    static final class Writer implements AutoCloseable {
        private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

        private final StorageFile file;
        private long end;

        /** Encoded entries that are not in the file yet. */
        private ByteBuffer owed = NOTHING;

        private Writer(StorageFile file, long end) {
            this.file = file;
            this.end = end;
        }

        /** Continues a catalogue behind its last whole entry; the file is cut there. */
        static Writer open(StorageDirectory directory, int volume, long end) throws IOException {
            StorageFile file = directory.open(StoreFiles.catalogueName(volume));
            file.truncate(end);
            return new Writer(file, end);
        }

        /** Begins a catalogue; what had its name is given another. */
        static Writer create(StorageDirectory directory, int volume) throws IOException {
            String name = StoreFiles.catalogueName(volume);
            if (directory.names().contains(name)) {
                directory.rename(name, name + ".unusable");
            }
            directory.create(name, header(volume));
            return new Writer(directory.open(name), HEADER);
        }

        /** Adds entries. If the disk does not take them they are owed, and written by the next {@link #settle}. */
        void append(List<Catalogued> entries) throws IOException {
            owe(entries);
            settle();
        }

        /** Writes what is owed. */
        void settle() throws IOException {
            if (owed.hasRemaining()) {
                file.write(owed.duplicate(), end);
                end += owed.remaining();
                owed = NOTHING;
            }
        }

        private void owe(List<Catalogued> entries) {
            List<ByteBuffer> bodies = entries.stream().map(Catalogued::encode).toList();
            int length = bodies.stream()
                    .mapToInt(body -> RecordFrame.LENGTH + body.remaining())
                    .sum();
            ByteBuffer out = ByteBuffer.allocate(owed.remaining() + length).put(owed);
            for (int i = 0; i < bodies.size(); i++) {
                long number = entries.get(i).number();
                RecordFrame.write(out, bodies.get(i), number, number);
                out.put(bodies.get(i));
            }
            owed = out.flip();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
