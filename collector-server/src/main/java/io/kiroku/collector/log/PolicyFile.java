package io.kiroku.collector.log;

import io.kiroku.evidence.log.Policy;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A policy (C2SP tlog-policy) and the bytes that it was read from.
 *
 * @param file where it lies
 */
public record PolicyFile(Path file, Octets bytes, Policy policy) {
    /**
     * Reads it.
     *
     * @throws MalformedException if it is no policy, or longer than one may be
     */
    public static PolicyFile read(Path file) throws IOException, MalformedException {
        try (InputStream in = Files.newInputStream(file)) {
            // One byte more than it may have, so that its reader says so.
            byte[] bytes = in.readNBytes(Policy.MOST_BYTES + 1);
            return new PolicyFile(file, Octets.of(bytes), Policy.parse(bytes));
        }
    }
}
