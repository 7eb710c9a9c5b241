package io.kiroku.evidence.record;

/**
 * SHA-256 over the first bytes of a file, by which it is known again under another name, inode or compression.
 *
 * @param length how many bytes were digested, 0 to {@link #MOST}; 0 goes with an all-zero digest and says nothing
 * @param sha256 32 bytes
 */
public record Fingerprint(int length, Octets sha256) {
    /** A fingerprint never covers more than this many bytes. */
    public static final int MOST = 1024;

    /** Nothing is known of the file's content yet. */
    public static final Fingerprint NONE = new Fingerprint(0, Octets.zero(32));

    public Fingerprint {
        if (length < 0 || length > MOST) {
            throw new IllegalArgumentException("a fingerprint covers 0 to " + MOST + " bytes, this one " + length);
        }
        if (sha256.length() != 32) {
            throw new IllegalArgumentException("a SHA-256 has 32 bytes, this one " + sha256.length());
        }
    }
}
