package io.kiroku.agent.tail;

import io.kiroku.agent.os.DirectoryEntry;
import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.FileStat;
import io.kiroku.agent.os.Kernel;
import io.kiroku.evidence.record.Entry.GapCause;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.record.MalformedException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The rotated files that were compressed, by the kubelet or by who rotates. Mostly they were captured before that, and nothing is to be done. Those
 * that no agent saw while they were plain are read from what was compressed: they came and were rotated away while no agent
 * ran, or while the one that runs was held up, or could not be opened as long as they were plain.
 *
 * <p>Which they are is told by content: of a file that is followed, first bytes and length are known. A file that the chain
 * knows as read to its end is not followed any more; but it ended before the chain's last segment was sealed, and the kubelet
 * removes a file only when it is compressed. So what was compressed after that segment and is not recognised was never seen.
 * What is older is taken for captured if it is older than the newest that is recognised.
 */
final class CompressedFiles {
    private final Kernel kernel;
    private final Draft draft;
    private final Resumption resumption;
    private final Pins pins;
    private final FileSet files;
    private final IntPredicate awaited;
    private final long chainEnd;

    /** Sources of which compressed files are followed that nobody had seen before. */
    private final Set<FilePath> sources = new HashSet<>();

    /** A compressed file that is open. */
    private record Sibling(FilePath path, int fd, Content content, FileStat stat, long length) {}

    /** Which file it was before it was compressed, as far as the chain or an open file can tell. */
    private sealed interface Match {
        /** One that is followed: all of it is there. */
        record Open(LogFile file) implements Match {}

        /** One that was captured, or that will be by its pin. */
        record Elsewhere() implements Match {}

        /** One that the chain knows, and that is to be read on. */
        record Known(FileTable.Followed file) implements Match {}

        /** None. */
        record None() implements Match {}
    }

    /**
     * @param awaited whether the file with that id, which the chain knows, will be found by its pin
     * @param chainEnd when the chain's last segment was sealed before the agent started, on the wall clock in nanoseconds;
     *     {@link Tail.Chain#NO_END} if there is none, and nothing was captured
     */
    CompressedFiles(
            Kernel kernel,
            Draft draft,
            Resumption resumption,
            Pins pins,
            FileSet files,
            IntPredicate awaited,
            long chainEnd) {
        this.kernel = kernel;
        this.draft = draft;
        this.resumption = resumption;
        this.pins = pins;
        this.files = files;
        this.awaited = awaited;
        this.chainEnd = chainEnd;
    }

    /** Whether compressed files of the source were found that nobody had seen before. */
    boolean hasUnseenOf(FilePath source) {
        return sources.contains(source);
    }

    /**
     * Looks at the compressed files that are new in a directory, before the look at its plain ones.
     *
     * @param changed takes the files in which there is something to read, in the order in which they were written
     * @return false if the segment under way had no room for all of them
     */
    boolean look(Directory directory, Map<FilePath, DirectoryEntry> entries, List<LogFile> changed) {
        directory.compressed.keySet().retainAll(entries.keySet());
        Map<FilePath, List<DirectoryEntry>> bySource = new TreeMap<>();
        for (DirectoryEntry entry : entries.values()) {
            FilePath live = RotatedName.liveNameOfCompressed(entry.name());
            if (live != null
                    && !isUnderWay(entry.name(), entries)
                    && isNew(directory, entry)
                    && Candidate.isWanted(directory, live)) {
                bySource.computeIfAbsent(directory.path.resolve(live), _ -> new ArrayList<>())
                        .add(entry);
            }
        }
        for (Map.Entry<FilePath, List<DirectoryEntry>> each : bySource.entrySet()) {
            if (!draft.hasRoomForEntries()) {
                return false;
            }
            each.getValue().forEach(entry -> directory.compressed.put(entry.name(), onlyInode(entry.inode())));
            if (directory.isCaughtUp || !directory.isMoved) {
                List<Sibling> siblings = open(directory, each.getKey(), each.getValue());
                // Another one may have taken the name since the directory was listed.
                siblings.forEach(
                        sibling -> directory.compressed.put(sibling.path().name(), FileSet.identityOf(sibling.stat())));
                look(directory, each.getKey(), siblings, entries, changed);
            }
        }
        directory.isCaughtUp = true;
        return true;
    }

    /** Whether it may still be written. The plain file is there as long, and its removal has the directory looked at again. */
    private static boolean isUnderWay(FilePath compressed, Map<FilePath, DirectoryEntry> entries) {
        return RotatedName.isCompressedInPlace(compressed)
                && entries.containsKey(RotatedName.withoutSuffix(compressed));
    }

