/** Who is given a certificate as a node's agent, and by which authority. */
@NullMarked
package io.kiroku.collector.enrol;

import org.jspecify.annotations.NullMarked;
