package io.kiroku.cli.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A node without a kubelet: a directory in which pods' logs come, grow, rotate and go as the kubelet and containerd have
 * it on a real one, and that knows afterwards what was written. Below its root lie {@code pods} (as /var/log/pods),
 * {@code containers} (as /var/log/containers) and, if asked for, {@code truth} (a second copy of every log).
 */
public final class PretendNode implements AutoCloseable {
    /** The kubelet cuts a symlink's name here, before {@code .log}. */
    private static final int MOST_LINK_NAME = 251;

    private final Path podLogs;
    private final Path containers;
    private final Optional<Path> truth;
    private final Rotation rotation;
    private final Clock clock;
    private final Random random;
    private final List<PretendPod> started = new ArrayList<>();
    private final BlockingQueue<PretendContainer> due = new LinkedBlockingQueue<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Thread kubelet;
    private final CountDownLatch closed = new CountDownLatch(1);

    /**
     * Makes the directories and starts the kubelet that looks after them.
     *
     * @param seed of the uids and ids
     * @param copies whether every log is kept a second time, under {@code truth}
     */
    public PretendNode(Path root, Rotation rotation, Clock clock, long seed, boolean copies) throws IOException {
        this.podLogs = Files.createDirectories(root.resolve("pods"));
        this.containers = Files.createDirectories(root.resolve("containers"));
        this.truth = copies ? Optional.of(Files.createDirectories(root.resolve("truth"))) : Optional.empty();
        this.rotation = rotation;
        this.clock = clock;
        this.random = new Random(seed);
        this.kubelet = Thread.ofPlatform().daemon().name("pretend-kubelet").unstarted(this::look);
        this.kubelet.start();
    }

    /** What /var/log/pods is on a real node. */
    public Path podLogs() {
        return podLogs;
    }

    public Rotation rotation() {
        return rotation;
    }

    /** Makes a pod with that name. */
    public PretendPod startPod(String namespace, String name) throws IOException {
        synchronized (started) {
            byte[] uid = new byte[16];
            random.nextBytes(uid);
            PretendPod pod = new PretendPod(
                    this, namespace, name, UUID.nameUUIDFromBytes(uid).toString());
            started.add(pod);
            return pod;
        }
    }

    /** The truth about every log of every pod that ever was, in the order of their start. */
    public List<Written> written() {
        List<Written> all = new ArrayList<>();
        for (PretendPod pod : pods()) {
            pod.containers().forEach(container -> all.addAll(container.written()));
        }
        return all;
    }

    /** Ends all containers and the kubelet. The files stay as they are. */
    @Override
    public void close() throws IOException {
        closed.countDown();
        awaitKubelet();
        for (PretendPod pod : pods()) {
            pod.stop();
        }
        Throwable failed = failure.get();
        if (failed != null) {
            throw new IOException("the pretend kubelet failed", failed);
        }
    }

    /** It is not interrupted: that would close the files it is at work on. */
    private void awaitKubelet() {
        boolean interrupted = false;
        while (true) {
            try {
                if (!kubelet.join(Duration.ofSeconds(30))) {
                    throw new IllegalStateException("the pretend kubelet did not end within 30 s");
                }
                break;
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    long wallNanos() {
        Instant now = clock.instant();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    /** The kubelet names rotated files by its local time. */
    LocalDateTime localNow() {
        return LocalDateTime.ofInstant(clock.instant(), clock.getZone());
    }

    /** The container's live file has reached the size at which it is rotated. */
    void rotationDue(PretendContainer container) {
        if (rotation.checkEvery().isZero() && !due.contains(container)) {
            due.add(container);
        }
    }

    Optional<Path> copyFor(PretendPod pod, String container, int restart) {
        return truth.map(directory -> directory.resolve(
                "%s_%s_%s_%s_%d.log".formatted(pod.namespace(), pod.name(), pod.uid(), container, restart)));
    }

    /** Makes the symlink of /var/log/containers, whose name is cut and made after the container has started. */
    Path link(PretendPod pod, String container, int restart, Path live) throws IOException {
        byte[] id = "%s/%s/%d".formatted(pod.uid(), container, restart).getBytes(StandardCharsets.UTF_8);
        String name = "%s_%s_%s-%s"
                .formatted(
                        pod.name(), pod.namespace(), container, HexFormat.of().formatHex(Arrays.copyOf(id, 32)));
        Path symlink = containers.resolve(name.substring(0, Math.min(MOST_LINK_NAME, name.length())) + ".log");
        Files.deleteIfExists(symlink);
        return Files.createSymbolicLink(symlink, live);
    }

    private void look() {
        try {
            while (closed.getCount() > 0) {
                if (rotation.checkEvery().isZero()) {
                    PretendContainer container = due.poll(50, TimeUnit.MILLISECONDS);
                    if (container != null && container.isLarge()) {
                        container.rotate();
                    }
                } else if (!closed.await(rotation.checkEvery().toNanos(), TimeUnit.NANOSECONDS)) {
                    rotateLarge();
                }
            }
        } catch (InterruptedException | IOException | RuntimeException failed) {
            failure.compareAndSet(null, failed);
        }
    }

    private void rotateLarge() throws IOException {
        for (PretendPod pod : pods()) {
            for (PretendContainer container : pod.containers()) {
                if (container.isLarge()) {
                    container.rotate();
                }
            }
        }
    }

    /** All pods that were ever started, in that order. */
    private List<PretendPod> pods() {
        synchronized (started) {
            return List.copyOf(started);
        }
    }
}
