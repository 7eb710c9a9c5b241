/** What an agent is told, and the bounds of what it may be told. */
@NullMarked
package io.kiroku.agent.config;

import org.jspecify.annotations.NullMarked;
