package io.kiroku.collector.query;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.record.Octets;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Where the bytes of one source lie: its files in the order of their ids, which is that of the rotations. */
final class SourceContent {
    /** One file of the source. */
    static final class FileContent {
        private final int id;
        private final List<Piece> pieces = new ArrayList<>();
        private FileTable.@Nullable Followed before;
        private boolean ended;

        private FileContent(int id) {
            this.id = id;
        }

        int id() {
            return id;
        }

        /** In the order of their offsets, if nothing is wrong with the store. */
        List<Piece> pieces() {
            return pieces;
        }

        /** It seems to be that file, which was cut off when the ring was lost, captured again from its start. */
        void capturedAgain(FileTable.@Nullable Followed cutOff) {
            before = cutOff;
        }

        /** The file that it seems to be; null if it is one by itself. */
        FileTable.@Nullable Followed before() {
            return before;
        }

        /** Puts a loss before the bytes that lie behind it. */
        void insert(Entry.Gap gap) {
            int at = pieces.size();
            while (at > 0 && pieces.get(at - 1).from() > gap.from()) {
                at--;
            }
            pieces.add(at, new Piece.Lost(gap));
        }

        /** Whether nothing more will come. */
        boolean ended() {
            return ended;
        }

        void end() {
            ended = true;
        }
    }

    private final Octets stream;
    private final FilePath path;
    private final NavigableMap<Integer, FileContent> files = new TreeMap<>();

    SourceContent(Octets stream, FilePath path) {
        this.stream = stream;
        this.path = path;
    }

    Octets stream() {
        return stream;
    }

    FilePath path() {
        return path;
    }

    NavigableMap<Integer, FileContent> files() {
        return files;
    }

    FileContent file(int id) {
        return files.computeIfAbsent(id, FileContent::new);
    }
}
