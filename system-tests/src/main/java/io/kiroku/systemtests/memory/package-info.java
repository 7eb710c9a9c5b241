/** Whether memory stays what it is, however long an agent and a collector run and however many pods come and go. */
@NullMarked
package io.kiroku.systemtests.memory;

import org.jspecify.annotations.NullMarked;
