package io.kiroku.collector.query;

import io.kiroku.collector.access.Permission;
import io.kiroku.collector.access.Rights;
import io.kiroku.collector.store.OwnNode;
import io.kiroku.evidence.record.FilePath;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whose content a source is: that of its pod's namespace, dead or alive; what is no pod's log is the node's. What the collector
 * itself put on record is of everywhere; who did what to the evidence is for those who may read that.
 */
final class Reading {
    private Reading() {}

    /** Whether that may be read. What is not known to be of a pod is the node's. */
    static boolean isAllowed(Rights rights, String node, @Nullable FilePath path) {
        if (!OwnNode.isReserved(node)) {
            return rights.reads(
                    path == null ? Optional.empty() : PodLogPath.parse(path).map(PodLogPath::namespace));
        }
        boolean isCustody = path != null && path.equals(OwnNode.CUSTODY);
        return isCustody ? rights.may(Permission.CUSTODY) : rights.readsEverywhere();
    }
}
