package io.kiroku.collector.export;

import io.kiroku.collector.log.LogFiles;
import io.kiroku.collector.log.PolicyFile;
import io.kiroku.collector.query.SelectionException;
import io.kiroku.collector.query.Source;
import io.kiroku.collector.query.Sources;
import io.kiroku.collector.store.DiskDirectory;
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

/**
 * Makes a bundle of a collector's data, also while the collector runs: of what its log had when this began. For use by one
 * thread, once.
 */
public final class BundleExport {
    private record Key(Octets stream, FilePath path) {}

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
     * @return what the verifier says: nothing against integrity but that keys were revoked; completeness may not hold
     * @throws SelectionException if nothing is selected
     * @throws MalformedException if the store or the log is not what it should be
     */
    public static Report write(
            Path data, BundleRequest request, FileChannel archive, Instant now, BundleCheck.Progress progress)
            throws IOException, SelectionException, MalformedException {
        try (StoreReader store = StoreReader.open(data)) {
            BundleExport export = new BundleExport(data, store, request);
            BundlePlan plan = export.plan(export.selected(now));
            return new BundleBuilder(plan, export::read, export.tree, export.times.check(), progress).write(archive);
        }
    }

    private Set<Key> selected(Instant now) throws IOException, SelectionException {
        Sources sources = new Sources();
        store.scan(Position.START, sources::add);
        Set<Key> keys = new HashSet<>();
        for (Source source : sources.list(now)) {
            if (request.selection().includes(source)) {
                keys.add(new Key(source.stream(), source.path()));
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

    private BundlePlan plan(Set<Key> keys) throws IOException, SelectionException, MalformedException {
        SegmentRuns search = new SegmentRuns(
                (stream, path) -> keys.contains(new Key(stream, path)), request.selection(), checkpoint.size());
        store.scan(Position.START, search::add);
        List<BundlePlan.Held> segments = new ArrayList<>();
        LogIndex logs = new LogIndex((stream, path) -> keys.contains(new Key(stream, path)));
        for (List<SegmentRuns.Kept> run : search.runs()) {
            stretch(run, segments, logs);
        }
        if (segments.isEmpty()) {
            throw new SelectionException(
                    SelectionException.Reason.UNKNOWN,
                    "nothing that the log of %d entries has is selected by %s"
                            .formatted(checkpoint.size(), request.selection().criteria()));
        }
        long lowest = segments.stream().mapToLong(BundlePlan.Held::index).min().orElse(0);
        long highest = segments.stream().mapToLong(BundlePlan.Held::index).max().orElse(0);
        BundleAttachments attachments = new BundleAttachments(data, note, checkpoint, tree, times);
        attachments.keys();
        policy.ifPresent(attachments::policy);
        attachments.timestamps(lowest, highest);
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
