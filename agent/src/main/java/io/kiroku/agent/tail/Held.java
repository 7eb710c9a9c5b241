package io.kiroku.agent.tail;

import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.Kernel;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.record.MalformedException;

/**
 * What a followed file held at a moment.
 *
 * @param name the last name that it was known to have
 * @param first its first bytes
 * @param length how many there were in all; -1 if it cannot be read, and only its name is known
 */
record Held(FilePath name, Fingerprint first, long length) {
    static Held by(Kernel kernel, LogFile file) {
        FilePath name = file.path.name();
        try {
            Fingerprint first = FirstBytes.of(file.content, Fingerprint.MOST).fingerprint();
            return new Held(name, first, kernel.stat(file.fd).size());
        } catch (ErrnoException | MalformedException unreadable) {
            return new Held(name, Fingerprint.NONE, -1);
        }
    }

    /** Whether that was compressed of it. Somebody may have written to it since then. */
    boolean isBehind(FilePath compressed, Fingerprint compressedFirst, long compressedLength) {
        boolean isNamedSo = RotatedName.isCompressionOf(name, compressed);
        boolean mayBe = length == compressedLength || (length > compressedLength && isNamedSo);
        return length < 0 ? isNamedSo : mayBe && first.equals(compressedFirst);
    }
}
