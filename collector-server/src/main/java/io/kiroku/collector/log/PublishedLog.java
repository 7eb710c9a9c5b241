package io.kiroku.collector.log;

import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.record.Octets;

/**
 * The log as everybody can see it.
 *
 * @param tree what the checkpoint states
 * @param note the checkpoint, signed (C2SP tlog-checkpoint)
 */
public record PublishedLog(TreeHead tree, Octets note) {}
