package io.kiroku.evidence.time;

import io.kiroku.evidence.record.MalformedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** A checkpoint that {@code openssl ts} stamped in November 2026, as it lies in the directory {@code timestamps}. */
public final class StampedCheckpoint {
    private StampedCheckpoint() {}

    /** The note. */
    public static byte[] note() {
        return read("3.checkpoint");
    }

    /** The authority's response. */
    public static byte[] response() {
        return read("3-1.tsr");
    }

    /** An evidence record of the token in it. */
    public static byte[] record() {
        return read("record.der");
    }

    /** The certificate that issued the authority's, in PEM. */
    public static byte[] ca() {
        return read("ca.pem");
    }

    /** Trust in that. */
    public static TrustAnchors anchors() {
        try {
            return TrustAnchors.of(TrustAnchors.parsePem(ca()));
        } catch (MalformedException damaged) {
            throw new IllegalStateException(damaged);
        }
    }

    private static byte[] read(String name) {
        try (InputStream in = StampedCheckpoint.class.getResourceAsStream("/timestamps/" + name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
