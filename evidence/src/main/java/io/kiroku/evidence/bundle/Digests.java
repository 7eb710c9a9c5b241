package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Sha256;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/** What the archive and the manifest state of a file's bytes: CRC-32 and SHA-256. */
final class Digests {
    /** Bytes that are read at a time. */
    static final int SLICE = 256 << 10;

    private final CRC32 crc = new CRC32();
    private final Sha256 sha256 = new Sha256();

    /** Takes the buffer's remaining bytes. */
    void update(ByteBuffer bytes) {
        crc.update(bytes.duplicate());
        sha256.update(bytes);
    }

    int crc() {
        return (int) crc.getValue();
    }

    /** To be asked once. */
    Octets sha256() {
        return sha256.finish();
    }
}
