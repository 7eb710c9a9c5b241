package io.kiroku.collector.cluster.watch;

import io.kiroku.collector.own.OwnLines;
import io.kiroku.collector.pods.ObservationJson;
import io.kiroku.collector.query.Scribe;
import io.kiroku.collector.store.OwnNode;
import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A record in a real store, that can be made to fail. */
final class ClusterRecord implements OwnLines, AutoCloseable {
    private final Path data;
    private final Store store;
    private final Scribe scribe;
    private volatile boolean failing;
    private volatile int failures;
    private volatile long lines;

    ClusterRecord(Path data) throws IOException {
        this.data = data;
        store = Scribe.open(data);
        scribe = new Scribe(store, OwnNode.NAME).file(1, "/kiroku/cluster/test");
    }

    StoreReader reader() throws IOException {
        return StoreReader.open(data);
    }

    void fails(boolean now) {
        failing = now;
    }

    int failures() {
        return failures;
    }

    long lines() {
        return lines;
    }

    @Override
    public synchronized void add(List<byte[]> added) throws IOException {
        if (failing) {
            failures++;
            throw new IOException("no space left on device");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] line : added) {
            if (line.length > ObservationJson.MOST_LINE) {
                throw new AssertionError("a line of " + line.length);
            }
            bytes.writeBytes(line);
            bytes.write('\n');
        }
        if (bytes.size() > OwnLines.MOST_AT_ONCE) {
            throw new AssertionError("lines of " + bytes.size());
        }
        scribe.log(1, bytes.toByteArray()).seal();
        lines += added.size();
    }

    @Override
    public void close() {
        store.close();
    }
}
