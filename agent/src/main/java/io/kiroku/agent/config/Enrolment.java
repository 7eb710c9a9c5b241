package io.kiroku.agent.config;

import io.kiroku.evidence.wire.Frame;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How an agent gets its certificate from its collector.
 *
 * @param proof what shows that it is its node's; its certificate if it has one from before
 * @param file with the code or the token, read anew for each try
 * @param code if it is not in a file
 * @param authorities a file (PEM) with those that the collector's certificate may be of at the first contact; without it the code
 *     says so
 */
public record Enrolment(Frame.Proof proof, Optional<Path> file, String code, Optional<Path> authorities) {
    /** Of an agent that has its certificate from before, and is told nothing. */
    public static final Enrolment FROM_BEFORE =
            new Enrolment(Frame.Proof.CERTIFICATE, Optional.empty(), "", Optional.empty());

    /** It may hold a secret, so it is not shown. */
    @Override
    public String toString() {
        return "Enrolment[proof=%s, file=%s]".formatted(proof, file);
    }
}
