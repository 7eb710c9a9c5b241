package io.kiroku.cli.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** What happens on the pretend node, and when. */
final class DemoScript implements AutoCloseable {
    /** The pod that is gone at the end. */
    static final String GONE_NAMESPACE = "jobs";

    static final String GONE_POD = "migrate-db-28931560-x2k9p";
    static final String CRASHED_NAMESPACE = "shop";
    static final String CRASHED_POD = "payments-7d4b9c6f5-q8wzn";

    private static final long SEED = 20_261_123;
    private static final long FOREVER = Long.MAX_VALUE;

    /** Something that happens, and the sentence that says so. */
    private interface Act {
        String perform() throws IOException;
    }

    private record Scene(double second, Act act) {}

    private final PretendNode node;
    private final List<PacedWriter> writers = new ArrayList<>();
    private final List<Scene> scenes = new ArrayList<>();
    private final double seconds;

    /** @param seconds how long all of it takes */
    DemoScript(PretendNode node, double seconds) {
        this.node = node;
        this.seconds = seconds;
    }

    /**
     * Lets everything happen.
     *
     * @param second takes the seconds since the start and a sentence, when something has happened
     * @param tick is called between, several times a second
     */
    void play(Consumer<String> second, Runnable tick) throws IOException, InterruptedException {
        write();
        long start = System.nanoTime();
        for (Scene scene : scenes) {
            double due = scene.second() * seconds;
            for (double now = since(start); now < due; now = since(start)) {
                TimeUnit.MILLISECONDS.sleep((long) Math.clamp((due - now) * 1000, 1, 200));
                tick.run();
            }
            second.accept("%5.1f s  %s".formatted(since(start), scene.act().perform()));
        }
    }

    private static double since(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    /** The plot, by the fraction of the whole time at which each thing happens. */
    private void write() throws IOException {
        PretendPod web = node.startPod("shop", "web-6f7c9d8b5-lm4tr");
        PretendContainer nginx = web.start("nginx");
        writers.add(PacedWriter.start(nginx, SEED, 600_000, FOREVER));
        writers.add(PacedWriter.start(web.start("metrics"), SEED + 1, 15_000, FOREVER));
        PretendContainer payments =
                node.startPod(CRASHED_NAMESPACE, CRASHED_POD).start("app");
        writers.add(PacedWriter.start(payments, SEED + 2, 40_000, FOREVER));

        at(0, () -> "3 containers in 2 pods are writing; a log is rotated when it has reached 1 MiB");
        at(0.20, () -> crash(payments, "OutOfMemoryError: Java heap space"));
        at(0.55, () -> crash(payments, "panic: lost the connection to the database"));
        job();
        for (double moment : List.of(0.30, 0.62, 0.90)) {
            at(moment, () -> rotations(nginx));
        }
        at(1, () -> {
            close();
            return "all writers have stopped";
        });
        scenes.sort(Comparator.comparingDouble(Scene::second));
    }

    /** A pod that lives a second, and says why it failed just before everything of it is removed. */
    private void job() {
        List<PretendPod> pod = new ArrayList<>();
        at(0.40, () -> {
            pod.add(node.startPod(GONE_NAMESPACE, GONE_POD));
            PretendContainer migrate = pod.getFirst().start("migrate");
            print(migrate, "connecting to postgres://orders-db:5432/orders");
            print(migrate, "schema is at version 41, target is 42");
            for (int i = 1; i <= 5; i++) {
                print(migrate, "migration 42: %d0,000 of 50,000 rows".formatted(i));
            }
            return GONE_NAMESPACE + "/" + GONE_POD + " is started";
        });
        at(0.47, () -> {
            PretendContainer migrate = pod.getFirst().containers().getFirst();
            print(migrate, "ERROR: duplicate key value violates unique constraint \"orders_pkey\" (id 4711)");
            print(migrate, "rolled back to version 41; exit 1");
            pod.getFirst().remove();
            return "%s/%s has failed; the kubelet removes the pod, and its log with it"
                    .formatted(GONE_NAMESPACE, GONE_POD);
        });
    }

    private void at(double fraction, Act act) {
        scenes.add(new Scene(fraction, act));
    }

    private static String crash(PretendContainer container, String lastWords) throws IOException {
        print(container, lastWords);
        container.crash();
        int restart = container.restart();
        return "%s/%s crashes: \"%s\"; %d.log begins%s"
                .formatted(
                        container.pod().namespace(),
                        container.pod().name(),
                        lastWords,
                        restart,
                        restart > 1 ? ", the kubelet removes %d.log".formatted(restart - 2) : "");
    }

    private static String rotations(PretendContainer container) {
        return "%s/%s: 0.log was rotated %d times so far"
                .formatted(
                        container.pod().namespace(),
                        container.pod().name(),
                        container.written().getFirst().rotations());
    }

    private static void print(PretendContainer container, String line) throws IOException {
        container.print(StdStream.STDOUT, ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)), true);
    }

    /** Stops all writers. */
    @Override
    public void close() throws IOException {
        for (PacedWriter writer : writers) {
            writer.close();
        }
        writers.clear();
    }
}
