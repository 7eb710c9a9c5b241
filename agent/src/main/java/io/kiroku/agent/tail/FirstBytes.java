package io.kiroku.agent.tail;

import io.kiroku.agent.os.ErrnoException;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.segment.Sha256;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The first bytes of a file as they were captured. Taken from what went into the chain and never from the file again, whose
 * content may be another by then.
 */
final class FirstBytes {
    private byte[] bytes = new byte[0];
    private int length;

    int length() {
        return length;
    }

    boolean isComplete() {
        return length == Fingerprint.MOST;
    }

    /** The file's next bytes, {@code count} of them at that index of the buffer; those beyond the first are passed over. */
    void captured(ByteBuffer from, int at, int count) {
        int more = Math.min(count, Fingerprint.MOST - length);
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.min(Fingerprint.MOST, Math.max(2 * bytes.length, length + more)));
        }
        from.get(at, bytes, length, more);
        length += more;
    }

    Fingerprint fingerprint() {
        return of(ByteBuffer.wrap(bytes, 0, length));
    }

    /** Whether these are the same bytes. */
    boolean matches(ByteBuffer others) {
        return ByteBuffer.wrap(bytes, 0, length).equals(others);
    }

    private static Fingerprint of(ByteBuffer bytes) {
        return bytes.hasRemaining() ? new Fingerprint(bytes.remaining(), Sha256.of(bytes)) : Fingerprint.NONE;
    }

    /** Whether a log begins with the bytes of that fingerprint. */
    static boolean match(Content log, Fingerprint fingerprint) throws ErrnoException, MalformedException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(fingerprint.length());
        log.readFirst(bytes);
        return of(bytes).equals(fingerprint);
    }

    /** Reads the first {@code length} bytes of a log, or fewer if it is shorter. */
    static FirstBytes of(Content log, long length) throws ErrnoException, MalformedException {
        ByteBuffer bytes = ByteBuffer.allocateDirect((int) Math.min(length, Fingerprint.MOST));
        log.readFirst(bytes);
        FirstBytes first = new FirstBytes();
        first.captured(bytes, 0, bytes.remaining());
        return first;
    }
}
