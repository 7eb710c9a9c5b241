package io.kiroku.evidence.verify;

/**
 * Where bytes lie.
 *
 * @param container the file that holds them, as the user named it or below what he named
 * @param offset of the first byte
 * @param length number of bytes
 */
public record Location(String container, long offset, long length) {
    @Override
    public String toString() {
        return "%s, bytes %d to %d".formatted(container, offset, offset + length - 1);
    }
}
