package io.kiroku.cli;

import io.kiroku.agent.ring.RingReader;
import io.kiroku.collector.store.StoreVerification;
import io.kiroku.collector.trust.LogAgreement;
import io.kiroku.collector.trust.LogTimes;
import io.kiroku.evidence.bundle.BundleCheck;
import io.kiroku.evidence.bundle.BundleVerdict;
import io.kiroku.evidence.bundle.Trust;
import io.kiroku.evidence.durable.RecordFrame;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.SegmentFormat;
import io.kiroku.evidence.segment.SegmentHeader;
import io.kiroku.evidence.verify.Location;
import io.kiroku.evidence.verify.Report;
import io.kiroku.evidence.verify.Verifier;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Something on disk that can be verified. */
sealed interface Evidence {
    /** Is told how many bytes of how many have been looked at. */
    interface Progress {
        void at(long done, long total);
    }

    /** A collector's data directory. */
    record CollectorData(Path directory) implements Evidence {}

    /** An agent's ring. */
    record RingFile(Path file) implements Evidence {}

    /** An evidence bundle. */
    record Bundle(Path file) implements Evidence {}

    /** Segments, each in a file of its own, in any order. */
    record SegmentFiles(List<Path> files) implements Evidence {}

    /** How an LZ4 skippable frame begins (0x184D2A50, little-endian). */
    String SKIPPABLE = "P*M\u0018";

    /** How the first file of a ZIP archive begins, and the end of one without a comment. */
    String ZIP = "PK\u0003\u0004";

    String ZIP_END = "PK\u0005\u0006";

    /** Bytes at the end of a ZIP archive. */
    int ZIP_END_LENGTH = 22;

    /** The extension of segment files. */
    String EXTENSION = ".lz4";

    /** A running agent may overwrite what is being read: so often it is read again before it counts as damaged. */
    int RING_LOOKS = 3;

    /**
     * Finds out what lies there.
     *
     * @throws CommandException if it is nothing that can be verified
     */
    static Evidence at(Path path) throws IOException, CommandException {
        if (!Files.exists(path)) {
            throw CommandException.misuse("no such file or directory: " + path);
        }
        if (Files.isDirectory(path)) {
            return ofDirectory(path);
        }
        byte[] head = head(path);
        // Any one sign will do: another may be what was damaged.
        if (startsWith(head, 8, "KIROKU") || startsWith(head, 0, SKIPPABLE) || hasExtension(path)) {
            return new SegmentFiles(List.of(path));
        }
        if (startsWith(head, 0, "KRNG") || path.endsWith(RingReader.FILE)) {
            return new RingFile(path);
        }
        if (startsWith(head, 0, ZIP) || startsWith(tail(path), 0, ZIP_END)) {
            return new Bundle(path);
        }
        throw neither(path);
    }

