package io.kiroku.collector.access;

import java.io.IOException;
import java.nio.file.Path;

/** Is told of each file that says who may what, when it is read at first and when it has changed. */
@FunctionalInterface
public interface ConfigurationListener {
    /**
     * A file was read, and holds once this returns.
     *
     * @param content its text
     * @throws IOException if that cannot be written down: then what it says must not hold
     */
    void read(Path file, String content) throws IOException;
}
