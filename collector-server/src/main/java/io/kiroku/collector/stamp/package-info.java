/** Has the log's checkpoints stamped by timestamping authorities (RFC 3161), and keeps what they answer. */
@NullMarked
package io.kiroku.collector.stamp;

import org.jspecify.annotations.NullMarked;
