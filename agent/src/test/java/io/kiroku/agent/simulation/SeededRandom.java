package io.kiroku.agent.simulation;

import java.security.SecureRandom;
import java.util.Random;

/** Keys and salts that are the same in every run with the same seed. */
public final class SeededRandom extends SecureRandom {
    private static final long serialVersionUID = 1L;

    private final Random source;

    public SeededRandom(long seed) {
        this.source = new Random(seed);
    }

    @Override
    public void nextBytes(byte[] bytes) {
        source.nextBytes(bytes);
    }

    @Override
    public int nextInt() {
        return source.nextInt();
    }

    @Override
    public long nextLong() {
        return source.nextLong();
    }
}
