package io.kiroku.agent.tail;

import io.kiroku.agent.simulation.SimFiles;
import io.kiroku.agent.simulation.SimInode;
import io.kiroku.evidence.record.FilePath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Containers that write, and a kubelet that rotates, compresses and deletes their logs at random moments. Each content of
 * a file begins with a line that no other has, so that whatever is captured can be told where it belongs.
 */
final class PretendNode {
    static final String PODS = "/var/log/pods";

    /** A container's log: the runtime has it open, the kubelet renames it. */
    private final class Log {
        final String directory;
        final Deque<String> rotated = new ArrayDeque<>();
        int restart;
        SimFiles.Writer writer;

        Log(String directory) {
            this.directory = directory;
            files.mkdirs(directory);
            this.writer = begin();
        }

        String live() {
            return directory + "/" + restart + ".log";
        }

        SimFiles.Writer begin() {
            SimFiles.Writer opened = files.open(live());
            if (random.nextInt(8) > 0) {
                opened.write(firstLine());
            }
            return opened;
        }
    }

    private final SimFiles files;
    private final RandomGenerator random;
    private final int longest;
    private final List<Log> logs = new ArrayList<>();
    private final List<SimFiles.Writer> lingering = new ArrayList<>();
    private int lines;
    private int pods;
    private int stamp;
    private int links;

    /** @param longest bytes written at once, at most */
    PretendNode(SimFiles files, RandomGenerator random, int longest) {
        this.files = files;
        this.random = random;
        this.longest = longest;
        files.mkdirs(PODS);
    }

    private byte[] firstLine() {
        return "%08d is what this file begins with, and no other\n"
                .formatted(++lines)
                .getBytes(StandardCharsets.UTF_8);
    }

    private byte[] someBytes() {
        byte[] bytes = new byte[random.nextInt(4) == 0 ? random.nextInt(1, longest) : random.nextInt(1, 300)];
        random.nextBytes(bytes);
        int every = random.nextInt(20, 400);
        for (int i = every; i < bytes.length; i += every) {
            bytes[i] = '\n';
        }
        return bytes;
    }

    private Log anyLog() {
        if (logs.isEmpty()) {
            beginPod();
        }
        return logs.get(random.nextInt(logs.size()));
    }

    void beginPod() {
        logs.add(new Log("%s/ns_pod-%d_uid/app%d".formatted(PODS, ++pods, random.nextInt(2))));
    }

    void write() {
        anyLog().writer.write(someBytes());
    }

    /** The kubelet renames; the runtime goes on writing to the same file. */
    void rotate() {
        Log log = anyLog();
        if (files.exists(log.live())) {
            String name = "%s.20250101-%06d".formatted(log.live(), ++stamp);
            files.rename(log.live(), name);
            log.rotated.add(name);
        }
    }

    /** The runtime is told to open its log anew. */
    void reopen() {
        Log log = anyLog();
        if (!files.exists(log.live())) {
            SimFiles.Writer before = log.writer;
            log.writer = log.begin();
            if (random.nextBoolean()) {
                before.close();
            } else {
                lingering.add(before);
            }
        }
    }

    /** Rotation as it is meant to be, all at once. */
    void rotateAndReopen() {
        Log log = anyLog();
        if (files.exists(log.live())) {
            String name = "%s.20250101-%06d".formatted(log.live(), ++stamp);
            files.rename(log.live(), name);
            log.rotated.add(name);
            if (random.nextBoolean()) {
                log.writer.write(someBytes());
            }
            log.writer.close();
            log.writer = log.begin();
        }
    }

    /** The older rotated file is compressed, the oldest goes. */
    void compress() {
        Log log = anyLog();
        if (log.rotated.size() > 1) {
            files.gzip(log.rotated.poll());
        }
    }

    void deleteOldest() {
        Log log = anyLog();
        if (log.rotated.size() > 1) {
            files.unlink(log.rotated.poll());
        }
    }

    void restartContainer() {
        Log log = anyLog();
        log.writer.close();
        log.restart++;
        log.rotated.clear();
        if (!files.exists(log.live())) {
            log.writer = log.begin();
        }
    }

    void deletePod() {
        if (logs.isEmpty()) {
            return;
        }
        Log log = logs.remove(random.nextInt(logs.size()));
        if (random.nextBoolean()) {
            log.writer.write(someBytes());
        }
        files.removeTree(log.directory.substring(0, log.directory.lastIndexOf('/')));
        lingering.add(log.writer);
    }

    void lateWrite() {
        if (!lingering.isEmpty()) {
            lingering.get(random.nextInt(lingering.size())).write(someBytes());
        }
    }

    void lateClose() {
        if (!lingering.isEmpty()) {
            lingering.remove(random.nextInt(lingering.size())).close();
        }
    }

    /** Copied elsewhere and cut, by somebody who cannot ask the writer to open anew. */
    void copyTruncate() {
        Log log = anyLog();
        if (files.exists(log.live())) {
            files.truncate(log.live(), 0);
            int size = log.writer.inode().size();
            if (size == 0 && random.nextInt(4) > 0) {
                log.writer.write(firstLine());
                if (random.nextBoolean()) {
                    log.writer.write(someBytes());
                }
            }
        }
    }

    void hardLink() {
        Log log = anyLog();
        if (files.exists(log.live())) {
            files.link(log.live(), "%s/%d.log".formatted(log.directory, 1000 + ++links));
        }
    }

    /** Another directory of the tree, or one outside. */
    void moveAway() {
        Log log = anyLog();
        if (files.exists(log.live()) && !log.rotated.isEmpty()) {
            String name = log.rotated.poll();
            if (random.nextBoolean()) {
                files.mkdirs("/archive");
                files.rename(name, "/archive/" + ++links);
            } else {
                files.rename(name, anyLog().directory + "/moved-" + ++links + ".log");
            }
        }
    }

    void replaceAtOnce() {
        Log log = anyLog();
        if (files.exists(log.live())) {
            files.unlink(log.live());
            lingering.add(log.writer);
            log.writer = log.begin();
        }
    }

    void renamePod() {
        Log log = anyLog();
        if (logs.stream().filter(other -> other.directory.equals(log.directory)).count() == 1) {
            String pod = log.directory.substring(0, log.directory.lastIndexOf('/'));
            logs.remove(log);
            files.rename(pod, pod + "-moved" + ++links);
            lingering.add(log.writer);
        }
    }

    void shortLivedPod() {
        beginPod();
        Log log = logs.removeLast();
        log.writer.write(someBytes());
        log.writer.close();
        files.removeTree(log.directory.substring(0, log.directory.lastIndexOf('/')));
    }

    /** All writers close, all pods go. */
    void endEverything() {
        logs.forEach(log -> log.writer.close());
        logs.clear();
        lingering.forEach(SimFiles.Writer::close);
        lingering.clear();
        files.removeTree(PODS);
        files.mkdirs(PODS);
        if (files.exists("/archive")) {
            files.removeTree("/archive");
        }
    }

    /** The files that the pattern names now, live or rotated. */
    Set<SimInode> wanted() {
        Set<SimInode> wanted = new LinkedHashSet<>();
        for (SimInode inode : files.everyFile()) {
            for (String path : files.pathsOf(inode)) {
                FilePath name = FilePath.of(path).name();
                FilePath live = RotatedName.liveNameOf(name);
                boolean isLog = (live != null ? live : name).toString().endsWith(".log");
                if (isLog
                        && path.startsWith(PODS)
                        && path.chars().filter(c -> c == '/').count() == 6) {
                    wanted.add(inode);
                }
            }
        }
        return wanted;
    }
}
