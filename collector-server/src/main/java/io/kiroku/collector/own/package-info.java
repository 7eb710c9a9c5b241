/** What the collector itself puts on record: streams of its own, in its own store and log, that nobody else can write. */
@NullMarked
package io.kiroku.collector.own;

import org.jspecify.annotations.NullMarked;
