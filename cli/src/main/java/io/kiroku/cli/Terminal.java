package io.kiroku.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.kiroku.evidence.record.ShownText;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Where a command's output goes, and what is known of the place. */
final class Terminal {
    private final OutputStream bytes;
    private final PrintStream out;
    private final PrintStream err;
    private final boolean outIsTerminal;
    private final boolean errIsTerminal;
    private final Map<String, String> environment;

    /**
     * @param bytes standard output
     * @param err standard error
     * @param outIsTerminal whether a person sees standard output as it is written
     */
    Terminal(
            OutputStream bytes,
            PrintStream err,
            boolean outIsTerminal,
            boolean errIsTerminal,
            Map<String, String> environment) {
        this.bytes = bytes;
        this.out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        this.err = err;
        this.outIsTerminal = outIsTerminal;
        this.errIsTerminal = errIsTerminal;
        this.environment = environment;
    }

    /** The process's own. */
    static Terminal ofProcess() {
        return new Terminal(
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 64 << 10),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                isTerminal(1),
                isTerminal(2),
                System.getenv());
    }

    /** By what the descriptor is a link to (proc(5)): System.console() says nothing of one descriptor alone. */
    static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException unknown) {
            return false;
        }
    }

    /** Standard output for bytes: tells by an exception when nobody reads it any more. To be flushed. */
    OutputStream bytes() {
        return bytes;
    }

    /** Standard output for lines. */
    PrintStream out() {
        return out;
    }

    /** Prints JSON for people: what does something on a terminal is escaped. */
    void json(JsonNode json) {
        out.println(ShownText.inJson(json.toPrettyString()));
    }

    /** Standard error. */
    PrintStream err() {
        return err;
    }

    /** Whether lines of standard output can be drawn again: a terminal, and one that can. */
    boolean canRedraw() {
        return outIsTerminal && isCapable();
    }

    /** The same of standard error. */
    boolean canRedrawErr() {
        return errIsTerminal && isCapable();
    }

    private boolean isCapable() {
        String term = environment.getOrDefault("TERM", "dumb");
        return !term.equals("dumb") && !environment.getOrDefault("CI", "").equals("true");
    }

    /** Whether colours are welcome (no-color.org). */
    boolean hasColours() {
        return canRedraw() && environment.getOrDefault("NO_COLOR", "").isEmpty();
    }

    /** Emphasizes a text where that is possible. */
    String bold(String text) {
        return hasColours() ? "\u001b[1m" + text + "\u001b[0m" : text;
    }

    /** Marks a text as good where that is possible. */
    String green(String text) {
        return hasColours() ? "\u001b[32m" + text + "\u001b[0m" : text;
    }

    /** Marks a text as bad where that is possible. */
    String red(String text) {
        return hasColours() ? "\u001b[31m" + text + "\u001b[0m" : text;
    }

    Map<String, String> environment() {
        return environment;
    }
}
