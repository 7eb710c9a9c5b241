package io.kiroku.systemtests.memory;

import io.kiroku.agent.simulation.SimFiles;
import io.kiroku.systemtests.lines.ContainerLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;

/**
 * The pods of a node, always as many: they write, their logs are rotated and compressed as a kubelet does it, they go, and
 * others come. What their files hold at a time is small, and about the same at all times.
 */
final class Pods {
    static final String DIRECTORY = "/var/log/pods";

    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern(".yyyyMMdd-HHmmss", Locale.ROOT);
    private static final long SECOND = 1_000_000_000L;

    /** A live log that is longer is rotated; the kubelet's default is 10 MiB. In bytes. */
    private static final int ROTATED_AT = 2 << 10;

    private static final int LONGEST_WRITE = 1500;

    /** Rotated files of a container that are kept, one of them plain. */
    private static final int KEPT = 3;

    private final class Pod {
        private final String directory;
        private final String live;
        private final long endsAt;
        private final Deque<String> rotated = new ArrayDeque<>();
        private SimFiles.Writer writer;

        private Pod(long endsAt) {
            this.endsAt = endsAt;
            this.directory = "%s/shop_checkout-%06d_8c2b1f0e-6a55-4d1a-9f0e-%012x".formatted(DIRECTORY, made, made);
            made++;
            files.mkdirs(directory + "/app");
            this.live = directory + "/app/0.log";
            this.writer = files.open(live);
            filesMade++;
        }

        private void write() {
            int length = random.nextInt(1, LONGEST_WRITE);
            int from = random.nextInt(text.length - length);
            writer.write(Arrays.copyOfRange(text, from, from + length));
            written += length;
        }

        private void rotate(long wallNanos) {
            if (!rotated.isEmpty()) {
                compress(rotated.removeLast());
            }
            while (rotated.size() >= KEPT) {
                files.unlink(rotated.removeFirst());
            }
            String name = live
                    + LocalDateTime.ofEpochSecond(wallNanos / SECOND, 0, ZoneOffset.UTC)
                            .format(STAMP);
            files.rename(live, name);
            rotated.addLast(name);
            SimFiles.Writer before = writer;
            writer = files.open(live);
            filesMade++;
            before.close();
        }

        private void compress(String name) {
            files.write(name + ".tmp", gzipped(files.at(name).content()));
            files.rename(name + ".tmp", name + ".gz");
            files.unlink(name);
            rotated.addLast(name + ".gz");
        }

        private void remove() {
            files.removeTree(directory);
            writer.close();
        }
    }

    private final SimFiles files;
    private final SplittableRandom random;
    private final int count;
    private final long lifeNanos;
    private final byte[] text;
    private final List<Pod> alive = new ArrayList<>();
    private long made;
    private long filesMade;
    private long written;

    /**
     * @param count pods at a time
     * @param lifeNanos how long a pod lives, in the middle: from half of it to one and a half
     */
    Pods(SimFiles files, long seed, int count, long lifeNanos) {
        this.files = files;
        this.random = new SplittableRandom(seed);
        this.count = count;
        this.lifeNanos = lifeNanos;
        this.text = new ContainerLog(seed).next(64 << 10);
        files.mkdirs(DIRECTORY);
    }

    /** Some pods write, a log that has become long is rotated, a pod whose time is over makes room for another. */
    void act(long now, long wallNanos) {
        while (alive.size() < count) {
            alive.add(new Pod(now + random.nextLong(2 * lifeNanos)));
        }
        for (int i = 0; i < alive.size(); i++) {
            Pod pod = alive.get(i);
            if (random.nextInt(4) == 0) {
                pod.write();
            }
            if (now >= pod.endsAt) {
                pod.remove();
                alive.set(i, new Pod(now + lifeNanos / 2 + random.nextLong(lifeNanos)));
            } else if (pod.writer.inode().size() > ROTATED_AT) {
                pod.rotate(wallNanos);
            }
        }
        files.forgetFreed();
    }

    /** All pods go. When something is done next, others come. */
    void removeAll() {
        alive.forEach(Pod::remove);
        alive.clear();
        files.forgetFreed();
    }

    /** How many pods there ever were. */
    long made() {
        return made;
    }

    /** How many log files there ever were, each counted once whatever names it had. */
    long filesMade() {
        return filesMade;
    }

    /** Bytes of log that were ever written. */
    long written() {
        return written;
    }

    private static byte[] gzipped(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }
}