    /** Its name and its inode's number may be those of one that was replaced twice since it was looked at. */
    private boolean isNew(Directory directory, DirectoryEntry entry) {
        FileIdentity known = directory.compressed.get(entry.name());
        if (known == null || known.inode() != entry.inode()) {
            return true;
        }
        try {
            return known.birthNanos() != 0
                    && kernel.stat(directory.path.resolve(entry.name())).birthNanos() != known.birthNanos();
        } catch (ErrnoException refused) {
            return false;
        }
    }

    private static FileIdentity onlyInode(long inode) {
        return new FileIdentity(0, inode, 0);
    }

    /** Opens compressed files, oldest first. They were compressed one after the other, whatever their names say. */
    private List<Sibling> open(Directory directory, FilePath source, List<DirectoryEntry> entries) {
        List<Sibling> siblings = new ArrayList<>();
        for (DirectoryEntry entry : entries) {
            FilePath path = directory.path.resolve(entry.name());
            try {
                siblings.add(open(path));
            } catch (ErrnoException refused) {
                if (!wasFollowedHere(directory, path)) {
                    files.vanished(source, GapCause.READ_ERROR, String.valueOf(refused.getMessage()));
                }
            }
        }
        siblings.sort(
                Comparator.comparingLong((Sibling sibling) -> sibling.stat().modifiedNanos())
                        .thenComparing(Sibling::path));
        return siblings;
    }

    /** Whether the file had its name without {@code .gz} in the directory at the last look, or the one before. */
    private static boolean wasFollowedHere(Directory directory, FilePath compressed) {
        return directory.files.keySet().stream().anyMatch(path -> RotatedName.isCompressionOf(path, compressed))
                || directory.departed.stream()
                        .anyMatch(held -> RotatedName.isCompressionOf(held.name(), compressed.name()));
    }

    private Sibling open(FilePath path) throws ErrnoException {
        int fd = kernel.open(path);
        try {
            FileStat stat = kernel.stat(fd);
            long length = Gunzip.statedLength(kernel, fd, stat);
            return new Sibling(path, fd, Content.compressed(kernel, fd), stat, length);
        } catch (ErrnoException | RuntimeException refused) {
            kernel.close(fd);
            throw refused;
        }
    }

    private void look(
            Directory directory,
            FilePath source,
            List<Sibling> siblings,
            Map<FilePath, DirectoryEntry> entries,
            List<LogFile> changed) {
        List<LogFile> open = files.all().stream()
                .filter(file -> file.source.equals(source) && !file.content.isCompressed())
                .toList();
        List<FileTable.Followed> known = resumption.of(source);
        List<Match> matches = siblings.stream()
                .map(sibling -> match(directory, sibling, open, known))
                .toList();
        int firstUnseen = firstUnseen(directory, source, matches, entries);
        long newestBirth = newestBirth(open, known);
        for (int i = 0; i < siblings.size(); i++) {
            Sibling sibling = siblings.get(i);
            boolean isUnseen = matches.get(i) instanceof Match.None
                    && (directory.isCaughtUp
                            || sibling.stat().birthNanos() > chainEnd
                            || (i >= firstUnseen && !wasThereBefore(sibling, newestBirth)));
            LogFile file = isUnseen ? follow(directory, source, sibling) : takeUp(directory, sibling, matches.get(i));
            if (file != null) {
                file.size = sibling.length();
                changed.add(file);
            }
        }
    }

    /** When the youngest file of the source was made that the chain knows; 0 if there is none, or nobody can tell. */
    private long newestBirth(List<LogFile> open, List<FileTable.Followed> known) {
        LongStream births = LongStream.concat(
                open.stream()
                        .filter(file -> file.id < resumption.nextFile())
                        .mapToLong(file -> file.identity.birthNanos()),
                known.stream().mapToLong(file -> file.identity().birthNanos()));
        return births.max().orElse(0);
    }

    /** Whether it was beside a file that the chain knows when that was seen first: then it was looked at with it. */
    private static boolean wasThereBefore(Sibling sibling, long birth) {
        return sibling.stat().birthNanos() != 0 && sibling.stat().birthNanos() < birth;
    }

    /** From which on all are newer than any that is recognised; plain files are newer than all that are compressed. */
    private int firstUnseen(
            Directory directory, FilePath source, List<Match> matches, Map<FilePath, DirectoryEntry> entries) {
        if (chainEnd == Tail.Chain.NO_END) {
            return 0;
        }
        int first = matches.size();
        while (first > 0 && matches.get(first - 1) instanceof Match.None) {
            first--;
        }
        return first < matches.size() && hasKnown(directory, source, entries) ? matches.size() : first;
    }

