package io.kiroku.collector.log;

import io.kiroku.collector.store.StorageDirectory;
import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.log.NoteSigner;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** A log with one key. */
public final class TestLog {
    static final String NAME = "logs.example.com/kiroku";
    static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochSecond(1_800_000_000L));

    private TestLog() {}

    static LogSigners signers(int seed) {
        byte[] bytes = new byte[SigningKey.LENGTH];
        bytes[0] = (byte) seed;
        return new LogSigners(NAME, List.of(NoteSigner.ed25519(NAME, SigningKey.of(bytes))));
    }

    /** The log of an empty store. */
    public static TransparencyLog of(StorageDirectory directory, Store store) throws IOException {
        return TransparencyLog.open(new LogFiles(directory), signers(1), (_, _) -> {}, store.lastRecord(), CLOCK);
    }

    /** The log of a store, made again from it where it is missing. */
    public static TransparencyLog of(StorageDirectory directory, Store store, StoreReader reader) throws IOException {
        return TransparencyLog.open(new LogFiles(directory), signers(1), Records.of(reader), store.lastRecord(), CLOCK);
    }
}
