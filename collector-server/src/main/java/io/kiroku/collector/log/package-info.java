/**
 * The transparency log: the header of every stored segment is an entry of a Merkle tree that anybody can read, and that its
 * own operator cannot change behind the back of who has seen it.
 */
@NullMarked
package io.kiroku.collector.log;

import org.jspecify.annotations.NullMarked;
