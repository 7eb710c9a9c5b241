package io.kiroku.systemtests.simulation;

import io.kiroku.agent.simulation.SimInode;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.segment.Segment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a stream says, put together again: the way from evidence back to files. It knows nothing of the project's own
 * verification, and takes the entries as docs/FORMAT.md has them.
 */
final class Captured {
    private final TreeMap<Integer, CapturedFile> files = new TreeMap<>();
    private final Map<FileIdentity, List<CapturedFile>> byIdentity = new HashMap<>();
    private final List<Entry.Gap> gaps = new ArrayList<>();

    /** Statements of lost segments, the last one of each run for each file. */
    private final Map<List<Long>, Entry.SegmentGap> lost = new HashMap<>();

    private final TreeSet<Long> missing = new TreeSet<>();
    private final Set<CapturedFile> openAcrossJump = new HashSet<>();
    private ByteBuffer log = ByteBuffer.allocate(64 << 10);
    private long last;
    private boolean jumped;

    /** Takes in the next segment. */
    void take(Segment segment) throws MalformedException {
        if (segment.header().rawLength() > log.capacity()) {
            log = ByteBuffer.allocate(segment.header().rawLength());
        }
        segment.decompress(log.clear());
        log.flip();
        long sequence = segment.header().sequence();
        jumped = sequence > last + 1;
        for (long each = last + 1; each < sequence; each++) {
            missing.add(each);
        }
        last = sequence;
        if (jumped) {
            files.values().stream().filter(CapturedFile::isOpen).forEach(openAcrossJump::add);
        }
        for (Entry entry : segment.entries()) {
            take(entry);
        }
        if (jumped) {
            // They are not followed any more: their end, or the loss of it, lies in what is missing.
            openAcrossJump.forEach(this::closeWhereLost);
            openAcrossJump.clear();
        }
    }

    private void take(Entry entry) {
        switch (entry) {
            case Entry.File file -> declare(file);
            case Entry.Chunk chunk -> growing(chunk.file(), chunk.from()).append(log, chunk.length());
            case Entry.Gap gap -> {
                gaps.add(gap);
                if (gap.file() != Entry.NO_FILE) {
                    CapturedFile file = growing(gap.file(), gap.from());
                    if (gap.to() == Entry.UNKNOWN) {
                        file.loseRest(gap.cause());
                    } else {
                        file.lose(gap.to());
                    }
                }
            }
            case Entry.Event event -> {
                if (event.kind() == Entry.EventKind.ENDED) {
                    require(event.file()).end();
                }
            }
            case Entry.SegmentGap gap -> lost.put(List.of(gap.first(), (long) gap.file()), gap);
            case Entry.Epoch epoch -> {
                if (epoch.reason() == Entry.EpochReason.RING_LOST) {
                    files.values().stream()
                            .filter(CapturedFile::isOpen)
                            .forEach(file -> file.loseRest(Entry.GapCause.RING_LOST));
                }
            }
            case Entry.FingerprintTaken _, Entry.Position _, Entry.Clock _ -> {}
        }
    }

    private void declare(Entry.File declared) {
        CapturedFile file = files.get(declared.file());
        if (file == null) {
            file = new CapturedFile(declared);
            files.put(declared.file(), file);
            byIdentity
                    .computeIfAbsent(withoutDevice(declared.identity()), _ -> new ArrayList<>())
                    .add(file);
        }
        openAcrossJump.remove(file);
        if (jumped) {
            file.lose(declared.offset());
        }
        Violation.unless(
                file.length() == declared.offset() && file.isOpen(),
                "%s is said to have come to byte %d",
                file,
                declared.offset());
    }

    private void closeWhereLost(CapturedFile file) {
        boolean ended = false;
        for (Entry.SegmentGap gap : lost.values()) {
            if (gap.file() == file.id() && gap.to() != Entry.UNKNOWN) {
                file.lose(gap.to());
                ended |= gap.ended();
            }
        }
        if (ended) {
            file.end();
        } else {
            file.loseRest(Entry.GapCause.RING_OVERRUN);
        }
    }

    /** Device numbers change with a boot; the time of birth does not. */
    private static FileIdentity withoutDevice(FileIdentity identity) {
        return new FileIdentity(0, identity.inode(), identity.birthNanos());
    }

    private CapturedFile growing(int id, long from) {
        CapturedFile file = require(id);
        Violation.unless(file.length() == from && file.isOpen(), "%s goes on at byte %d", file, from);
        return file;
    }

    private CapturedFile require(int id) {
        CapturedFile file = files.get(id);
        if (file == null) {
            throw new Violation("file " + id + " was never declared");
        }
        return file;
    }

    /** The files of that inode in the order in which they began to be followed: one for each time that it was cut. */
    List<CapturedFile> of(SimInode inode) {
        return byIdentity.getOrDefault(new FileIdentity(0, inode.number(), inode.birthNanos()), List.of());
    }

    List<CapturedFile> files() {
        return List.copyOf(files.values());
    }

    /** Whether segments are missing. */
    boolean hasMissing() {
        return !missing.isEmpty();
    }

    /** Whether that segment is missing, and declared to be. */
    boolean isDeclaredLost(long sequence) {
        return lost.values().stream().anyMatch(gap -> gap.first() <= sequence && sequence <= gap.last());
    }

    /** The first segment that is missing and that nothing declares lost; 0 if there is none. */
    long undeclared() {
        return missing.stream()
                .filter(sequence -> !isDeclaredLost(sequence))
                .findFirst()
                .orElse(0L);
    }

    /** Whether it is said that files of that source, or of a directory above it, came and went unseen or are lost. */
    boolean saysIsMissing(String source, String directory) {
        return files.values().stream()
                        .anyMatch(file -> file.isUnseen() && file.source().equals(source))
                || gaps.stream()
                        .anyMatch(gap ->
                                gap.file() == Entry.NO_FILE && gap.detail().contains(directory))
                || lost.values().stream()
                        .anyMatch(gap ->
                                gap.source() == null || gap.source().toString().equals(source));
    }
}
