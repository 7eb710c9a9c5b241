package io.kiroku.cli.cluster;

import java.time.InstantSource;
import java.util.Map;

/**
 * What a command was called with.
 *
 * @param isTerminal whether standard input is a person
 */
public record Invocation(Map<String, String> environment, boolean isTerminal, InstantSource clock) {}
