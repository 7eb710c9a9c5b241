/** The way in: connections of agents, the protocol as a state machine, group commit and receipts. */
@NullMarked
package io.kiroku.collector.ingest;

import org.jspecify.annotations.NullMarked;
