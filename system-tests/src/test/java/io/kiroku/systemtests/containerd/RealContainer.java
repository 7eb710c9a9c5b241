package io.kiroku.systemtests.containerd;

import io.kiroku.cli.demo.Kubelet;
import io.kiroku.cli.demo.Rotation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** A container that runs in containerd, through its restarts, and what the kubelet does for it. */
final class RealContainer implements AutoCloseable {
    private final Cri cri;
    private final RealPod pod;
    private final String name;
    private List<String> command;
    private final List<String> ids = new ArrayList<>();
    private final List<HeldLog> logs = new ArrayList<>();

    /**
     * Starts it.
     *
     * @param script of the shell
     */
    RealContainer(Cri cri, RealPod pod, String name, String script) throws IOException {
        this.cri = cri;
        this.pod = pod;
        this.name = name;
        this.command = shell(script);
        Files.createDirectory(pod.directory().resolve(name));
        start();
    }

    private void start() throws IOException {
        int restart = ids.size();
        ids.add(cri.startContainer(
                pod.sandboxId(),
                pod.sandbox(),
                name,
                restart,
                "%s/%d.log".formatted(name, restart),
                Containerd.IMAGE,
                command));
        logs.add(new HeldLog(liveLog(restart)));
    }

    private static List<String> shell(String script) {
        return List.of("/bin/sh", "-c", script);
    }

    private Path liveLog(int restart) {
        return pod.directory().resolve(name).resolve(restart + ".log");
    }

    RealPod pod() {
        return pod;
    }

    String name() {
        return name;
    }

    /** What it wrote, instance by instance. */
    List<HeldLog> logs() {
        return logs;
    }

    boolean hasExited() throws IOException {
        return cri.stateOf(ids.getLast()) == Cri.State.EXITED;
    }

    /** The live log is rotated if it is as long as that. */
    void rotateIfLarge(Rotation rotation) throws IOException {
        HeldLog log = logs.getLast();
        if (log.lengthOfLast() < rotation.maxBytes() || hasExited()) {
            return;
        }
        Kubelet.rotate(log.live(), rotation, LocalDateTime.now(ZoneOffset.UTC), () -> {
            try {
                cri.reopenLog(ids.getLast());
            } catch (IOException ended) {
                if (hasExited()) {
                    return false;
                }
                throw ended;
            }
            log.hold();
            return true;
        });
    }

    /** After it has exited: the instance before that one is removed with its logs, and another is started. */
    void restart() throws IOException {
        int dead = ids.size() - 2;
        if (dead >= 0) {
            Kubelet.removeLogs(liveLog(dead));
            cri.removeContainer(ids.get(dead));
        }
        start();
    }

    /** The same with another script. */
    void restart(String script) throws IOException {
        command = shell(script);
        restart();
    }

    /** How often it was restarted. */
    int restarts() {
        return ids.size() - 1;
    }

    /** How the instance that exited last lived. */
    Cri.Exit exit() throws IOException {
        return cri.exitOf(ids.getLast());
    }

    /** SIGKILL. */
    void kill() throws IOException {
        cri.stopContainer(ids.getLast(), 0);
    }

    @Override
    public void close() throws IOException {
        for (HeldLog log : logs) {
            log.close();
        }
    }
}
