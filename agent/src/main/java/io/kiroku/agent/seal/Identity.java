package io.kiroku.agent.seal;

import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.durable.Durable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;

/** The agent's long-lived key, by which its stream is known: 32 bytes in a file that its owner alone can read. */
public final class Identity {
    private static final String FILE = "identity.key";

    private Identity() {}

    public static boolean exists(Path state) {
        return Files.exists(state.resolve(FILE));
    }

    /** Reads the key of a state directory. */
    public static SigningKey load(Path state) throws IOException {
        byte[] seed = Files.readAllBytes(state.resolve(FILE));
        if (seed.length != SigningKey.LENGTH) {
            throw new IOException("expected a key of %d bytes in %s, found %d"
                    .formatted(SigningKey.LENGTH, state.resolve(FILE), seed.length));
        }
        return SigningKey.of(seed);
    }

    /** Makes a new key, and with it a new stream. One that is there is replaced, and its stream goes no further. */
    public static SigningKey create(Path state, SecureRandom random) throws IOException {
        SigningKey key = SigningKey.generate(random);
        Durable.overwrite(state.resolve(FILE), key.seed());
        return key;
    }
}
