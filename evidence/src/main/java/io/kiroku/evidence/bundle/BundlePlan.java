package io.kiroku.evidence.bundle;

import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.record.Octets;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a bundle is to hold.
 *
 * @param tool name and version of the program that makes it
 * @param caseId the investigation; at most {@link BundleManifest#MOST_TEXT} bytes, as are all texts here
 * @param purpose what it is made for
 * @param selection what was asked for, by the names of the options
 * @param origin the log's name
 * @param tree what the checkpoint states
 * @param checkpoint the log's, which the proofs lead to
 * @param streams the stretches of streams, in the order of their ids
 * @param segments their segments, each stream's in the order of the sequence
 * @param logs the log files that follow from the segments, in the order of their names
 * @param others small files by their names: keys, policy, proofs of consistency, time stamps
 */
public record BundlePlan(
        String tool,
        String caseId,
        String purpose,
        Map<String, String> selection,
        String origin,
        TreeHead tree,
        SignedNote checkpoint,
        List<BundleManifest.Stretch> streams,
        List<Held> segments,
        List<LogFile> logs,
        SortedMap<String, byte[]> others) {
    /**
     * A segment.
     *
     * @param index of its header in the log
     * @param length in bytes, as stored
     */
    public record Held(Octets stream, long sequence, long index, int length) {}

    public BundlePlan {
        selection = Map.copyOf(selection);
        streams = List.copyOf(streams);
        segments = List.copyOf(segments);
        logs = List.copyOf(logs);
        others = new TreeMap<>(others);
    }
}
