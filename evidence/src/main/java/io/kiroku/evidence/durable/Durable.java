package io.kiroku.evidence.durable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;

/**
 * Small files that are whole or not there after a crash. The order is: write under another name, sync the file, rename
 * or link it, sync the directory (fsync(2): "Calling fsync() does not necessarily ensure that the entry in the directory
 * containing the file has also reached disk"). Files are made for their owner alone.
 */
public final class Durable {
    private static final Set<String> NO_LINKS = Set.of("Operation not permitted", "Operation not supported");

    private static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OWNER_DIRECTORY = PosixFilePermissions.fromString("rwx------");

    private Durable() {}

    /**
     * Makes a file that must not be there yet.
     *
     * @throws FileAlreadyExistsException if it is
     */
    public static void create(Path file, byte[] content) throws IOException {
        Path temporary = temporaryFor(file);
        try {
            fill(temporary, content);
            publish(temporary, file);
        } finally {
            Files.deleteIfExists(temporary);
        }
        syncDirectory(directoryOf(file));
    }

    /**
     * Gives the file its name, unless something has it. Where the file system has no hard links, as FAT on a stick, nothing
     * does both in one step: a file that somebody else makes between the look and the renaming is replaced.
     */
    private static void publish(Path temporary, Path file) throws IOException {
        try {
            Files.createLink(file, temporary);
        } catch (FileSystemException failure) {
            // link(2): EPERM where the file system has no hard links. Any other failure is one of the disk.
            if (!NO_LINKS.contains(String.valueOf(failure.getReason()))) {
                throw failure;
            }
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(file.toString());
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Writes what a file is to hold. */
    @FunctionalInterface
    public interface Content<X extends Exception> {
        /** Writes into an empty file that is open for reading and writing, and leaves it open. */
        void writeTo(FileChannel file) throws IOException, X;
    }

    /**
     * Makes a file of any size that must not be there yet.
     *
     * @throws FileAlreadyExistsException if it is
     */
    public static <X extends Exception> void create(Path file, Content<X> content) throws IOException, X {
        Path temporary = temporaryFor(file);
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                content.writeTo(channel);
                channel.force(true);
            }
            publish(temporary, file);
        } finally {
            Files.deleteIfExists(temporary);
        }
        syncDirectory(directoryOf(file));
    }

    /**
     * Makes a file, or finds it with the same content.
     *
     * @throws FileAlreadyExistsException if it is there with other content
     */
    public static void createIdempotent(Path file, byte[] content) throws IOException {
        try {
            create(file, content);
        } catch (FileAlreadyExistsException exists) {
            if (Files.size(file) != content.length || !Arrays.equals(Files.readAllBytes(file), content)) {
                throw exists;
            }
            syncDirectory(directoryOf(file));
        }
    }

    /** Makes a file, or replaces it as a whole: a reader sees the old content or the new. */
    public static void overwrite(Path file, byte[] content) throws IOException {
        Path temporary = temporaryFor(file);
        try {
            fill(temporary, content);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
        syncDirectory(directoryOf(file));
    }

    /** As {@link #overwrite}, but nothing is synced: after a power failure the file may be gone, or its content anything. */
    public static void overwriteUnsynced(Path file, byte[] content) throws IOException {
        Path temporary = temporaryFor(file);
        try {
            Files.write(temporary, content);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Makes the directory and those above it where they are missing, each entry on stable storage. */
    public static void createDirectories(Path directory) throws IOException {
        Path absolute = directory.toAbsolutePath();
        if (Files.isDirectory(absolute)) {
            return;
        }
        createDirectories(directoryOf(absolute));
        try {
            Files.createDirectory(absolute, PosixFilePermissions.asFileAttribute(OWNER_DIRECTORY));
        } catch (FileAlreadyExistsException raced) {
            if (!Files.isDirectory(absolute)) {
                throw raced;
            }
        }
        syncDirectory(directoryOf(absolute));
    }

    /** Returns when the directory's entries are on stable storage. */
    public static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static Path temporaryFor(Path file) throws IOException {
        return Files.createTempFile(
                directoryOf(file), "." + file.getFileName(), ".tmp", PosixFilePermissions.asFileAttribute(OWNER_FILE));
    }

    private static void fill(Path temporary, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    private static Path directoryOf(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException("expected a path below a directory, found " + file);
        }
        return parent;
    }
}
