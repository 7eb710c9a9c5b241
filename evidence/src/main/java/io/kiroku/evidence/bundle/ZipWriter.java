package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes an archive whose files' names and lengths are known beforehand, and their bytes in any order. For use by one
 * thread.
 */
final class ZipWriter {
    private final FileChannel channel;
    private final SortedMap<String, BundleFile> files = new TreeMap<>();
    private final long directoryAt;

    /** @param lengths of the files, in bytes, by their names */
    ZipWriter(FileChannel channel, SortedMap<String, Long> lengths) {
        this.channel = channel;
        long at = 0;
        for (Map.Entry<String, Long> entry : lengths.entrySet()) {
            BundleFile file = new BundleFile(entry.getKey(), entry.getValue(), at, 0);
            files.put(file.name(), file);
            at = file.end();
        }
        directoryAt = at;
    }

    private BundleFile file(String name) {
        BundleFile file = files.get(name);
        if (file == null) {
            throw new IllegalArgumentException("the archive was not to hold " + name);
        }
        return file;
    }

    /** Writes the buffer's bytes at that offset of the file. */
    void write(String name, long at, ByteBuffer bytes) throws IOException {
        BundleFile file = file(name);
        if (at < 0 || bytes.remaining() > file.length() - at) {
            throw new IllegalArgumentException("%s was to have %d bytes".formatted(name, file.length()));
        }
        writeAt(file.dataAt() + at, bytes);
    }

    /** The SHA-256 of a file whose bytes are all written. Keeps its CRC-32 for the directory. */
    Octets close(String name) throws IOException {
        BundleFile file = file(name);
        Digests digests = new Digests();
        Window window = new Window(channel, file.dataAt(), file.end(), Digests.SLICE);
        for (ByteBuffer slice = window.more(); slice.hasRemaining(); slice = window.more()) {
            digests.update(slice);
        }
        files.put(name, new BundleFile(name, file.length(), file.localAt(), digests.crc()));
        return digests.sha256();
    }

    /** Writes all that is not the files'. */
    void finish() throws IOException {
        long at = directoryAt;
        for (BundleFile file : files.values()) {
            writeAt(file.localAt(), ZipForm.local(file));
            ByteBuffer entry = ZipForm.central(file);
            long length = entry.remaining();
            writeAt(at, entry);
            at += length;
        }
        writeAt(at, ZipForm.end(files.size(), directoryAt, at - directoryAt));
    }

    private void writeAt(long from, ByteBuffer bytes) throws IOException {
        long at = from;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }
}
