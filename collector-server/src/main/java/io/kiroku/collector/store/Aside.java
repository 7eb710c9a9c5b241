package io.kiroku.collector.store;

import io.kiroku.evidence.durable.StorageFile;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What agents sent and the store could not accept: kept byte for byte beside it, for people to look at. Each piece is a
 * file {@code STREAM-SHA256.segment} with a {@code STREAM-SHA256.txt} that says when it came, from where, and why it lies
 * here. The name is made of the content, so that what is sent again and again is kept once.
 */
final class Aside {
    /** Bounds, for one stream and for all. What is beyond them is counted, not kept. */
    static final long MOST_STREAM_BYTES = 64 << 20;

    static final long MOST_BYTES = 1 << 30;
    static final int MOST_STREAM_PIECES = 1_000;
    static final int MOST_PIECES = 10_000;

    private static final Pattern NAME = Pattern.compile("([0-9a-f]{32})-[0-9a-f]{32}\\.segment");

    /** Something that does not fit. */
    record Piece(Octets stream, ByteBuffer bytes, Instant when, String from, String why) {}

    /** What is kept of one stream, or of all. */
    private static final class Fill {
        private long bytes;
        private int pieces;

        private void add(long length) {
            bytes += length;
            pieces++;
        }

        private boolean hasRoomFor(long length, long mostBytes, int mostPieces) {
            return pieces < mostPieces && bytes + length <= mostBytes;
        }
    }

    private final StorageDirectory directory;
    private final Map<String, Fill> streams = new HashMap<>();
    private final Fill all = new Fill();
    private final AtomicLong kept = new AtomicLong();
    private final AtomicLong unkept = new AtomicLong();

    private Aside(StorageDirectory directory) {
        this.directory = directory;
    }

    static Aside open(StorageDirectory directory) throws IOException {
        Aside aside = new Aside(directory);
        for (String name : directory.names()) {
            Matcher matcher = NAME.matcher(name);
            if (matcher.matches()) {
                try (StorageFile file = directory.openForReading(name)) {
                    aside.count(matcher.group(1), file.size());
                }
            }
        }
        return aside;
    }

    /** How many pieces lie in such a directory. */
    static long piecesIn(StorageDirectory directory) throws IOException {
        return directory.names().stream().filter(NAME.asMatchPredicate()).count();
    }

    /** Keeps a piece. False if there is no room for it; then it is counted. */
    boolean keep(Piece piece) throws IOException {
        String stream = piece.stream().toString();
        int length = piece.bytes().remaining();
        Fill fill = streams.getOrDefault(stream, new Fill());
        if (!fill.hasRoomFor(length, MOST_STREAM_BYTES, MOST_STREAM_PIECES)
                || !all.hasRoomFor(length, MOST_BYTES, MOST_PIECES)) {
            unkept.incrementAndGet();
            return false;
        }
        String name = stream + "-" + Sha256.of(piece.bytes()).toString().substring(0, 32);
        byte[] bytes = new byte[length];
        piece.bytes().duplicate().get(bytes);
        createOnce(name + ".txt", reason(piece).getBytes(StandardCharsets.UTF_8));
        if (createOnce(name + ".segment", bytes)) {
            count(stream, length);
        }
        return true;
    }

    private boolean createOnce(String name, byte[] content) throws IOException {
        try {
            directory.create(name, content);
            return true;
        } catch (FileAlreadyExistsException sentBefore) {
            return false;
        }
    }

    private void count(String stream, long length) {
        streams.computeIfAbsent(stream, id -> new Fill()).add(length);
        all.add(length);
        kept.incrementAndGet();
    }

    private static String reason(Piece piece) {
        return String.format(
                Locale.ROOT,
                "when: %s%nfrom: %s%nstream: %s%nbytes: %d%nwhy: %s%n",
                piece.when(),
                piece.from(),
                piece.stream(),
                piece.bytes().remaining(),
                piece.why());
    }

    long kept() {
        return kept.get();
    }

    long unkept() {
        return unkept.get();
    }
}
