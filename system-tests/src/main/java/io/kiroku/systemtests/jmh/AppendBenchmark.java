package io.kiroku.systemtests.jmh;

import io.kiroku.agent.ring.Ring;
import io.kiroku.agent.ring.RingLayout;
import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreFiles;
import io.kiroku.collector.store.StoreUnavailableException;
import io.kiroku.evidence.durable.ChannelFile;
import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.durable.StorageFile;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.systemtests.direct.ScratchDirectory;
import io.kiroku.systemtests.direct.ScratchFile;
import io.kiroku.systemtests.process.Shell;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * From a segment in memory to a file in the directory for temporary files, in an agent's ring and in a collector's store,
 * each segment made durable by itself. Without fsync, what is left is their own work and the page cache.
 */
public class AppendBenchmark {
    private static final int EXTENT = 16 << 20;
    private static final int EXTENTS = 16;
    private static final long VOLUME = 1 << 30;

    /** Without fsync a volume goes round after so many bytes, so that no disk is filled. */
    private static final long WINDOW = 256 << 20;

    /** A sealed segment. */
    @State(Scope.Thread)
    public static class Sealed {
        @Param({"1048576", "16384"})
        public int rawBytes;

        private final ByteBuffer frame = ByteBuffer.allocateDirect(RecordFrame.LENGTH);
        private ByteBuffer bytes = ByteBuffer.allocate(0);

        @Setup
        public void seal() {
            bytes = Samples.segment(rawBytes);
        }
    }

    /** An agent's ring, and a collector's store, each with a directory of its own. */
    @State(Scope.Thread)
    public static class Disk {
        @Param({"false", "true"})
        public boolean fsync;

        private @Nullable Path directory;
        private @Nullable Ring ring;
        private @Nullable Store store;
        private long sequence;

        @Setup
        public void open() throws IOException {
            Path made = Files.createTempDirectory("kiroku-jmh-");
            directory = made;
            RingLayout layout = new RingLayout(Octets.zero(16), Samples.NODE, EXTENT, EXTENTS, false, 1);
            ChannelFile file = ChannelFile.open(Files.createFile(made.resolve("ring")));
            StorageFile kept = fsync ? file : new ScratchFile(file, ScratchFile.WHOLE);
            kept.write(ByteBuffer.allocate((int) layout.fileLength()), 0);
            ring = Ring.create(kept, layout);
            Path data = made.resolve("data");
            StoreFiles files = fsync ? StoreFiles.of(data) : ScratchDirectory.store(data, WINDOW);
            store = Store.open(files, InstantSource.system(), System::nanoTime, VOLUME);
        }

        @TearDown
        public void remove() throws IOException, InterruptedException {
            if (ring != null && store != null && directory != null) {
                ring.close();
                store.close();
                Shell.bash("rm -rf -- \"$1\"", directory);
            }
        }
    }

    /** The frame before a record: a CRC-32C of the segment. */
    @Benchmark
    public ByteBuffer frame(Sealed sealed, RawBytes raw) {
        raw.add(sealed.rawBytes);
        RecordFrame.write(sealed.frame.clear(), sealed.bytes, 1, 0);
        return sealed.frame;
    }

    /** Appended, durable, acknowledged. */
    @Benchmark
    public long ring(Sealed sealed, Disk disk, RawBytes raw) throws IOException {
        raw.add(sealed.rawBytes);
        Ring ring = disk.ring;
        if (ring == null) {
            throw new IllegalStateException("there is no ring");
        }
        ring.append(sealed.bytes.duplicate(), ++disk.sequence);
        long durable = ring.sync();
        ring.acknowledge(durable);
        return durable;
    }

    /** Appended, durable, in the catalogue. The same segment again and again does not move its stream on. */
    @Benchmark
    public long store(Sealed sealed, Disk disk, RawBytes raw) throws MalformedException, StoreUnavailableException {
        raw.add(sealed.rawBytes);
        Store store = disk.store;
        if (store == null) {
            throw new IllegalStateException("there is no store");
        }
        store.append(Segment.of(sealed.bytes));
        store.sync();
        return store.counts().segments();
    }
}
