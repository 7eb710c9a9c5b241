package io.kiroku.agent.config;

import java.nio.file.Path;

/**
 * How the collector is spoken to over TLS.
 *
 * @param directory with the agent's certificate and key, and the authorities of the collector's
 * @param name that the collector's certificate has to be issued to: a host's name or an address
 */
public record CollectorTls(Path directory, String name) {}
