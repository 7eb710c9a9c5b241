package io.kiroku.collector.store;

import io.kiroku.evidence.durable.ChannelFile;
import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.durable.StorageFile;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** A directory of the operating system. */
public final class DiskDirectory implements StorageDirectory {
    private final Path path;

    public DiskDirectory(Path path) {
        this.path = path;
    }

    @Override
    public List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (NoSuchFileException nothingThere) {
            return List.of();
        }
    }

    @Override
    public StorageFile open(String name) throws IOException {
        return ChannelFile.open(path.resolve(name));
    }

    @Override
    public StorageFile openForReading(String name) throws IOException {
        return ChannelFile.openForReading(path.resolve(name));
    }

    @Override
    public void create(String name, byte[] content) throws IOException {
        Durable.create(placeOf(name), content);
    }

    @Override
    public void overwrite(String name, byte[] content) throws IOException {
        Durable.overwrite(placeOf(name), content);
    }

    @Override
    public void write(String name, byte[] content) throws IOException {
        Durable.overwriteUnsynced(placeOf(name), content);
    }

    @Override
    public void delete(String name) throws IOException {
        Path file = path.resolve(name);
        Files.deleteIfExists(file);
        Path parent = file.getParent();
        if (parent != null && !parent.equals(path)) {
            try {
                Files.deleteIfExists(parent);
            } catch (DirectoryNotEmptyException inUse) {
                // Others are in it.
            }
        }
    }

    private Path placeOf(String name) throws IOException {
        Path file = path.resolve(name);
        Path parent = file.getParent();
        Durable.createDirectories(parent == null ? path : parent);
        return file;
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(path.resolve(from), path.resolve(to), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public long freeBytes() throws IOException {
        Path existing = path.toAbsolutePath();
        while (!Files.exists(existing)) {
            Path parent = existing.getParent();
            if (parent == null) {
                throw new NoSuchFileException(path.toString());
            }
            existing = parent;
        }
        return Files.getFileStore(existing).getUsableSpace();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
