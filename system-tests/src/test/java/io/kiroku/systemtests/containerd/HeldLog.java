package io.kiroku.systemtests.containerd;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * All that a runtime wrote to the log of one container instance, held by a descriptor of every file of it: whatever is
 * renamed, compressed and deleted, this is the truth. A hard link would be one as well, but would show in the number of
 * links, by which others learn that a file is gone.
 */
final class HeldLog implements AutoCloseable {
    private final Path live;
    private final List<FileChannel> files = new ArrayList<>();

    /** Holds the file that is there now. */
    HeldLog(Path live) throws IOException {
        this.live = live;
        hold();
    }

    /** Holds the file that has the live name now, as well. */
    void hold() throws IOException {
        files.add(FileChannel.open(live, StandardOpenOption.READ));
    }

    Path live() {
        return live;
    }

    /** Number of files that it came to lie in. */
    int count() {
        return files.size();
    }

    /** Bytes in the file that was held last. */
    long lengthOfLast() throws IOException {
        return files.getLast().size();
    }

    /** Bytes in all files. */
    long length() throws IOException {
        long length = 0;
        for (FileChannel file : files) {
            length += file.size();
        }
        return length;
    }

    /** All bytes, from the first on. */
    InputStream content() {
        return new Content();
    }

    /** Reads file after file. */
    private final class Content extends InputStream {
        private final byte[] one = new byte[1];
        private int file;
        private long offset;

        @Override
        public int read() throws IOException {
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int from, int most) throws IOException {
            while (file < files.size()) {
                int length = files.get(file).read(ByteBuffer.wrap(into, from, most), offset);
                if (length >= 0) {
                    offset += length;
                    return length;
                }
                file++;
                offset = 0;
            }
            return -1;
        }
    }

    @Override
    public void close() throws IOException {
        for (FileChannel file : files) {
            file.close();
        }
    }
}