    private static Evidence ofDirectory(Path directory) throws IOException, CommandException {
        if (DataDirectory.isOne(directory)) {
            return new CollectorData(directory);
        }
        if (Files.isRegularFile(directory.resolve(RingReader.FILE))) {
            return new RingFile(directory.resolve(RingReader.FILE));
        }
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> segments = files.filter(Evidence::hasExtension).sorted().toList();
            if (!segments.isEmpty()) {
                return new SegmentFiles(segments);
            }
        }
        throw neither(directory);
    }

    private static boolean hasExtension(Path file) {
        return file.toString().endsWith(EXTENSION);
    }

    private static CommandException neither(Path path) {
        return CommandException.misuse(("%s is neither a collector's data directory, nor a ring or an agent's state"
                        + " directory, nor a segment file, nor an evidence bundle")
                .formatted(path));
    }

    private static byte[] head(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(64);
        }
    }

    private static byte[] tail(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer tail = ByteBuffer.allocate(ZIP_END_LENGTH);
            channel.read(tail, Math.max(0, channel.size() - ZIP_END_LENGTH));
            return tail.array();
        }
    }

    private static boolean startsWith(byte[] bytes, int at, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (at + i >= bytes.length || bytes[at + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** What it is, for people. */
    default String description() {
        return switch (this) {
            case CollectorData _ -> "a collector's data";
            case RingFile _ -> "an agent's ring";
            case Bundle _ -> "an evidence bundle";
            case SegmentFiles files -> files.files().size() == 1 ? "a segment" : "segment files";
        };
    }

    /**
     * Verifies it.
     *
     * @param trust whose word counts for a bundle
     * @param notes takes what is worth knowing and speaks against nothing
     */
    default Report verify(Trust trust, Progress progress, Consumer<String> notes) throws IOException {
        return switch (this) {
            case CollectorData data ->
                StoreVerification.verify(
                        data.directory(),
                        LogTimes.read(data.directory()).check(),
                        LogAgreement.of(data.directory()),
                        new StoreVerification.Observer() {
                            @Override
                            public void progress(long doneBytes, long totalBytes) {
                                progress.at(doneBytes, totalBytes);
                            }

                            @Override
                            public void note(String sentence) {
                                notes.accept(sentence);
                            }
                        });
            case RingFile ring -> {
                Report report = verifyRing(ring.file(), progress);
                for (int look = 1; look < RING_LOOKS && !report.holds(); look++) {
                    report = verifyRing(ring.file(), progress);
                }
                yield report;
            }
            case Bundle bundle -> {
                try (FileChannel channel = FileChannel.open(bundle.file())) {
                    BundleVerdict verdict = BundleCheck.check(channel, trust, Kiroku.nameAndVersion(), progress::at);
                    verdict.statements().forEach(notes);
                    yield verdict.report();
                }
            }
            case SegmentFiles files -> verifySegments(files.files(), progress, notes);
        };
    }

    private static Report verifyRing(Path file, Progress progress) throws IOException {
        Verifier verifier = new Verifier(Verifier.Scope.STRETCH);
        try (RingReader ring = RingReader.open(file)) {
            ring.forEach(new RingReader.Visitor() {
                private long done;

                @Override
                public void segment(long offset, RecordFrame.Head record, ByteBuffer segment) {
                    done += record.totalLength();
                    progress.at(done, ring.size());
                    verifier.segment(
                            new Location(file.toString(), offset + RecordFrame.LENGTH, segment.remaining()), segment);
                }

                @Override
                public void damaged(long offset, long length, String sentence) {
                    verifier.damaged(new Location(file.toString(), offset, length), sentence);
                }
            });
        } catch (MalformedException noRing) {
            verifier.damaged(new Location(file.toString(), 0, Files.size(file)), String.valueOf(noRing.getMessage()));
        }
        return verifier.report();
    }

    /** A segment file's place in its stream; null of both if it is none. */
    record Ordered(Path file, @Nullable Octets stream, long sequence) {}

    private static Report verifySegments(List<Path> files, Progress progress, Consumer<String> notes)
            throws IOException {
        List<Ordered> ordered = new ArrayList<>();
        for (Path file : files) {
            ordered.add(order(file));
        }
        ordered.sort(Comparator.comparing((Ordered one) -> String.valueOf(one.stream()))
                .thenComparingLong(Ordered::sequence));
        Verifier verifier = new Verifier(Verifier.Scope.SEGMENTS);
        int done = 0;
        for (Ordered one : ordered) {
            progress.at(done++, ordered.size());
            long size = Files.size(one.file());
            Location location = new Location(one.file().toString(), 0, size);
            if (size > SegmentFormat.MOST_SEGMENT) {
                verifier.damaged(
                        location,
                        "expected a segment of at most %d bytes, found %d".formatted(SegmentFormat.MOST_SEGMENT, size));
            } else {
                verifier.segment(location, ByteBuffer.wrap(Files.readAllBytes(one.file())));
            }
        }
        verifier.unvouched().forEach(finding -> notes.accept(finding + "; whose it is cannot be told from here"));
        return verifier.report();
    }

    private static Ordered order(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] head = in.readNBytes(SegmentFormat.HEADER_AT + SegmentHeader.LENGTH);
            ByteBuffer header = ByteBuffer.wrap(head);
            header.position(Math.min(head.length, SegmentFormat.HEADER_AT));
            SegmentHeader read = SegmentHeader.read(header);
            return new Ordered(file, read.stream(), read.sequence());
        } catch (MalformedException damaged) {
            return new Ordered(file, null, 0);
        }
    }
}
