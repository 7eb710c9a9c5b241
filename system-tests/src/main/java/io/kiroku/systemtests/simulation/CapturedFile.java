package io.kiroku.systemtests.simulation;

import io.kiroku.evidence.record.Entry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file as the stream has it: what was captured from its start on, with holes where a loss is declared. */
final class CapturedFile {
    /** Bytes that are accounted for, and not there. */
    private record Hole(int from, int to) {}

    private final Entry.File declared;
    private final List<Hole> holes = new ArrayList<>();
    private byte[] bytes = new byte[256];
    private int length;
    private Entry.@Nullable GapCause rest;
    private boolean ended;

    CapturedFile(Entry.File declared) {
        this.declared = declared;
    }

    int id() {
        return declared.file();
    }

    String source() {
        return declared.source().toString();
    }

    /** Whether it stands for files of its source that came and went unseen. */
    boolean isUnseen() {
        return declared.identity().inode() == 0;
    }

    /** Bytes that are accounted for, captured or in a hole, but for {@link #rest()}. */
    int length() {
        return length;
    }

    /** Whether any of its bytes were captured. */
    boolean hasBytes() {
        return length > holes.stream().mapToInt(hole -> hole.to() - hole.from()).sum();
    }

    /** Why all behind {@link #length()} is lost; null if it is not. */
    Entry.@Nullable GapCause rest() {
        return rest;
    }

    boolean ended() {
        return ended;
    }

    boolean isOpen() {
        return rest == null && !ended;
    }

    void append(ByteBuffer from, int count) {
        reserve(length + count);
        from.get(bytes, length, count);
        length += count;
    }

    private void reserve(int capacity) {
        if (capacity > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(capacity, 2 * bytes.length));
        }
    }

    /** Up to there, nothing is there. */
    void lose(long to) {
        if (to > length) {
            reserve((int) to);
            holes.add(new Hole(length, (int) to));
            length = (int) to;
        }
    }

    void loseRest(Entry.GapCause cause) {
        rest = cause;
    }

    void end() {
        ended = true;
    }

    /** Whether what was captured is what that content begins with. */
    boolean beginsLike(byte[] content) {
        if (length > content.length) {
            return false;
        }
        int at = 0;
        for (Hole hole : holes) {
            if (!Arrays.equals(bytes, at, hole.from(), content, at, hole.from())) {
                return false;
            }
            at = hole.to();
        }
        return Arrays.equals(bytes, at, length, content, at, length);
    }

    @Override
    public String toString() {
        return "file %d (%s) with %d bytes%s%s%s"
                .formatted(
                        id(),
                        declared.path(),
                        length,
                        holes.isEmpty() ? "" : " but for " + holes,
                        ended ? ", ended" : "",
                        rest == null ? "" : ", gap " + rest);
    }
}