    /** Whether a plain file of the source is there that was followed before. */
    private boolean hasKnown(Directory directory, FilePath source, Map<FilePath, DirectoryEntry> entries) {
        return entries.values().stream().anyMatch(entry -> {
            FilePath live = RotatedName.liveNameOf(entry.name());
            return source.name().equals(live == null ? entry.name() : live)
                    && (files.has(source, entry.inode()) || isAwaited(directory.path.resolve(entry.name()), entry));
        });
    }

    /** An inode's number may be that of another file by now, and so may be all that is known of one without time of birth. */
    private boolean isAwaited(FilePath path, DirectoryEntry entry) {
        if (!resumption.has(entry.inode())) {
            return false;
        }
        try {
            FileTable.Followed known = resumption.known(kernel.stat(path));
            return known != null && (known.identity().birthNanos() != 0 || begins(path, known));
        } catch (ErrnoException refused) {
            return !refused.isNotFound();
        }
    }

    private boolean begins(FilePath path, FileTable.Followed known) throws ErrnoException {
        int fd = kernel.open(path);
        try {
            return FirstBytes.match(Content.plain(kernel, fd), known.fingerprint());
        } catch (MalformedException impossible) {
            throw new IllegalStateException("plain bytes are malformed", impossible);
        } finally {
            kernel.close(fd);
        }
    }

    private Match match(Directory directory, Sibling sibling, List<LogFile> open, List<FileTable.Followed> known) {
        try {
            LogFile followed = files.get(sibling.stat());
            if (followed != null) {
                return new Match.Open(followed);
            }
            if (pins.isCaptured(sibling.stat())) {
                return new Match.Elsewhere();
            }
            FileTable.Followed same = resumption.known(sibling.stat());
            if (same != null) {
                return new Match.Known(same);
            }
            Fingerprint first =
                    FirstBytes.of(sibling.content(), Fingerprint.MOST).fingerprint();
            FilePath name = sibling.path().name();
            if (isStillPlain(sibling, first)) {
                return new Match.Elsewhere();
            }
            if (directory.departed.stream().anyMatch(held -> held.isBehind(name, first, sibling.length()))) {
                return new Match.Elsewhere();
            }
            for (LogFile file : open) {
                if (Held.by(kernel, file).isBehind(name, first, sibling.length())) {
                    return new Match.Open(file);
                }
            }
            for (FileTable.Followed file : known) {
                if (file.fingerprint().length() > 0
                        && sibling.length() >= file.offset()
                        && FirstBytes.match(sibling.content(), file.fingerprint())) {
                    return awaited.test(file.id()) ? new Match.Elsewhere() : new Match.Known(file);
                }
            }
            return new Match.None();
        } catch (ErrnoException | MalformedException unreadable) {
            return new Match.None();
        } finally {
            sibling.content().close();
        }
    }

    /** Whether what it was compressed from is there, as if the kubelet died before it removed that. */
    private boolean isStillPlain(Sibling sibling, Fingerprint first) throws MalformedException {
        try {
            FilePath plain = RotatedName.withoutSuffix(sibling.path());
            FileStat stat = kernel.stat(plain);
            if (!stat.isRegular() || stat.size() != sibling.length()) {
                return false;
            }
            int fd = kernel.open(plain);
            try {
                return first.equals(FirstBytes.of(Content.plain(kernel, fd), Fingerprint.MOST)
                        .fingerprint());
            } finally {
                kernel.close(fd);
            }
        } catch (ErrnoException gone) {
            return false;
        }
    }

    /** What the chain has begun is read on; what is older, or open already, has been captured or will be. */
    private @Nullable LogFile takeUp(Directory directory, Sibling sibling, Match match) {
        if (match instanceof Match.Known known) {
            try {
                return files.takeUp(
                        directory,
                        resumption.resume(
                                known.file(), sibling.path(), sibling.fd(), sibling.content(), sibling.stat()));
            } catch (ErrnoException | MalformedException unreadable) {
                // It could be read a moment ago; what the chain knows of it is given up with what was not found.
                kernel.close(sibling.fd());
                return null;
            }
        }
        if (match instanceof Match.Open open) {
            open.file().adrift = false;
        }
        kernel.close(sibling.fd());
        return null;
    }

    private LogFile follow(Directory directory, FilePath source, Sibling sibling) {
        sources.add(source);
        boolean wasRefused = directory.unopened.values().stream()
                .anyMatch(file -> RotatedName.isCompressionOf(file.path(), sibling.path()));
        if (directory.isCaughtUp && !wasRefused) {
            directory.births.found(source.name());
        }
        return files.follow(directory, source, sibling.path(), sibling.fd(), sibling.content(), sibling.stat());
    }
}
