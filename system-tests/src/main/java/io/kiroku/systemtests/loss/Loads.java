package io.kiroku.systemtests.loss;

import io.kiroku.cli.demo.PacedWriter;
import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.PretendNode;
import io.kiroku.cli.demo.PretendPod;
import io.kiroku.cli.demo.Rotation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The loads under which lines get lost elsewhere. */
public final class Loads {
    private static final long PATIENCE_SECONDS = 120;

    private Loads() {}

    /**
     * One container writes and is rotated.
     *
     * @param blow falls when half of it is written
     */
    public static Load torrent(Rotation rotation, long bytesPerSecond, Duration time, Blow blow) {
        return stage -> {
            PretendContainer container =
                    stage.node(rotation).startPod("shop", "torrent-0").start("web");
            long bytes = bytesPerSecond * time.toMillis() / 1000;
            try (PacedWriter writer = stage.write(container, bytesPerSecond, bytes)) {
                TimeUnit.MILLISECONDS.sleep(time.toMillis() / 2);
                blow.fall(stage);
                writer.await(time.toSeconds() + PATIENCE_SECONDS);
            }
        };
    }

    /** Pods, one after the other, that write for that time and are removed with the next breath after the last write. */
    public static Load removedAtOnce(int pods, long bytesPerSecond, Duration life) {
        return stage -> {
            PretendNode node = stage.node(Rotation.NONE);
            for (int i = 0; i < pods; i++) {
                PretendPod pod = node.startPod("jobs", "removed-" + i);
                PretendContainer container = pod.start("job");
                try (PacedWriter writer =
                        stage.write(container, bytesPerSecond, bytesPerSecond * life.toMillis() / 1000)) {
                    writer.await(life.toSeconds() + PATIENCE_SECONDS);
                    pod.remove();
                }
            }
        };
    }

    /**
     * Pods that live so long, print a line at their beginning and more until their end, and are removed at once.
     *
     * @param atOnce how many live at a time
     */
    public static Load shortLived(int pods, Duration life, int atOnce) {
        return stage -> {
            PretendNode node = stage.node(Rotation.NONE);
            try (ExecutorService lives = Executors.newFixedThreadPool(atOnce)) {
                List<Future<?>> pending = new ArrayList<>();
                for (int i = 0; i < pods; i++) {
                    String name = "short-" + i;
                    pending.add(lives.submit(() -> {
                        live(stage, node, name, life);
                        return null;
                    }));
                }
                for (Future<?> ended : pending) {
                    ended.get();
                }
            }
        };
    }

    private static void live(Stage stage, PretendNode node, String name, Duration life) throws Exception {
        long end = System.nanoTime() + life.toNanos();
        PretendPod pod = node.startPod("jobs", name);
        Printer printer = stage.printer(pod.start("job"));
        printer.print("begins");
        long step = life.toNanos() / 10;
        while (end - System.nanoTime() > step) {
            TimeUnit.NANOSECONDS.sleep(step);
            printer.print("is at work");
        }
        TimeUnit.NANOSECONDS.sleep(Math.max(0, end - System.nanoTime()));
        printer.print("ends");
        pod.remove();
    }

    /** Many quiet containers, which print a line each in turn, and one torrent among them. */
    public static Load crowd(int pods, int containersEach, int linesPerSecond, long torrent, Duration time) {
        return stage -> {
            PretendNode node = stage.node(Rotation.atOnce(10L << 20, Duration.ofMillis(2)));
            List<Printer> printers = new ArrayList<>();
            for (int i = 0; i < pods; i++) {
                PretendPod pod = node.startPod("shop", "quiet-" + i);
                for (int k = 0; k < containersEach; k++) {
                    printers.add(stage.printer(pod.start("app-" + k)));
                }
            }
            PretendContainer loud = node.startPod("shop", "loud-0").start("web");
            try (PacedWriter writer = stage.write(loud, torrent, torrent * time.toMillis() / 1000)) {
                long start = System.nanoTime();
                long lines = time.toMillis() * linesPerSecond / 1000;
                for (long i = 0; i < lines; i++) {
                    long due = start + i * 1_000_000_000L / linesPerSecond;
                    TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
                    printers.get((int) (i % printers.size())).print("a word from a quiet container");
                }
                writer.await(time.toSeconds() + PATIENCE_SECONDS);
            }
        };
    }

    /**
     * No agent runs while a log is rotated so often that files are compressed and the oldest of them deleted.
     *
     * @param rotation by which files get names that do not collide
     */
    public static Load absence(Rotation rotation, long bytesPerSecond, Duration before, Duration away, Duration after) {
        return stage -> {
            PretendContainer container =
                    stage.node(rotation).startPod("shop", "unattended-0").start("web");
            long millis = before.plus(away).plus(after).toMillis();
            try (PacedWriter writer = stage.write(container, bytesPerSecond, bytesPerSecond * millis / 1000)) {
                TimeUnit.NANOSECONDS.sleep(before.toNanos());
                stage.deployment().endAgent();
                TimeUnit.NANOSECONDS.sleep(away.toNanos());
                stage.deployment().startAgent();
                writer.await(after.toSeconds() + PATIENCE_SECONDS);
            }
        };
    }
}
