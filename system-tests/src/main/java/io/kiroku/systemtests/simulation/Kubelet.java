package io.kiroku.systemtests.simulation;

import io.kiroku.agent.simulation.SimFiles;
import io.kiroku.agent.simulation.SimInode;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Containers that write, and a kubelet that treats their logs as a kubelet does: it renames the live file, some time
 * later the runtime opens a new one and meanwhile writes to the old; at the next rotation the older file is compressed;
 * the oldest are deleted; containers begin again under another number; pods go with all they have.
 */
final class Kubelet {
    static final String PODS = "/var/log/pods";

    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern(".yyyyMMdd-HHmmss", Locale.ROOT);

    /** The kubelet's names change every second; here, where all goes faster, more often. */
    private static final long STAMP_NANOS = Node.SECOND / 20;

    /** Rotated files of a container that are kept. */
    private static final int KEPT = 3;

    private static final int MOST_CONTAINERS = 12;

    /** A container's log. */
    private final class Log {
        private final String directory;
        private final Deque<String> plain = new ArrayDeque<>();
        private final Deque<String> compressed = new ArrayDeque<>();
        private int restart;
        private SimFiles.Writer writer;
        /** The runtime has a new file, and not let go of the last one yet. */
        private SimFiles.@Nullable Writer before;

        private boolean rotating;
        private boolean gone;

        private Log(String directory) {
            this.directory = directory;
            node.files.mkdirs(directory);
            node.ledger.madeDirectory(directory);
            this.writer = begin();
        }

        private String live() {
            return directory + "/" + restart + ".log";
        }

        private SimFiles.Writer begin() {
            boolean isNew = !node.files.exists(live());
            SimFiles.Writer opened = node.files.open(live());
            if (isNew) {
                node.ledger.born(opened.inode(), live(), directory);
            }
            if (random.nextInt(8) > 0) {
                opened.write(line());
            }
            return opened;
        }

        private void closeBefore() {
            if (before != null) {
                before.close();
                before = null;
            }
        }

        private String pod() {
            return directory.substring(0, directory.lastIndexOf('/'));
        }
    }

    private final Node node;
    private final SplittableRandom random;
    private final List<Log> logs = new ArrayList<>();
    private final List<SimFiles.Writer> lingering = new ArrayList<>();
    private int longest = 4_000;
    private int cuts;
    private boolean collides;
    private long lines;
    private int pods;
    private long written;

    Kubelet(Node node, SplittableRandom random) {
        this.node = node;
        this.random = random;
        node.files.mkdirs(PODS);
    }

    /**
     * @param longestWrite bytes written at once, at most
     * @param cutsPerThousand how many of a thousand things that happen are a log that is copied and cut
     * @param mayCollide whether a rotated file may take the name of an earlier one, which loses it
     */
    void behave(int longestWrite, int cutsPerThousand, boolean mayCollide) {
        longest = longestWrite;
        cuts = cutsPerThousand;
        collides = mayCollide;
    }

    /** Bytes that were written so far. */
    long written() {
        return written;
    }

    /** Something happens. */
    void act() {
        if (random.nextInt(1000) < cuts) {
            copyTruncate();
        } else {
            switch (random.nextInt(24)) {
                case 0 -> beginPod();
                case 1 -> deletePod();
                case 2, 3 -> rotate();
                case 4 -> restartContainer();
                case 5 -> lateWrite();
                case 6 -> lateClose();
                case 7 -> shortLivedPod();
                default -> write(anyLog());
            }
        }
        node.stirred();
    }

    private Log anyLog() {
        if (logs.isEmpty()) {
            beginPod();
        }
        return logs.get(random.nextInt(logs.size()));
    }

    private byte[] line() {
        byte[] line = "2026-01-02T03:04:05.%09dZ stdout F line %d of %s, and no other%n"
                .formatted(lines % 1_000_000_000, ++lines, node.name)
                .getBytes(StandardCharsets.UTF_8);
        written += line.length;
        return line;
    }

