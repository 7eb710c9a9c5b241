package io.kiroku.collector.trust;

import io.kiroku.evidence.trust.Revocations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The revoked keys of a collector that runs: looked at again once a second. A file that cannot be read changes nothing, so
 * that no key is taken for valid again. For any thread.
 */
public final class RevokedNow implements Supplier<Revocations> {
    private static final Logger LOG = LoggerFactory.getLogger(RevokedNow.class);
    private static final long EVERY = Duration.ofSeconds(1).toNanos();

    /** What the file looked like. */
    private record Look(long size, long modified, Object key) {
        private static final Look NOTHING = new Look(0, 0, "");
    }

    private final Path data;
    private final LongSupplier nanoTime;
    private final AtomicLong due;
    private volatile Revocations known;
    private Look seen;
    private String trouble = "";

    /**
     * Reads the keys that are revoked now.
     *
     * @throws IOException if the file is there and cannot be read: a collector must not start without it
     */
    public RevokedNow(Path data, LongSupplier nanoTime) throws IOException {
        this.data = data;
        this.nanoTime = nanoTime;
        this.due = new AtomicLong(nanoTime.getAsLong() + EVERY);
        this.seen = look();
        this.known = RevokedFile.read(data);
    }

    @Override
    public Revocations get() {
        long now = nanoTime.getAsLong();
        long at = due.get();
        if (now - at >= 0 && due.compareAndSet(at, now + EVERY)) {
            lookAgain();
        }
        return known;
    }

    private synchronized void lookAgain() {
        try {
            Look now = look();
            if (!now.equals(seen)) {
                Revocations read = RevokedFile.read(data).and(known);
                LOG.info(
                        "{} keys are revoked, {} were.",
                        read.all().size(),
                        known.all().size());
                known = read;
                seen = now;
            }
            trouble = "";
        } catch (IOException unreadable) {
            String sentence = String.valueOf(unreadable.getMessage());
            if (!sentence.equals(trouble)) {
                LOG.error("The list of revoked keys cannot be read, those known before stay revoked: {}.", sentence);
            }
            trouble = sentence;
        }
    }

    private Look look() throws IOException {
        try {
            BasicFileAttributes file = Files.readAttributes(RevokedFile.in(data), BasicFileAttributes.class);
            return new Look(file.size(), file.lastModifiedTime().toMillis(), String.valueOf(file.fileKey()));
        } catch (NoSuchFileException none) {
            return Look.NOTHING;
        }
    }
}
