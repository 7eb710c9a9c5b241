/** What is captured: source files, chunks, gaps and events, and the manifest that carries them. */
@NullMarked
package io.kiroku.evidence.record;

import org.jspecify.annotations.NullMarked;
