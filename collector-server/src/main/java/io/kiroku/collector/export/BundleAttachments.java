package io.kiroku.collector.export;

import io.kiroku.collector.log.PolicyFile;
import io.kiroku.collector.stamp.StampOutcome;
import io.kiroku.collector.stamp.TimestampClient;
import io.kiroku.collector.trust.LogTimes;
import io.kiroku.collector.trust.RevokedFile;
import io.kiroku.evidence.bundle.BundleNames;
import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.log.TreeReader;
import io.kiroku.evidence.log.WitnessRequest;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.trust.Revocation;
import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The small files of a bundle that come from a collector's data directory, or from whoever asks for the bundle. */
final class BundleAttachments {
    /** {@code <size>-<n>.tsr}: the time stamp of the authority with that number on {@code <size>.checkpoint}. */
    private static final Pattern RESPONSE = Pattern.compile("([0-9]{1,18})-([0-9]{1,9})\\.tsr");

    private static final int MOST_FILE = 1 << 20;
    private static final Duration STAMP_BOUND = Duration.ofSeconds(30);

    private final Path data;
    private final SignedNote note;
    private final Checkpoint checkpoint;
    private final TreeReader tree;
    private final LogTimes times;
    private final SortedMap<String, byte[]> files = new TreeMap<>();

    BundleAttachments(Path data, SignedNote note, Checkpoint checkpoint, TreeReader tree, LogTimes times) {
        this.data = data;
        this.note = note;
        this.checkpoint = checkpoint;
        this.tree = tree;
        this.times = times;
    }

    SortedMap<String, byte[]> files() {
        return files;
    }

    /** The public keys. */
    void keys() throws IOException, MalformedException {
        files.put(BundleNames.LOG_KEYS, read(data.resolve("log.vkey")));
        files.put(BundleNames.COLLECTOR_KEY, read(data.resolve("collector.pub")));
    }

    void policy(PolicyFile policy) {
        files.put(BundleNames.POLICY, policy.bytes().toArray());
    }

    /**
     * Of each authority the first time stamp on a tree that has all of the selection, or else the last on one that has some of
     * it, and the last of all: the ones between say nothing more.
     *
     * @param lowest the first entry of the selection in the log, from 0
     * @param highest the last
     */
    void timestamps(long lowest, long highest) throws IOException, MalformedException {
        Path directory = data.resolve("log/timestamps");
        if (!Files.isDirectory(directory)) {
            return;
        }
        Map<String, SortedMap<Long, Path>> byAuthority = new TreeMap<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*.tsr")) {
            for (Path file : found) {
                Matcher name = RESPONSE.matcher(file.getFileName().toString());
                long size = name.matches() ? Long.parseLong(name.group(1)) : 0;
                if (size > lowest
                        && size <= checkpoint.size()
                        && Files.exists(directory.resolve(size + ".checkpoint"))) {
                    SortedMap<Long, Path> stamps = byAuthority.computeIfAbsent(name.group(2), _ -> new TreeMap<>());
                    stamps.put(size, file);
                    keepTwo(stamps, highest);
                }
            }
        }
        for (SortedMap<Long, Path> stamps : byAuthority.values()) {
            for (Map.Entry<Long, Path> one : stamps.entrySet()) {
                String note = one.getKey() + ".checkpoint";
                files.put(BundleNames.timestamp(note), read(directory.resolve(note)));
                files.put(BundleNames.timestamp(one.getValue().getFileName().toString()), read(one.getValue()));
                consistency(one.getKey());
            }
        }
    }

    /** Drops all stamps but the first on a tree that has the highest entry, and the last. */
    private static void keepTwo(SortedMap<Long, Path> stamps, long highest) {
        long last = stamps.lastKey();
        SortedMap<Long, Path> whole = stamps.tailMap(highest + 1);
        long first = whole.isEmpty() ? last : whole.firstKey();
        stamps.keySet().removeIf(size -> size != first && size != last);
    }

    /**
     * Has the bundle's checkpoint stamped now, in the form in which others have stamped it already: with other signatures
     * below the same text their stamps would be over something else.
     *
     * @throws IOException if one of the authorities does not: it was asked for
     */
    void stamp(List<URI> authorities) throws IOException {
        int number = 0;
        byte[] stamped = files.getOrDefault(BundleNames.timestamp(checkpoint.size() + ".checkpoint"), note.bytes());
        try (TimestampClient client = new TimestampClient(STAMP_BOUND)) {
            for (URI authority : authorities) {
                switch (client.ask(authority, stamped)) {
                    case StampOutcome.Stamped answer -> {
                        do {
                            number++;
                        } while (files.containsKey(stampName(number)));
                        files.put(stampName(number), answer.response().toArray());
                        files.put(BundleNames.timestamp(checkpoint.size() + ".checkpoint"), stamped);
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

    /**
     * The revoked keys, and of each that concerns the bundle the last checkpoint that was kept before: it shows what the log
     * had by then.
     *
     * @param identities the public keys of those that vouch for the bundle's segments
     */
    void revoked(Set<Octets> identities) throws IOException, MalformedException {
        if (times.revoked().isEmpty()) {
            return;
        }
        files.put(BundleNames.REVOKED, read(RevokedFile.in(data)));
        Set<Octets> concerned = new HashSet<>(identities);
        times.past().forEach(seen -> concerned.add(seen.key()));
        for (Revocation one : times.revoked().all()) {
            if (concerned.contains(one.key())) {
                Optional<LogTimes.Past> before = times.lastBefore(one.since(), checkpoint.size());
                if (before.isPresent()) {
                    earlier(before.get().file());
                }
            }
        }
    }

    /** A checkpoint that somebody has seen before. */
    void earlier(Path file) throws IOException, MalformedException {
        SignedNote seen = SignedNote.parse(read(file));
        Checkpoint before = Checkpoint.parse(seen.text());
        if (!before.origin().equals(checkpoint.origin())) {
            throw new MalformedException("expected a checkpoint of the log %s in %s, found one of %s"
                    .formatted(checkpoint.origin(), file, before.origin()));
        }
        continues(new TreeHead(before.size(), before.root()), file.toString());
        String name = BundleNames.earlier(before.size());
        byte[] other = files.get(name);
        files.put(
                name,
                other == null
                        ? seen.bytes()
                        : merged(SignedNote.parse(other), seen, file).bytes());
    }

    /** One note with the signatures of both. */
    private static SignedNote merged(SignedNote one, SignedNote other, Path file) throws MalformedException {
        if (!one.text().equals(other.text())) {
            throw new MalformedException("expected one checkpoint of a size, found another in " + file);
        }
        Set<SignedNote.Signature> signatures = new LinkedHashSet<>(one.signatures());
        signatures.addAll(other.signatures());
        if (signatures.size() > SignedNote.MOST_SIGNATURES) {
            throw new MalformedException("expected at most %d signatures on one checkpoint, found %d with those in %s"
                    .formatted(SignedNote.MOST_SIGNATURES, signatures.size(), file));
        }
        return new SignedNote(one.text(), List.copyOf(signatures));
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
