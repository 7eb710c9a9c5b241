/**
 * The transparency log: Merkle trees (RFC 9162, section 2.1), tiles (C2SP tlog-tiles), signed notes and checkpoints
 * (C2SP signed-note, tlog-checkpoint, tlog-cosignature), and the proofs that lead from an entry to a checkpoint.
 */
@NullMarked
package io.kiroku.evidence.log;

import org.jspecify.annotations.NullMarked;
