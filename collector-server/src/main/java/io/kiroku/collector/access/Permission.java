package io.kiroku.collector.access;

/** What somebody may be allowed to do. */
public enum Permission {
    /** See what was captured, and of what: sources, gaps, logs. In a namespace, or of the nodes themselves. */
    READ,
    /** Take evidence away as a bundle. Where he may read. */
    EXPORT,
    /** Have the store verified: verdicts and findings, no content. */
    VERIFY,
    /** Read the transparency log: checkpoints, tiles, keys. */
    PROOFS,
    /** Read who did what to the evidence. */
    CUSTODY,
    /** Say what is kept, and for how long. */
    RETENTION,
    /** Put on record what an API server audits. Reads nothing. */
    SEND_AUDIT,
    /** Read what the collector counts. */
    METRICS,
    /** Change how the collector is set up. */
    CONFIGURATION
}
