package io.kiroku.systemtests.direct;

import io.kiroku.collector.log.LogFiles;
import io.kiroku.collector.store.DiskDirectory;
import io.kiroku.collector.store.StorageDirectory;
import io.kiroku.collector.store.StoreFiles;
import io.kiroku.evidence.durable.StorageFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A directory of {@link ScratchFile}s.
 *
 * @param window of each file, in bytes
 */
public record ScratchDirectory(StorageDirectory directory, long window) implements StorageDirectory {
    /** The directories of a store. */
    public static StoreFiles store(Path data, long window) {
        return new StoreFiles(
                of(data.resolve("volumes"), window),
                of(data.resolve("catalogue"), window),
                of(data.resolve("aside"), window));
    }

    /** The directory of a log. */
    public static LogFiles log(Path data, long window) {
        return new LogFiles(of(data.resolve("log"), window));
    }

    private static ScratchDirectory of(Path path, long window) {
        return new ScratchDirectory(new DiskDirectory(path), window);
    }

    @Override
    public List<String> names() throws IOException {
        return directory.names();
    }

    @Override
    public StorageFile open(String name) throws IOException {
        return new ScratchFile(directory.open(name), window);
    }

    @Override
    public StorageFile openForReading(String name) throws IOException {
        return new ScratchFile(directory.openForReading(name), window);
    }

    @Override
    public void create(String name, byte[] content) throws IOException {
        directory.create(name, content);
    }

    @Override
    public void overwrite(String name, byte[] content) throws IOException {
        directory.overwrite(name, content);
    }

    @Override
    public void write(String name, byte[] content) throws IOException {
        directory.write(name, content);
    }

    @Override
    public void delete(String name) throws IOException {
        directory.delete(name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        directory.rename(from, to);
    }

    @Override
    public long freeBytes() throws IOException {
        return directory.freeBytes();
    }
}
