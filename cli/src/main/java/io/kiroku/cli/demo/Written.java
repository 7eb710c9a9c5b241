package io.kiroku.cli.demo;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The truth about one container instance's log: what was written, through all rotations.
 *
 * @param live the path of the live file, {@code <restart>.log}
 * @param length bytes
 * @param sha256 of exactly these bytes, lower-case hexadecimal
 * @param rotations how often the file was rotated
 * @param copy a file with all the bytes, where copies were asked for
 */
public record Written(
        String namespace,
        String pod,
        String uid,
        String container,
        int restart,
        Path live,
        long length,
        String sha256,
        int rotations,
        Optional<Path> copy) {
    @Override
    public String toString() {
        return "%s/%s/%s/%d.log".formatted(namespace, pod, container, restart);
    }
}
