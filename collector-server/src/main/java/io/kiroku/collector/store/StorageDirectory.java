package io.kiroku.collector.store;

import io.kiroku.evidence.durable.StorageFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.List;

/**
 * One directory of the store as a crash sees it. The store does all its work on files through this and
 * {@link StorageFile}, and is tested on a disk that forgets what was not synced, fails, and fills up. Names may lead into directories below it, which
 * are made when they are needed.
 */
public interface StorageDirectory {
    /** Names of the files in it, in the order of their characters; none if there is no such directory. */
    List<String> names() throws IOException;

    /**
     * Opens a file for reading and writing.
     *
     * @throws NoSuchFileException if it is not there
     */
    StorageFile open(String name) throws IOException;

    /**
     * Opens a file for reading.
     *
     * @throws NoSuchFileException if it is not there
     */
    StorageFile openForReading(String name) throws IOException;

    /**
     * Makes a file that is not there yet. When this returns, the file, its content and its name are on stable storage;
     * when it fails, or a crash comes first, the file is whole or not there.
     *
     * @throws FileAlreadyExistsException if it is there
     */
    void create(String name, byte[] content) throws IOException;

    /**
     * Makes a file, or replaces it as a whole. When this returns, the new content is on stable storage; when it fails, or a
     * crash comes first, the old content is there, or the new.
     */
    void overwrite(String name, byte[] content) throws IOException;

    /** As {@link #overwrite}, but after a power failure the file may be gone, or its content anything. */
    void write(String name, byte[] content) throws IOException;

    /** Takes a file away, if it is there, and the directory that its name leads into, if that is empty then. */
    void delete(String name) throws IOException;

    /** Gives a file another name, in place of one that may have it. */
    void rename(String from, String to) throws IOException;

    /** Bytes that can still be written to the file system it is on. */
    long freeBytes() throws IOException;
}
