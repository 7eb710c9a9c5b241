package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.verify.SegmentCheck;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a bundle's log files are what its segments hold, and the manifest says of them what the segments say. For use by
 * one thread, once.
 */
final class LogFilesCheck {
    /** Log files whose digests are made while they are compared; those of others are made afterwards. */
    private static final int MOST_BEGUN = 8192;

    private final ZipReader zip;
    private final List<LogFile> logs;
    private final BundleFindings findings;
    private final LogPlaces places;

    /** Memory for what of a log file is compared. */
    private ByteBuffer rebuilt = ByteBuffer.allocateDirect(1 << 20);

    /** How far log files that are looked at in their order have come. */
    private final Map<String, LogDigest> read = new HashMap<>();

    /** The digests of a log file's beginning. */
    private static final class LogDigest {
        private final Digests digests = new Digests();
        private long done;
    }

    LogFilesCheck(ZipReader zip, List<LogFile> logs, BundleFindings findings) {
        this.zip = zip;
        this.logs = logs;
        this.findings = findings;
        this.places = new LogPlaces(logs);
    }

    /** Checks what the manifest says, by itself and against the archive's list of files. */
    void described() {
        Set<String> names = new HashSet<>();
        for (LogFile one : logs) {
            BundleFile file = zip.find(one.name());
            if (!names.add(one.name())) {
                wrong("it describes the log file %s twice".formatted(one.name()));
            } else if (file == null) {
                wrong("it describes %s, which is not there".formatted(one.name()));
            } else if (file.length() != one.length()) {
                findings.damaged(
                        one.name(),
                        "it has %d bytes, and consists of %d by the manifest".formatted(file.length(), one.length()));
            }
        }
        for (BundleFile file : zip.files()) {
            if (file.name().startsWith(BundleNames.LOGS) && !names.contains(file.name())) {
                findings.damaged(file.name(), "the manifest does not say what it consists of");
            }
        }
        sources();
        runs();
    }

    /** Each source is one log file, under the name that its path gives. */
    private void sources() {
        Set<LogSource> sources = new HashSet<>();
        for (LogFile one : logs) {
            if (!sources.add(one.from())) {
                wrong("it has two log files of the source %s".formatted(one.source()));
            }
        }
        Map<LogSource, String> names = BundleNames.logs(sources);
        for (LogFile one : logs) {
            String expected = names.get(one.from());
            if (!one.name().equals(expected)) {
                wrong("the log file of %s is to be called %s, and it calls it %s"
                        .formatted(one.source(), expected, one.name()));
            }
        }
    }

    /** Each file of a stream is in one log file, and they follow each other by their ids. */
    private void runs() {
        Map<Octets, List<Integer>> byStream = new LinkedHashMap<>();
        for (int i = 0; i < logs.size(); i++) {
            byStream.computeIfAbsent(logs.get(i).stream(), _ -> new ArrayList<>())
                    .add(i);
            int before = 0;
            for (LogFile.Run run : logs.get(i).runs()) {
                if (run.file() < before) {
                    wrong("it has file %d in %s behind file %d"
                            .formatted(run.file(), logs.get(i).name(), before));
                }
                before = run.file();
            }
        }
        byStream.values().forEach(this::files);
    }

    /** Of the log files of one stream; a file's id and its log's number are one number, as there may be many. */
    private void files(List<Integer> ofStream) {
        long[] files = ofStream.stream()
                .flatMapToLong(log -> logs.get(log).runs().stream().mapToLong(run -> ((long) run.file() << 32) | log))
                .sorted()
                .toArray();
        for (int i = 1; i < files.length; i++) {
            if (files[i] >>> 32 == files[i - 1] >>> 32 && files[i] != files[i - 1]) {
                wrong("it counts file %d to %s and to %s"
                        .formatted(
                                files[i] >>> 32,
                                logs.get((int) files[i - 1]).name(),
                                logs.get((int) files[i]).name()));
            }
        }
    }

    private void wrong(String sentence) {
        findings.damaged(BundleManifest.NAME, sentence);
    }

    /** Takes a sound segment; those of one stream in their order. */
    void segment(String name, Octets stream, SegmentCheck.Outcome.Sound sound) throws IOException {
        int at = 0;
        for (Entry entry : sound.entries()) {
            if (entry instanceof Entry.Chunk chunk) {
                LogPlaces.Place place = places.chunk(stream, chunk, sentence -> findings.damaged(name, sentence));
                if (place != null) {
                    compare(name, place, sound.log().slice(at, chunk.length()));
                }
                at += chunk.length();
            } else {
                places.declare(stream, entry);
            }
        }
    }

    private void compare(String segment, LogPlaces.Place place, ByteBuffer captured) throws IOException {
        BundleFile file = zip.find(place.log());
        if (file == null || place.at() + captured.remaining() > file.length()) {
            return;
        }
        if (rebuilt.capacity() < captured.remaining()) {
            rebuilt = ByteBuffer.allocateDirect(captured.remaining());
        }
        zip.read(file, place.at(), rebuilt.clear().limit(captured.remaining()));
        LogDigest begun = read.get(place.log());
        if (begun == null && place.at() == 0 && read.size() < MOST_BEGUN) {
            begun = new LogDigest();
            read.put(place.log(), begun);
        }
        if (begun != null && begun.done == place.at()) {
            begun.digests.update(rebuilt.duplicate());
            begun.done += rebuilt.remaining();
        }
        int differs = rebuilt.mismatch(captured);
        if (differs >= 0) {
            findings.damaged(
                    place.log(), "from byte %d on it is not what %s holds".formatted(place.at() + differs, segment));
        }
    }

    /** The digests of a log file that was read from its beginning to its end while it was compared, as most are. */
    @Nullable
    Digests digests(BundleFile file) {
        LogDigest begun = read.get(file.name());
        return begun != null && begun.done == file.length() ? begun.digests : null;
    }

    /** Says what the manifest has of log files, and the segments do not. */
    void end() {
        places.end(this::wrong);
    }
}
