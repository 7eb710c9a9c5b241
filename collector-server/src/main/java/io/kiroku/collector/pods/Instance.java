package io.kiroku.collector.pods;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One life of a container, as the kubelet reported it last (Kubernetes' {@code ContainerStatus}). The kubelet reports the present life
 * and the one before, so that of lives shorter than a report nothing is known here, and their logs may be all there is.
 *
 * @param container its name
 * @param kind which list of the pod it stands in
 * @param restart 0 for the first life; the number in the name of its log file. One that waits has no log file yet, and may never
 *     get one
 * @param image as the pod asks for it
 * @param imageId with the digest of what ran; empty while it is not known
 * @param reason why it waits or ended: {@code CrashLoopBackOff}, {@code OOMKilled}, {@code Error}, {@code Completed}, ...; may be empty
 * @param message may be empty
 */
public record Instance(
        String container,
        Kind kind,
        int restart,
        String image,
        String imageId,
        State state,
        Optional<Instant> started,
        Optional<Instant> finished,
        OptionalInt exitCode,
        String reason,
        String message) {
    /** What Kubernetes calls a life that the kernel ended because memory ran out. */
    public static final String OOM_KILLED = "OOMKilled";

    /** Which list of a pod a container stands in. */
    public enum Kind {
        INIT,
        MAIN,
        EPHEMERAL
    }

    /** What it does. */
    public enum State {
        WAITING,
        RUNNING,
        TERMINATED
    }

    /** Whether it ended otherwise than well: by a signal, out of memory, with an exit code other than 0. */
    public boolean hasCrashed() {
        return state == State.TERMINATED && (exitCode.isEmpty() || exitCode.getAsInt() != 0);
    }

    /** Whether both are of the same life. */
    boolean isSameLife(Instance other) {
        return container.equals(other.container) && kind == other.kind && restart == other.restart;
    }

    /** What is known of a life once this has been reported after that: an end stays one, and what was known is not forgotten. */
    Instance after(Instance before) {
        if (state.compareTo(before.state) < 0) {
            return before;
        }
        return new Instance(
                container,
                kind,
                restart,
                before.imageId.isEmpty() ? image : before.image,
                before.imageId.isEmpty() ? imageId : before.imageId,
                state,
                started.or(before::started),
                finished,
                exitCode,
                reason,
                message);
    }
}
