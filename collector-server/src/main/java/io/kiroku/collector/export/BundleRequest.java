package io.kiroku.collector.export;

import io.kiroku.evidence.log.TreeHead;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A bundle that is wanted.
 *
 * @param tool name and version of the program
 * @param caseId the investigation
 * @param purpose what it is for
 * @param selection what is to be in it
 * @param policy a policy file (C2SP tlog-policy) that goes with it
 * @param earlier files with checkpoints of the log that were seen before: it will be proven that the log continues them
 * @param trees of the log that receipts name: the same
 * @param authorities of timestamps (RFC 3161), each of which is to date the bundle's checkpoint now
 */
public record BundleRequest(
        String tool,
        String caseId,
        String purpose,
        BundleSelection selection,
        Optional<Path> policy,
        List<Path> earlier,
        List<TreeHead> trees,
        List<URI> authorities) {
    public BundleRequest {
        earlier = List.copyOf(earlier);
        trees = List.copyOf(trees);
        authorities = List.copyOf(authorities);
    }
}
