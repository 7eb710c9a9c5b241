package io.kiroku.collector.query;

import io.kiroku.collector.access.Rights;
import io.kiroku.evidence.record.FilePath;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whose content a source is: that of its pod's namespace, dead or alive; what is no pod's log is the node's. */
final class Reading {
    private Reading() {}

    /** Whether that may be read. What is not known to be of a pod is the node's. */
    static boolean isAllowed(Rights rights, @Nullable FilePath path) {
        return rights.reads(
                path == null ? Optional.empty() : PodLogPath.parse(path).map(PodLogPath::namespace));
    }
}
