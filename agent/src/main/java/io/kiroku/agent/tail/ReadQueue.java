package io.kiroku.agent.tail;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is to be read. Of eight turns four are for files whose bytes may soon be gone, three for the others and one
 * for compressed files; a turn that its own kind does not need goes to the next in that order. So what is urgent is read
 * first and yet starves nobody, and among files of one kind each has its turn before any has its second.
 */
final class ReadQueue {
    private static final int TURNS = 8;
    private static final int COMPRESSED_TURN = TURNS - 1;

    private final Deque<LogFile> urgent = new ArrayDeque<>();
    private final Deque<LogFile> others = new ArrayDeque<>();

    /** One after the other, each to its end: a decompressor takes memory, and many of them would take much. */
    private final Deque<LogFile> compressed = new ArrayDeque<>();

    private int turn;

    boolean isEmpty() {
        return urgent.isEmpty() && others.isEmpty() && compressed.isEmpty();
    }

    /** The file has the next turn of its kind. A compressed one has its turn when those before it are read. */
    void addFirst(LogFile file) {
        if (file.content.isCompressed()) {
            compressed.addLast(file);
        } else {
            queueOf(file).addFirst(file);
        }
    }

    /** The file has its turn when all others of its kind had theirs. A compressed one goes on. */
    void addLast(LogFile file) {
        if (file.content.isCompressed()) {
            compressed.addFirst(file);
        } else {
            queueOf(file).addLast(file);
        }
    }

    private Deque<LogFile> queueOf(LogFile file) {
        return file.urgent ? urgent : others;
    }

    /** A waiting file has become urgent. */
    void promote(LogFile file) {
        if (others.remove(file)) {
            addFirst(file);
        }
    }

    /** The file that is to be read now; null if there is none. */
    @Nullable
    LogFile poll() {
        int now = turn;
        turn = (turn + 1) % TURNS;
        List<Deque<LogFile>> order;
        if (now == COMPRESSED_TURN) {
            order = List.of(compressed, urgent, others);
        } else if (now % 2 == 0) {
            order = List.of(urgent, others, compressed);
        } else {
            order = List.of(others, urgent, compressed);
        }
        for (Deque<LogFile> queue : order) {
            if (!queue.isEmpty()) {
                return queue.poll();
            }
        }
        return null;
    }

    /** Bytes that are known to be there, of all files that wait. */
    long bytesPending() {
        long pending = 0;
        for (Deque<LogFile> queue : List.of(urgent, others, compressed)) {
            for (LogFile file : queue) {
                pending += file.pending();
            }
        }
        return pending;
    }
}
