/** What the agent asks of Linux, and the only native code of the project: libc through {@code java.lang.foreign}. */
@org.jspecify.annotations.NullMarked
package io.kiroku.agent.os;
