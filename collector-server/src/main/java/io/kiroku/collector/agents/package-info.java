/** Who may send: which key a node's connections have to show, and which stream they may write. */
@NullMarked
package io.kiroku.collector.agents;

import org.jspecify.annotations.NullMarked;
