package io.kiroku.collector.export;

import io.kiroku.collector.log.LogFiles;
import io.kiroku.collector.log.PolicyFile;
import io.kiroku.collector.query.SelectionException;
import io.kiroku.collector.query.Source;
import io.kiroku.collector.query.Sources;
import io.kiroku.collector.store.DiskDirectory;
import io.kiroku.collector.store.OwnNode;
import io.kiroku.collector.store.Place;
import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.collector.trust.LogTimes;
import io.kiroku.evidence.bundle.BundleBuilder;
import io.kiroku.evidence.bundle.BundleCheck;
import io.kiroku.evidence.bundle.BundleManifest;
import io.kiroku.evidence.bundle.BundlePlan;
import io.kiroku.evidence.bundle.LogIndex;
import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.log.TreeReader;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.verify.Report;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * Makes a bundle of a collector's data, also while the collector runs: of what its log had when this began. For use by one
 * thread, once.
 */
public final class BundleExport {
    private record Key(Octets stream, FilePath path) {}

    /**
     * A bundle was made.
     *
     * @param report what the verifier says: nothing against integrity but that keys were revoked; completeness may not hold
     * @param unreadable how many segments of the custody log are damaged in the store, so that nobody knows whether they concern it
     */
    public record Made(Report report, long unreadable) {}

    private final Path data;
    private final StoreReader store;
    private final BundleRequest request;
    private final Optional<PolicyFile> policy;
    private final SignedNote note;
    private final Checkpoint checkpoint;
    private final TreeReader tree;
    private final LogTimes times;
    private final Map<BundlePlan.Held, Place> places = new HashMap<>();
    private final List<BundleManifest.Stretch> stretches = new ArrayList<>();
    private long unreadable;

    /** The public keys of the identities that vouch for the segments. */
    private final Set<Octets> identities = new HashSet<>();

    private BundleExport(Path data, StoreReader store, BundleRequest request) throws IOException, MalformedException {
        this.data = data;
        this.store = store;
        this.request = request;
        LogFiles logFiles = new LogFiles(new DiskDirectory(data.resolve("log")));
        this.policy = request.policy().isPresent()
                ? Optional.of(PolicyFile.read(request.policy().get()))
                : Optional.empty();
        this.note = new BundleNote(data, logFiles).choose(policy);
        this.checkpoint = Checkpoint.parse(note.text());
        this.tree = new TreeReader(checkpoint.size(), logFiles);
        this.times = LogTimes.read(data);
    }

    /**
     * Writes the bundle into an empty file.
     *
     * @param data a collector's data directory
     * @param now by which it is judged which sources have ended; nothing in the bundle depends on it
     * @return what the verifier says, and what of the custody log could not be read
     * @throws SelectionException if nothing is selected
     * @throws MalformedException if the store or the log is not what it should be
     */
    public static Made write(
            Path data, BundleRequest request, FileChannel archive, Instant now, BundleCheck.Progress progress)
            throws IOException, SelectionException, MalformedException {
        try (StoreReader store = StoreReader.open(data)) {
            BundleExport export = new BundleExport(data, store, request);
            BundlePlan plan = export.plan(export.selected(now));
            BundleBuilder builder = new BundleBuilder(plan, export::read, export.tree, export.times.check(), progress);
            return new Made(builder.write(archive), export.unreadable);
        } catch (UncheckedIOException failure) {
            throw failure.getCause();
        }
    }

    private Map<Key, String> selected(Instant now) throws IOException, SelectionException {
        Sources sources = new Sources();
        store.scan(Position.START, sources::add);
        Map<Key, String> keys = new HashMap<>();
        for (Source source : sources.list(now)) {
            if (request.selection().includes(source)) {
                keys.put(new Key(source.stream(), source.path()), source.node());
            }
        }
        if (keys.isEmpty()) {
            throw new SelectionException(
                    SelectionException.Reason.UNKNOWN,
                    "no source is selected by %s; kiroku sources lists what there is"
                            .formatted(request.selection().criteria()));
        }
        return keys;
    }