    private byte[] someBytes() {
        if (random.nextInt(3) > 0) {
            return line();
        }
        byte[] bytes = new byte[random.nextInt(1, longest)];
        long pattern = random.nextLong();
        int every = random.nextInt(20, 400);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = i % every == 0 ? (byte) '\n' : (byte) (pattern >>> (i * 7 + i / 64) % 56);
        }
        written += bytes.length;
        return bytes;
    }

    private void write(Log log) {
        log.writer.write(someBytes());
        node.scheduler.note("%s grows to %d", log.live(), log.writer.inode().size());
    }

    /** The directory of the pod whose log that is. */
    static String podOf(String live) {
        String directory = live.substring(0, live.lastIndexOf('/'));
        return directory.substring(0, directory.lastIndexOf('/'));
    }

    private Log beginPod() {
        Log log = new Log("%s/ns_pod-%d_uid/app%d".formatted(PODS, ++pods, random.nextInt(2)));
        logs.add(log);
        if (logs.size() > MOST_CONTAINERS) {
            remove(logs.getFirst());
        }
        return log;
    }

    private void deletePod() {
        if (!logs.isEmpty()) {
            Log log = logs.get(random.nextInt(logs.size()));
            if (random.nextBoolean()) {
                write(log);
            }
            remove(log);
        }
    }

    private void remove(Log log) {
        log.closeBefore();
        logs.remove(log);
        log.gone = true;
        for (String name : node.files.namesIn(log.directory)) {
            unlink(log.directory + "/" + name);
        }
        node.files.removeTree(log.pod());
        node.ledger.removedDirectory(log.pod());
        lingering.add(log.writer);
    }

    private void unlink(String path) {
        node.scheduler.note("%s goes", path);
        SimInode inode = node.files.at(path);
        node.files.unlink(path);
        node.ledger.gone(inode);
    }

    /** The kubelet's rotation, from its compressing of what is older to the runtime's opening of a new file. */
    private void rotate() {
        Log log = anyLog();
        if (log.rotating || !node.files.exists(log.live())) {
            return;
        }
        String name = log.live()
                + LocalDateTime.ofEpochSecond(node.wallNanos() / STAMP_NANOS, 0, ZoneOffset.UTC)
                        .format(STAMP);
        boolean taken = node.files.exists(name) || node.files.exists(name + ".gz");
        if (taken && !collides) {
            return;
        }
        log.closeBefore();
        while (log.plain.size() > random.nextInt(2)) {
            compress(log, log.plain.remove());
        }
        while (log.plain.size() + log.compressed.size() >= KEPT) {
            unlink(log.compressed.isEmpty() ? log.plain.remove() : log.compressed.remove());
        }
        if (node.files.exists(name)) {
            // As the kubelet does it: after a step of the clock the new name may be taken, and what had it loses it.
            node.ledger.collided();
            unlink(name);
            log.plain.remove(name);
        }
        node.scheduler.note("%s becomes %s", log.live(), name);
        node.files.rename(log.live(), name);
        log.plain.add(name);
        log.rotating = true;
        long gap = random.nextInt(4) == 0 ? 0 : random.nextLong(60 * Node.MILLI);
        node.scheduler.in(gap, node.world, "reopen", () -> reopen(log));
    }

    private void compress(Log log, String name) {
        node.scheduler.note("%s is compressed", name);
        SimInode inode = node.files.at(name);
        node.files.gzip(name);
        node.ledger.gone(inode);
        node.ledger.born(node.files.at(name + ".gz"), log.live(), log.directory);
        log.compressed.remove(name + ".gz");
        log.compressed.add(name + ".gz");
    }

    private void reopen(Log log) {
        if (log.gone || !log.rotating) {
            return;
        }
        log.rotating = false;
        if (random.nextInt(3) == 0) {
            write(log);
        }
        node.scheduler.note("%s is opened anew", log.live());
        log.before = log.writer;
        log.writer = log.begin();
        if (random.nextInt(4) > 0) {
            log.closeBefore();
        }
        node.stirred();
    }

    private void restartContainer() {
        Log log = anyLog();
        if (!log.rotating) {
            log.closeBefore();
            log.writer.close();
            beginAgain(log);
        }
    }

    /** A process that outlived its pod still writes to a file that has no name any more. */
    private void lateWrite() {
        if (!lingering.isEmpty()) {
            lingering.get(random.nextInt(lingering.size())).write(someBytes());
        }
    }

    private void lateClose() {
        if (!lingering.isEmpty()) {
            lingering.remove(random.nextInt(lingering.size())).close();
        }
    }

    private void shortLivedPod() {
        Log log = beginPod();
        write(log);
        node.scheduler.in(random.nextLong(80 * Node.MILLI), node.world, "short-lived pod goes", () -> {
            if (!log.gone) {
                write(log);
                remove(log);
                lingering.remove(log.writer);
                log.writer.close();
                node.stirred();
            }
        });
    }

    /** Copied elsewhere and cut, by somebody who cannot ask the writer to open anew. */
    private void copyTruncate() {
        Log log = anyLog();
        if (node.files.exists(log.live())) {
            node.scheduler.note("%s is cut", log.live());
            node.files.truncate(log.live(), 0);
            if (random.nextInt(4) > 0) {
                log.writer.write(line());
                write(log);
            }
        }
    }

    /** No process outlived the power failure; containers that are still wanted begin anew. */
    void rebooted() {
        lingering.forEach(SimFiles.Writer::close);
        lingering.clear();
        for (Log log : logs) {
            log.closeBefore();
            log.writer.close();
            log.rotating = false;
            beginAgain(log);
        }
    }

    /** The next instance of a container has a log of its own; of the instances before, the last one's is kept. */
    private void beginAgain(Log log) {
        log.plain.clear();
        log.compressed.clear();
        if (log.restart > 0) {
            String before = "%d.log".formatted(log.restart - 1);
            for (String name : node.files.namesIn(log.directory)) {
                if (name.startsWith(before)) {
                    unlink(log.directory + "/" + name);
                }
            }
        }
        log.restart++;
        log.writer = log.begin();
    }

    /** The files that have a name now, in an order that is the same in every run. */
    Set<SimInode> named() {
        Set<SimInode> named = new LinkedHashSet<>();
        for (Log log : logs) {
            for (String name : node.files.namesIn(log.directory)) {
                if (!name.endsWith(".gz")) {
                    named.add(node.files.at(log.directory + "/" + name));
                }
            }
        }
        return named;
    }

    /** The compressed files that have a name now. */
    List<SimInode> compressed() {
        List<SimInode> compressed = new ArrayList<>();
        for (Log log : logs) {
            for (String name : node.files.namesIn(log.directory)) {
                if (name.endsWith(".gz")) {
                    compressed.add(node.files.at(log.directory + "/" + name));
                }
            }
        }
        return compressed;
    }

    /** All writers close, all pods go. */
    void endEverything() {
        logs.forEach(log -> log.writer.close());
        List.copyOf(logs).forEach(this::remove);
        lingering.forEach(SimFiles.Writer::close);
        lingering.clear();
        node.stirred();
    }
}
