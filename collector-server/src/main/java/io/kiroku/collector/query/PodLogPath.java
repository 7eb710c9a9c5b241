package io.kiroku.collector.query;

import io.kiroku.evidence.record.FilePath;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The container instance that a log file's path names, as the kubelet lays its logs out:
 * {@code <namespace>_<pod>_<uid>/<container>/<restart>.log} (pkg/kubelet/kuberuntime, {@code BuildContainerLogsDirectory}
 * and {@code buildContainerLogsPath}). Only the last three names of the path count, so that any root directory will do.
 *
 * @param uid the pod's uid as the path has it; for a static pod the hash of its manifest
 * @param restart how often the container had been restarted, from 0
 */
public record PodLogPath(String namespace, String pod, String uid, String container, int restart) {
    /** None of the names can hold an underscore: namespace, pod and container are DNS names, the uid is hexadecimal. */
    private static final Pattern TAIL = Pattern.compile(
            "(?:.*/)?([a-z0-9-]+)_([a-z0-9.-]+)_([A-Za-z0-9-]+)/([a-z0-9.-]+)/([0-9]{1,9})\\.log", Pattern.DOTALL);

    /** What the path of a source names; empty for any other file. */
    public static Optional<PodLogPath> parse(FilePath path) {
        Matcher matcher = TAIL.matcher(new String(path.bytes(), StandardCharsets.ISO_8859_1));
        return matcher.matches()
                ? Optional.of(new PodLogPath(
                        matcher.group(1),
                        matcher.group(2),
                        matcher.group(3),
                        matcher.group(4),
                        Integer.parseInt(matcher.group(5))))
                : Optional.empty();
    }

    /** The path's last three names, by which people know the instance. */
    @Override
    public String toString() {
        return "%s_%s_%s/%s/%d.log".formatted(namespace, pod, uid, container, restart);
    }
}
