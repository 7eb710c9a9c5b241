package io.kiroku.collector.export;

import io.kiroku.collector.stamp.StampOutcome;
import io.kiroku.collector.stamp.TimestampClient;
import io.kiroku.evidence.bundle.BundleNames;
import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.Policy;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.log.TreeReader;
import io.kiroku.evidence.log.WitnessRequest;
import io.kiroku.evidence.record.MalformedException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The small files of a bundle that come from a collector's data directory, or from whoever asks for the bundle. */
final class BundleAttachments {
    /** {@code <size>.checkpoint} and {@code <size>-<n>.tsr}: a checkpoint, and the time stamps on it. */
    private static final Pattern TIMESTAMP = Pattern.compile("([0-9]{1,18})(?:\\.checkpoint|-[0-9]{1,9}\\.tsr)");

    private static final int MOST_FILE = 1 << 20;
    private static final Duration STAMP_BOUND = Duration.ofSeconds(30);

    private final Path data;
    private final SignedNote note;
    private final Checkpoint checkpoint;
    private final TreeReader tree;
    private final SortedMap<String, byte[]> files = new TreeMap<>();

    BundleAttachments(Path data, SignedNote note, Checkpoint checkpoint, TreeReader tree) {
        this.data = data;
        this.note = note;
        this.checkpoint = checkpoint;
        this.tree = tree;
    }

    SortedMap<String, byte[]> files() {
        return files;
    }

    /** The public keys. */
    void keys() throws IOException, MalformedException {
        files.put(BundleNames.LOG_KEYS, read(data.resolve("log.vkey")));
        files.put(BundleNames.COLLECTOR_KEY, read(data.resolve("collector.pub")));
    }

    void policy(Path file) throws IOException, MalformedException {
        byte[] policy = read(file);
        Policy.parse(policy);
        files.put(BundleNames.POLICY, policy);
    }

    /** All time stamps on trees of at least that size. */
    void timestamps(long least) throws IOException, MalformedException {
        Path directory = data.resolve("log/timestamps");
        if (!Files.isDirectory(directory)) {
            return;
        }
        List<Path> found;
        try (Stream<Path> list = Files.list(directory)) {
            found = list.sorted().toList();
        }
        for (Path file : found) {
            Matcher name = TIMESTAMP.matcher(file.getFileName().toString());
            if (!name.matches()) {
                continue;
            }
            long size = Long.parseLong(name.group(1));
            boolean hasCheckpoint = Files.exists(directory.resolve(size + ".checkpoint"));
            if (size >= least && size <= checkpoint.size() && hasCheckpoint) {
                files.put(BundleNames.timestamp(name.group()), read(file));
                consistency(size);
            }
        }
    }

    /**
     * Has the bundle's checkpoint stamped now.
     *
     * @throws IOException if one of the authorities does not: it was asked for
     */
    void stamp(List<URI> authorities) throws IOException {
        int number = 0;
        try (TimestampClient client = new TimestampClient(STAMP_BOUND)) {
            for (URI authority : authorities) {
                switch (client.ask(authority, note.bytes())) {
                    case StampOutcome.Stamped stamped -> {
                        do {
                            number++;
                        } while (files.containsKey(stampName(number)));
                        files.put(stampName(number), stamped.response().toArray());
                        files.put(BundleNames.timestamp(checkpoint.size() + ".checkpoint"), note.bytes());
                    }
                    case StampOutcome.Failed(String sentence) ->
                        throw new IOException("%s gives no time stamp: %s".formatted(authority, sentence));
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a time stamp was waited for", stopped);
        }
    }

    private String stampName(int number) {
        return BundleNames.timestamp("%d-%d.tsr".formatted(checkpoint.size(), number));
    }

    /** The checkpoint that witnesses have cosigned last, if there is one; what is newer than this bundle's is left out. */
    void witnessed(Path file) throws IOException, MalformedException {
        if (Files.exists(file)
                && Checkpoint.parse(SignedNote.parse(read(file)).text()).size() <= checkpoint.size()) {
            earlier(file);
        }
    }

    /** A checkpoint that somebody has seen before. */
    void earlier(Path file) throws IOException, MalformedException {
        byte[] bytes = read(file);
        Checkpoint before = Checkpoint.parse(SignedNote.parse(bytes).text());
        if (!before.origin().equals(checkpoint.origin())) {
            throw new MalformedException("expected a checkpoint of the log %s in %s, found one of %s"
                    .formatted(checkpoint.origin(), file, before.origin()));
        }
        continues(new TreeHead(before.size(), before.root()), file.toString());
        byte[] other = files.putIfAbsent(BundleNames.earlier(before.size()), bytes);
        if (other != null && !Arrays.equals(other, bytes)) {
            throw new MalformedException(
                    "expected one checkpoint of %d entries, found another in %s".formatted(before.size(), file));
        }
    }

    /** A tree that somebody has seen before: it will be proven that the log continues it. */
    void continues(TreeHead before, String where) throws IOException, MalformedException {
        if (before.size() > checkpoint.size() || !tree.root(before.size()).equals(before.root())) {
            throw new MalformedException(
                    "the log here, of %d entries, does not continue the tree of %d entries that %s names: one of them is not its"
                                    .formatted(checkpoint.size(), before.size(), where)
                            + " true history");
        }
        consistency(before.size());
    }

    private void consistency(long size) throws IOException, MalformedException {
        if (size > 0 && size < checkpoint.size()) {
            WitnessRequest proof = new WitnessRequest(size, tree.consistency(size, checkpoint.size()), note);
            files.put(BundleNames.consistency(size), proof.bytes());
        }
    }

    private static byte[] read(Path file) throws IOException, MalformedException {
        long size = Files.size(file);
        if (size > MOST_FILE) {
            throw new MalformedException("expected at most %d bytes in %s, found %d".formatted(MOST_FILE, file, size));
        }
        return Files.readAllBytes(file);
    }
}
