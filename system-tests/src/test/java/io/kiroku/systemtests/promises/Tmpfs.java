package io.kiroku.systemtests.promises;

import io.kiroku.systemtests.process.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small file system that can be full. Needs the right to mount; where that is wanting, says so. */
final class Tmpfs implements AutoCloseable {
    private final Path mountPoint;

    private Tmpfs(Path mountPoint) {
        this.mountPoint = mountPoint;
    }

    /** Mounts one of that many bytes on a directory, which is made. */
    static Tmpfs mount(Path mountPoint, long bytes) throws Exception {
        Files.createDirectories(mountPoint);
        Shell.Outcome outcome = Shell.run(
                "mount", "-t", "tmpfs", "-o", "mode=0700,size=" + bytes, "kiroku-test", mountPoint.toString());
        if (outcome.exit() != 0) {
            Wanting.skip("what happens on a full disk", "mount said: " + outcome.text());
        }
        return new Tmpfs(mountPoint);
    }

    /** Gives it another size. */
    void resize(long bytes) throws IOException, InterruptedException {
        Shell.bash("mount -o remount,size=$2 \"$1\"", mountPoint, bytes);
    }

    @Override
    public void close() throws IOException {
        try {
            Shell.bash("umount \"$1\"", mountPoint);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("not unmounted: " + mountPoint, interrupted);
        }
    }
}
