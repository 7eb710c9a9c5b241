package io.kiroku.agent;

import io.kiroku.agent.seal.IdentityFile;
import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.durable.ChannelFile;
import io.kiroku.evidence.durable.Durable;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;

/** The identity of an agent that is not running: made, looked at, replaced. */
public final class AgentKeys {
    private AgentKeys() {}

    /**
     * Makes the identity of an agent before it runs for the first time, so that others can know it.
     *
     * @throws IOException if there is one already, or an agent runs in the directory
     */
    public static Identity create(Path state, SecureRandom random) throws IOException {
        Durable.createDirectories(state);
        try (ChannelFile _ = StateDirectory.lock(state)) {
            if (IdentityFile.exists(state) || IdentityFile.isPrepared(state)) {
                throw new IOException("an agent's identity is in %s already".formatted(state));
            }
            return IdentityFile.prepare(state, random);
        }
    }

    /** Reads the identity, also while the agent runs. */
    public static Identity read(Path state) throws IOException {
        return IdentityFile.load(state);
    }

    /**
     * Hands the agent's stream over to a new key, and destroys the one that it had. The next start of the agent opens an epoch
     * in which the new one vouches.
     *
     * @throws IOException if there is none, it was replaced as often as it can be, or an agent runs in the directory
     */
    public static Identity rotate(Path state, SecureRandom random) throws IOException {
        if (!IdentityFile.exists(state)) {
            throw new IOException(
                    "expected the state directory of an agent that has run, found none in %s".formatted(state));
        }
        try (ChannelFile _ = StateDirectory.lock(state)) {
            return IdentityFile.rotate(state, random);
        }
    }
}