    /** @param keys what is selected, with the names of the nodes */
    private BundlePlan plan(Map<Key, String> keys) throws IOException, SelectionException, MalformedException {
        SegmentRuns search = new SegmentRuns(
                (stream, path) -> keys.containsKey(new Key(stream, path)), request.selection(), checkpoint.size());
        CustodyExtract custody = new CustodyExtract(store, match(keys), tree);
        store.scan(Position.START, entry -> {
            search.add(entry);
            custody.add(entry);
        });
        unreadable = custody.unreadable();
        List<List<SegmentRuns.Kept>> selected = search.runs();
        SortedMap<String, List<List<SegmentRuns.Kept>>> byStream = new TreeMap<>();
        selected.forEach(run -> byStream.put(run.getFirst().stream().toString(), List.of(run)));
        SortedMap<String, List<List<SegmentRuns.Kept>>> pieces = custody.pieces(selected);
        byStream.putAll(pieces);
        List<BundlePlan.Held> segments = new ArrayList<>();
        LogIndex logs = new LogIndex((stream, path) -> keys.containsKey(new Key(stream, path))
                || (path.equals(OwnNode.CUSTODY) && pieces.containsKey(stream.toString())));
        for (List<List<SegmentRuns.Kept>> ofStream : byStream.values()) {
            for (List<SegmentRuns.Kept> run : ofStream) {
                stretch(run, segments, logs);
            }
        }
        if (selected.isEmpty()) {
            throw new SelectionException(
                    SelectionException.Reason.UNKNOWN,
                    "nothing that the log of %d entries has is selected by %s"
                            .formatted(checkpoint.size(), request.selection().criteria()));
        }
        BundleAttachments attachments = new BundleAttachments(data, note, checkpoint, tree, times);
        attachments.keys();
        policy.ifPresent(attachments::policy);
        // What is selected may be old, and who looked at it new: a stamp on the later tree must not replace the earlier
        // one.
        attachments.timestamps(lowest(selected), highest(selected));
        List<List<SegmentRuns.Kept>> all =
                byStream.values().stream().flatMap(List::stream).toList();
        attachments.timestamps(lowest(all), highest(all));
        attachments.revoked(identities);
        attachments.stamp(request.authorities());
        attachments.witnessed(LogFiles.witnessed(data.resolve("log")));
        for (Path earlier : request.earlier()) {
            attachments.earlier(earlier);
        }
        for (TreeHead earlier : request.trees()) {
            attachments.continues(earlier, "a receipt");
        }
        return new BundlePlan(
                request.tool(),
                request.caseId(),
                request.purpose(),
                request.selection().criteria(),
                checkpoint.origin(),
                new TreeHead(checkpoint.size(), checkpoint.root()),
                note,
                stretches,
                segments,
                logs.files(),
                attachments.files());
    }

    private static CustodyMatch match(Map<Key, String> keys) {
        return new CustodyMatch(keys.entrySet().stream()
                .map(one -> new CustodyMatch.Of(
                        one.getValue(), one.getKey().stream(), one.getKey().path()))
                .toList());
    }

    private static LongStream indexes(List<List<SegmentRuns.Kept>> runs) {
        return runs.stream().flatMap(List::stream).mapToLong(kept -> kept.number() - 1);
    }

    private static long lowest(List<List<SegmentRuns.Kept>> runs) {
        return indexes(runs).min().orElse(0);
    }

    private static long highest(List<List<SegmentRuns.Kept>> runs) {
        return indexes(runs).max().orElse(0);
    }

    private void stretch(List<SegmentRuns.Kept> run, List<BundlePlan.Held> segments, LogIndex logs)
            throws IOException, MalformedException {
        String node = "";
        for (SegmentRuns.Kept kept : run) {
            BundlePlan.Held held = new BundlePlan.Held(
                    kept.stream(),
                    kept.sequence(),
                    kept.number() - 1,
                    kept.place().length());
            segments.add(held);
            places.put(held, kept.place());
            List<Entry> entries = read(held).entries();
            logs.add(kept.stream(), entries);
            Optional<Entry.Epoch> epoch = Entry.Epoch.in(entries);
            if (epoch.isPresent()) {
                node = epoch.get().node();
                identities.add(epoch.get().identity());
            }
        }
        stretches.add(new BundleManifest.Stretch(
                run.getFirst().stream(),
                node,
                run.getFirst().sequence(),
                run.getLast().sequence()));
    }

    private Segment read(BundlePlan.Held held) throws IOException, MalformedException {
        Place place = places.get(held);
        if (place == null) {
            throw new IllegalStateException("only segments of the plan are asked for");
        }
        return store.read(place);
    }
}
