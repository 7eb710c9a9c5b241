package io.kiroku.evidence.bundle;

import io.kiroku.evidence.verify.Report;
import java.util.List;
import java.util.Optional;

/**
 * What the check of a bundle came to.
 *
 * @param report the two verdicts
 * @param manifest what the bundle says of itself, if it can be read
 * @param statements what the log says of the bundle, and what the reader has to know of that, a sentence each
 */
public record BundleVerdict(Report report, Optional<BundleManifest> manifest, List<String> statements) {
    public BundleVerdict {
        statements = List.copyOf(statements);
    }
}
