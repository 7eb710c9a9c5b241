package io.kiroku.systemtests.simulation;

import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/** What happened, as a hash: two runs that do the same have the same. Told to somebody as well, if somebody listens. */
final class Trace {
    private final @Nullable PrintStream listener;
    private long hash = 0xcbf29ce484222325L;
    private long events;

    Trace(@Nullable PrintStream listener) {
        this.listener = listener;
    }

    /**
     * Takes down an event.
     *
     * @param now virtual time in nanoseconds
     * @param who an actor's name
     * @param what a word for it
     */
    void event(long now, String who, String what, long a, long b) {
        events++;
        mix(now);
        mix(who.hashCode());
        mix(what.hashCode());
        mix(a);
        mix(b);
        if (listener != null) {
            listener.printf("%12.6f  %-15s %s %d %d%n", now / 1e9, who, what, a, b);
        }
    }

    /** Something for people only. */
    @SuppressWarnings("AnnotateFormatMethod") // The annotation would be a dependency for it alone.
    void note(long now, String who, String format, Object... arguments) {
        if (listener != null) {
            listener.printf("%12.6f  %-15s %s%n", now / 1e9, who, format.formatted(arguments));
        }
    }

    private void mix(long value) {
        hash = (hash ^ value) * 0x9E3779B97F4A7C15L;
        hash ^= hash >>> 29;
    }

    long hash() {
        return hash;
    }

    long events() {
        return events;
    }
}
