package io.kiroku.agent.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How the collector is spoken to over TLS.
 *
 * @param directory with the agent's certificate and key, and the authorities of the collector's
 * @param name that the collector's certificate has to be issued to: a host's name or an address
 * @param enrolment how the agent gets what is in the directory from the collector; empty if somebody else puts it there
 */
public record CollectorTls(Path directory, String name, Optional<Enrolment> enrolment) {
    /** The directory in an agent's state that is filled by its enrolment. */
    public static Path enrolled(Path state) {
        return state.resolve("tls");
    }
}
