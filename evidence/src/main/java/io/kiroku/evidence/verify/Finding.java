package io.kiroku.evidence.verify;

import io.kiroku.evidence.record.Octets;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong.
 *
 * @param location where it lies; null for what lies nowhere, such as a missing segment
 * @param stream whose stream it belongs to, if that can be told
 * @param sequence of the segment, 0 if that cannot be told
 * @param sentence what was expected and what was found
 */
public record Finding(@Nullable Location location, @Nullable Octets stream, long sequence, String sentence) {
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        if (stream != null) {
            out.append("stream ").append(stream.brief());
            if (sequence > 0) {
                out.append(" segment ").append(sequence);
            }
            out.append(": ");
        }
        out.append(sentence);
        if (location != null) {
            out.append(" (").append(location).append(')');
        }
        return out.toString();
    }
}
