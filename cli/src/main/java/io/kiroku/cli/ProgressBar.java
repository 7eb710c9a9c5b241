package io.kiroku.cli;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/** One line on a terminal that says how far something is; nothing anywhere else, or where it does not take long. */
final class ProgressBar {
    private static final int WIDTH = 30;
    private static final long AFTER_NANOS = 500_000_000L;
    private static final long EVERY_NANOS = 100_000_000L;

    private final PrintStream out;
    private final boolean enabled;
    private final LongSupplier nanoTime;
    private final long start;
    private long drawn;

    /**
     * @param enabled whether the line can be drawn again
     * @param nanoTime a clock that counts nanoseconds
     */
    ProgressBar(PrintStream out, boolean enabled, LongSupplier nanoTime) {
        this.out = out;
        this.enabled = enabled;
        this.nanoTime = nanoTime;
        this.start = nanoTime.getAsLong();
    }

    void show(long done, long total) {
        long now = nanoTime.getAsLong();
        if (!enabled || now - start < AFTER_NANOS || (drawn != 0 && now - drawn < EVERY_NANOS)) {
            return;
        }
        drawn = now;
        double seconds = (now - start) / 1e9;
        out.print("\r" + bar(done, total)
                + String.format(
                        Locale.ROOT,
                        "  %s of %s, %s/s\u001b[K",
                        Sizes.format(done),
                        Sizes.format(total),
                        Sizes.format((long) (done / seconds))));
        out.flush();
    }

    /** {@code [##########....................]  33 %}. */
    static String bar(long done, long total) {
        double part = total <= 0 ? 1 : Math.clamp((double) done / total, 0, 1);
        int filled = (int) Math.floor(part * WIDTH);
        return "[%s%s] %3d %%".formatted("#".repeat(filled), ".".repeat(WIDTH - filled), (int) Math.floor(part * 100));
    }

    void clear() {
        if (drawn != 0) {
            out.print("\r\u001b[K");
            out.flush();
        }
    }
}
