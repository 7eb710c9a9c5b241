package io.kiroku.cli;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Lines at the bottom of a terminal that are drawn again in place, with everything else above them. Long lines are cut by
 * the terminal itself: its automatic wrapping is off while they are drawn, so the width need not be known.
 */
final class LiveDisplay implements AutoCloseable {
    private static final String NO_WRAP = "\u001b[?7l";
    private static final String WRAP = "\u001b[?7h";
    private static final String ERASE_REST_OF_LINE = "\u001b[K";
    private static final String ERASE_BELOW = "\u001b[J";

    private final PrintStream out;
    private final PrintStream replaced;
    private List<String> shown = List.of();

    /** Takes over standard error, so that what is logged is not drawn over. */
    LiveDisplay(PrintStream out) {
        this.out = out;
        this.replaced = System.err;
        System.setErr(new PrintStream(new Lines(), true, StandardCharsets.UTF_8));
    }

    /** Collects bytes up to a newline. */
    private final class Lines extends OutputStream {
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();

        @Override
        public synchronized void write(int b) {
            if (b == '\n') {
                above(line.toString(StandardCharsets.UTF_8));
                line.reset();
            } else {
                line.write(b);
            }
        }
    }

    /** Draws the lines in place of those before. */
    synchronized void show(List<String> lines) {
        StringBuilder drawing = new StringBuilder(NO_WRAP).append(toTop());
        lines.forEach(line -> drawing.append(line).append(ERASE_REST_OF_LINE).append('\n'));
        drawing.append(ERASE_BELOW).append(WRAP);
        shown = List.copyOf(lines);
        out.print(drawing);
        out.flush();
    }

    /** Puts a line above those that are drawn again. */
    synchronized void above(String line) {
        List<String> lines = shown;
        out.print(toTop() + ERASE_BELOW + line + "\n");
        shown = List.of();
        show(lines);
    }

    private String toTop() {
        return shown.isEmpty() ? "" : "\u001b[" + shown.size() + "A\r";
    }

    /** Leaves the lines where they are, and gives standard error back. */
    @Override
    public void close() {
        System.setErr(replaced);
        out.flush();
    }
}
