package io.kiroku.systemtests.containerd;

import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Shell;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A containerd of its own: root, state and socket lie below one directory, and it ends with all that runs in it. */
final class Containerd implements AutoCloseable {
    /** The one image there is: busybox, with which sandboxes sleep and containers write. */
    static final String IMAGE = "localhost/busybox:1";

    private static final Duration START = Duration.ofSeconds(20);
    private static final long END_SECONDS = 10;

    private final Path base;
    private final Process process;
    private final Path output;
    private final Cri cri;

    private Containerd(Path base, Process process, Path output) {
        this.base = base;
        this.process = process;
        this.output = output;
        this.cri = new Cri(socket(base));
    }

    /**
     * Starts it, and gives it its image.
     *
     * @param base an empty directory
     */
    static Containerd start(Path base) throws Exception {
        Path config = Files.writeString(base.resolve("config.toml"), """
            version = 2
            root = "%1$s/root"
            state = "%1$s/state"
            disabled_plugins = [
              "io.containerd.snapshotter.v1.aufs",
              "io.containerd.snapshotter.v1.btrfs",
              "io.containerd.snapshotter.v1.devmapper",
              "io.containerd.snapshotter.v1.zfs",
            ]
            [grpc]
              address = "%2$s"
            [plugins."io.containerd.grpc.v1.cri"]
              sandbox_image = "%3$s"
              disable_apparmor = true
              restrict_oom_score_adj = true
              max_container_log_line_size = 16384
              [plugins."io.containerd.grpc.v1.cri".containerd]
                snapshotter = "native"
            """.formatted(base, socket(base), IMAGE));
        Path output = base.resolve("containerd.out");
        Process process = new ProcessBuilder("containerd", "--config", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        Containerd started = new Containerd(base, process, output);
        try {
            Await.until(START, "containerd to listen", started::tail, () -> {
                if (!process.isAlive()) {
                    throw new AssertionError("containerd ended" + started.tail());
                }
                return Files.exists(socket(base));
            });
            BusyboxImage.importInto(socket(base), IMAGE, Files.createDirectory(base.resolve("image")));
            Await.until(START, "containerd to know the image", started::tail, () -> started.cri.hasImage(IMAGE));
            return started;
        } catch (Exception | AssertionError failed) {
            started.close();
            throw failed;
        }
    }

    private static Path socket(Path base) {
        return base.resolve("s");
    }

    Cri cri() {
        return cri;
    }

    /** Takes an image in from an archive. */
    void importImage(Path archive) throws IOException, InterruptedException {
        Shell.bash("ctr --address \"$1\" --namespace k8s.io images import \"$2\"", socket(base), archive);
    }

    /** What it printed last, for a failure's message. */
    String tail() {
        try {
            String text = Files.readString(output, StandardCharsets.UTF_8);
            return System.lineSeparator() + text.substring(Math.max(0, text.length() - 3000));
        } catch (IOException unreadable) {
            return unreadable.toString();
        }
    }

    /** Ends all sandboxes with their processes, then containerd, and takes away what it mounted. */
    @Override
    public void close() throws IOException {
        try {
            if (process.isAlive() && Files.exists(socket(base))) {
                for (String sandbox : cri.sandboxes()) {
                    cri.stopSandbox(sandbox);
                    cri.removeSandbox(sandbox);
                }
            }
        } finally {
            cri.close();
            end();
        }
    }

    private void end() throws IOException {
        try {
            process.destroy();
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            Shell.bash("""
                while read -r _ _ _ _ point _; do
                    if [[ $point == "$1"/* ]]; then umount -l "$point"; fi
                done </proc/self/mountinfo
                """, base);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("containerd may be left over", interrupted);
        }
    }
}
