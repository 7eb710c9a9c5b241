package io.kiroku.evidence.time;

import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The data that an evidence record is over, as their digests: the data themselves need not fit into memory. */
public final class ArchivedData {
    /** Data under one record at most; they are a data object group (RFC 4998, section 4.2). */
    public static final int MOST = 10_000;

    private static final int PIECE = 64 << 10;

    private final List<Map<DigestAlgorithm, Octets>> digests;

    private ArchivedData(List<Map<DigestAlgorithm, Octets>> digests) {
        if (digests.isEmpty() || digests.size() > MOST) {
            throw new IllegalArgumentException(
                    "an evidence record is over 1 to %d data, found %d".formatted(MOST, digests.size()));
        }
        this.digests = List.copyOf(digests);
    }

    /** Data in memory. */
    public static ArchivedData of(byte[]... data) {
        List<Map<DigestAlgorithm, Octets>> digests = new ArrayList<>();
        for (byte[] one : data) {
            Map<DigestAlgorithm, Octets> all = new EnumMap<>(DigestAlgorithm.class);
            for (DigestAlgorithm algorithm : DigestAlgorithm.values()) {
                all.put(algorithm, algorithm.of(one));
            }
            digests.add(all);
        }
        return new ArchivedData(digests);
    }

    /**
     * Reads files, each once.
     *
     * @param algorithms by which digests will be asked for
     * @throws IllegalArgumentException if there are none, or more than {@link #MOST}
     */
    public static ArchivedData read(List<Path> files, Set<DigestAlgorithm> algorithms) throws IOException {
        List<Map<DigestAlgorithm, Octets>> digests = new ArrayList<>();
        for (Path file : files) {
            digests.add(read(file, algorithms));
        }
        return new ArchivedData(digests);
    }

    private static Map<DigestAlgorithm, Octets> read(Path file, Set<DigestAlgorithm> algorithms) throws IOException {
        Map<DigestAlgorithm, MessageDigest> begun = new EnumMap<>(DigestAlgorithm.class);
        algorithms.forEach(algorithm -> begun.put(algorithm, algorithm.begin()));
        byte[] piece = new byte[PIECE];
        try (InputStream in = Files.newInputStream(file)) {
            for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
                for (MessageDigest digest : begun.values()) {
                    digest.update(piece, 0, length);
                }
            }
        }
        Map<DigestAlgorithm, Octets> digests = new EnumMap<>(DigestAlgorithm.class);
        begun.forEach((algorithm, digest) -> digests.put(algorithm, Octets.of(digest.digest())));
        return digests;
    }

    /** How many. */
    public int count() {
        return digests.size();
    }

    /** The digest of each. */
    List<Octets> by(DigestAlgorithm algorithm) {
        List<Octets> all = new ArrayList<>();
        for (Map<DigestAlgorithm, Octets> one : digests) {
            Octets digest = one.get(algorithm);
            if (digest == null) {
                throw new IllegalStateException("the data were not read for their " + algorithm);
            }
            all.add(digest);
        }
        return all;
    }
}
