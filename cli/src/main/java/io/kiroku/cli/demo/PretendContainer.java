package io.kiroku.cli.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A container of a pretend pod, through its restarts. Its output may be written by one thread while others rotate, crash
 * and remove it.
 */
public final class PretendContainer {
    private final PretendNode node;
    private final PretendPod pod;
    private final String name;
    private final Path directory;
    private final List<Written> ended = new ArrayList<>();
    private final CriFormat format = new CriFormat();
    private ByteBuffer line = ByteBuffer.allocate(CriFormat.roomFor(CriFormat.MOST_PART));
    private int restart;
    private InstanceLog log;
    private @Nullable Path symlink;
    private boolean stopped;

    PretendContainer(PretendNode node, PretendPod pod, String name) throws IOException {
        this.node = node;
        this.pod = pod;
        this.name = name;
        this.directory = Files.createDirectory(pod.directory().resolve(name));
        this.log = openLog();
    }

    public PretendPod pod() {
        return pod;
    }

    public String name() {
        return name;
    }

    /** How often it was restarted: the number in its live file's name. */
    public synchronized int restart() {
        return restart;
    }

    public synchronized boolean isRunning() {
        return !stopped;
    }

    /** The directory of its log files. */
    public Path directory() {
        return directory;
    }

    /**
     * Writes one line of output.
     *
     * @param content without the newline
     * @param ended false for the end of an output that has no newline
     * @return false if the container runs no more
     */
    public synchronized boolean print(StdStream stream, ByteBuffer content, boolean ended) throws IOException {
        int room = CriFormat.roomFor(content.remaining());
        if (room > line.capacity()) {
            line = ByteBuffer.allocate(room);
        }
        format.append(line.clear(), node.wallNanos(), stream, content, ended);
        return write(line.flip());
    }

    /** Writes bytes as they are into the live file. Returns false, and writes nothing, if the container runs no more. */
    public synchronized boolean write(ByteBuffer bytes) throws IOException {
        if (stopped || !log.write(bytes)) {
            return false;
        }
        if (log.lengthOfFile() >= node.rotation().maxBytes()) {
            node.rotationDue(this);
        }
        return true;
    }

    /**
     * Dies, and is started again: the next instance's log is made, the files of this one stay until the next death, those
     * of the one before go now (the kubelet keeps one dead instance of a container).
     */
    public synchronized void crash() throws IOException {
        if (stopped) {
            return;
        }
        end();
        if (restart > 0) {
            Kubelet.removeLogs(directory.resolve((restart - 1) + ".log"));
        }
        restart++;
        log = openLog();
    }

    /** Ends for good; its files stay. */
    synchronized void stop() throws IOException {
        if (!stopped) {
            end();
            stopped = true;
        }
    }

    /** Rotates the live file, whatever its size, as the kubelet and containerd do together. */
    public void rotate() throws IOException {
        InstanceLog current;
        synchronized (this) {
            if (stopped) {
                return;
            }
            current = log;
        }
        Kubelet.rotate(current.live(), node.rotation(), node.localNow(), current::reopen);
    }

    /** The node's clock: nanoseconds since the Unix epoch. */
    long wallNanos() {
        return node.wallNanos();
    }

    /** Whether the live file has reached the size at which it is rotated. */
    synchronized boolean isLarge() {
        return !stopped && log.lengthOfFile() >= node.rotation().maxBytes();
    }

    /** The truth so far about every instance, oldest first. */
    public synchronized List<Written> written() {
        List<Written> all = new ArrayList<>(ended);
        if (!stopped) {
            all.add(log.written(pod, name, restart));
        }
        return all;
    }

    private InstanceLog openLog() throws IOException {
        InstanceLog opened = new InstanceLog(directory.resolve(restart + ".log"), node.copyFor(pod, name, restart));
        symlink = node.link(pod, name, restart, opened.live());
        return opened;
    }

    private void end() throws IOException {
        log.close();
        ended.add(log.written(pod, name, restart));
        if (symlink != null) {
            Files.deleteIfExists(symlink);
            symlink = null;
        }
    }
}
