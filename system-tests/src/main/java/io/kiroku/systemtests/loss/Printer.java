package io.kiroku.systemtests.loss;

import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.StdStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Prints numbered lines in a container, one at a time. For use by one thread. */
final class Printer {
    private final PretendContainer container;
    private long next;

    Printer(PretendContainer container) {
        this.container = container;
    }

    /** Prints a line. */
    void print(String text) throws IOException {
        byte[] line = (next + " " + text).getBytes(StandardCharsets.UTF_8);
        if (container.print(StdStream.STDOUT, ByteBuffer.wrap(line), true)) {
            next++;
        }
    }

    /** How many it printed. */
    long count() {
        return next;
    }
}
