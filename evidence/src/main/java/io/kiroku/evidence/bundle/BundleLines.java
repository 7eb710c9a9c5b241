package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.MalformedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Reads a log file of a bundle line by line. Nothing of it is checked. */
public final class BundleLines {
    /** Bytes of a line that are given; what is behind them is left out. */
    static final int MOST_LINE = 1 << 20;

    private BundleLines() {}

    /**
     * Gives the lines of a file of a bundle, without their line feeds.
     *
     * @throws MalformedException if the file is no bundle, or has no file of that name
     */
    public static void read(FileChannel archive, String name, Consumer<String> to)
            throws IOException, MalformedException {
        ZipReader zip = ZipReader.open(archive);
        BundleFile file = zip.find(name);
        if (file == null) {
            throw new MalformedException("archive: expected the file %s, found none".formatted(name));
        }
        Window window = zip.window(file, 0);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (ByteBuffer bytes = window.more(); bytes.hasRemaining(); bytes = window.more()) {
            while (bytes.hasRemaining()) {
                byte octet = bytes.get();
                if (octet == '\n') {
                    to.accept(line.toString(StandardCharsets.UTF_8));
                    line.reset();
                } else if (line.size() < MOST_LINE) {
                    line.write(octet);
                }
            }
        }
    }
}
