package io.kiroku.agent.tail;

import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.Kernel;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.segment.Sha256;
import java.nio.ByteBuffer;

/** Takes the fingerprint of an open file. */
final class FirstBytes {
    private FirstBytes() {}

    /** The fingerprint of the first {@code length} bytes, or of fewer if the file is shorter. */
    static Fingerprint of(Kernel kernel, int fd, int length) throws ErrnoException {
        if (length == 0) {
            return Fingerprint.NONE;
        }
        ByteBuffer bytes = ByteBuffer.allocateDirect(length);
        while (bytes.hasRemaining() && kernel.read(fd, bytes.position(), bytes) > 0) {
            // The kernel may give fewer bytes than there are.
        }
        int found = bytes.flip().remaining();
        return found == 0 ? Fingerprint.NONE : new Fingerprint(found, Sha256.of(bytes));
    }
}
