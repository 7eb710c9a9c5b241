package io.kiroku.evidence.bundle;

import io.kiroku.evidence.log.InclusionProof;
import io.kiroku.evidence.log.MerkleTree;
import io.kiroku.evidence.log.TreeReader;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.Sha256;
import io.kiroku.evidence.trust.RevocationCheck;
import io.kiroku.evidence.verify.Location;
import io.kiroku.evidence.verify.Report;
import io.kiroku.evidence.verify.SegmentCheck;
import io.kiroku.evidence.verify.Verdict;
import io.kiroku.evidence.verify.Verifier;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes a bundle. It is verified while it is made, so that none is handed over that does not hold; and the same plan gives
 * the same bytes. For use by one thread, once.
 */
public final class BundleBuilder {
    /** Where the segments come from. */
    @FunctionalInterface
    public interface Segments {
        /**
         * A segment as stored.
         *
         * @throws MalformedException if what lies there is none
         */
        Segment read(BundlePlan.Held held) throws IOException, MalformedException;
    }

    private final BundlePlan plan;
    private final RevocationCheck revoked;
    private final Segments segments;
    private final TreeReader tree;
    private final BundleCheck.Progress progress;
    private final SortedMap<String, byte[]> small = new TreeMap<>();
    private final SortedMap<String, Long> lengths = new TreeMap<>();
    private final long total;
    private long done;

    /**
     * A builder.
     *
     * @param tree the log at the size that the plan's checkpoint states
     */
    public BundleBuilder(
            BundlePlan plan,
            Segments segments,
            TreeReader tree,
            RevocationCheck revoked,
            BundleCheck.Progress progress) {
        this.plan = plan;
        this.revoked = revoked;
        this.segments = segments;
        this.tree = tree;
        this.progress = progress;
        this.total =
                3 * plan.segments().stream().mapToLong(BundlePlan.Held::length).sum();
    }

    /**
     * Writes the bundle into an empty file.
     *
     * @return what the verifier says of its segments: nothing against integrity but that keys were revoked, as what somebody
     *     forged may be what the bundle is made for; completeness may not hold
     * @throws MalformedException if a segment is not what was sealed, or the log does not have it
     */
    public Report write(FileChannel archive) throws IOException, MalformedException {
        try {
            BundleManifest.Bounds.check(plan.streams(), plan.logs());
        } catch (MalformedException tooMuch) {
            throw new MalformedException(tooMuch.getMessage() + ": select less");
        }
        Report report = verify();
        small.putAll(plan.others());
        small.put(BundleNames.CHECKPOINT, plan.checkpoint().bytes());
        small.put(BundleNames.GAPS, GapsFile.of(report));
        small.put(BundleNames.CLOCKS, ClocksFile.of(report));
        small.put(
                BundleNames.README,
                BundleTexts.readme(plan.caseId(), plan.purpose(), plan.tool()).getBytes(StandardCharsets.UTF_8));
        small.put(BundleNames.SCRIPT, BundleTexts.resource(BundleNames.SCRIPT));

        small.forEach((name, bytes) -> lengths.put(name, (long) bytes.length));
        plan.segments().forEach(held -> lengths.put(name(held), (long) held.length()));
        plan.logs().forEach(log -> lengths.put(log.name(), log.length()));
        if (lengths.size() + 2 > ZipReader.MOST_FILES) {
            throw new MalformedException("expected at most %d files in a bundle, found %d: select less"
                    .formatted(ZipReader.MOST_FILES, lengths.size()));
        }
        long sums = lengths.keySet().stream()
                .mapToLong(name -> 2 * Sha256.LENGTH + 3 + name.length())
                .sum();
        lengths.put(BundleNames.SUMS, sums);
        lengths.put(BundleManifest.NAME, manifestLength());
        ZipWriter zip = new ZipWriter(archive, lengths);
        for (Map.Entry<String, byte[]> file : small.entrySet()) {
            zip.write(file.getKey(), 0, ByteBuffer.wrap(file.getValue()));
        }
        writeSegments(zip);
        finish(zip);
        return report;
    }

    private static String name(BundlePlan.Held held) {
        return BundleNames.segment(held.stream(), held.sequence());
    }

    private static String proofName(BundlePlan.Held held) {
        return BundleNames.proof(held.stream(), held.sequence());
    }

    /** Made twice, because all of them together would need much memory. */
    private InclusionProof proof(BundlePlan.Held held) throws IOException, MalformedException {
        return new InclusionProof(
                Optional.empty(), held.index(), tree.inclusion(held.index(), tree.size()), plan.checkpoint());
    }

    /** Looks at all segments and proofs before anything is written. */
    private Report verify() throws IOException, MalformedException {
        Verifier verifier = BundleCheck.verifier(plan.logs());
        Pieces pieces = new Pieces(plan.streams());
        for (BundlePlan.Held held : plan.segments()) {
            Segment segment = segments.read(held);
            if (pieces.begins(segment, segment.entries())) {
                verifier.leap(held.stream());
            }
            verifier.segment(new Location(name(held), 0, held.length()), segment.bytes());
            Octets header =
                    Octets.take(segment.headerBytes(), segment.headerBytes().remaining());
            InclusionProof proof = proof(held);
            if (!proof.includes(MerkleTree.leafHash(header))) {
                throw new MalformedException("segment %d of stream %s is not entry %d of the log, as it should be"
                        .formatted(held.sequence(), held.stream(), held.index()));
            }
            lengths.put(proofName(held), (long) proof.bytes().length);
            revoked.segment(
                    verifier, new Location(name(held), 0, held.length()), held.stream(), held.sequence(), held.index());
            advance(held.length());
        }
        if (verifier.report().integrity() instanceof Verdict.Fails fails) {
            throw new MalformedException(fails.findings().getFirst().toString());
        }
        revoked.tell(verifier);
        return verifier.report();
    }

    private void writeSegments(ZipWriter zip) throws IOException, MalformedException {
        LogPlaces places = new LogPlaces(plan.logs());
        SegmentCheck check = new SegmentCheck();
        for (BundlePlan.Held held : plan.segments()) {
            Segment segment = segments.read(held);
            zip.write(name(held), 0, segment.bytes());
            zip.write(proofName(held), 0, ByteBuffer.wrap(proof(held).bytes()));
            if (!(check.check(segment) instanceof SegmentCheck.Outcome.Sound sound)) {
                throw changed(held);
            }
            int at = 0;
            for (Entry entry : sound.entries()) {
                if (entry instanceof Entry.Chunk chunk) {
                    List<String> problems = new ArrayList<>();
                    LogPlaces.Place place = places.chunk(held.stream(), chunk, problems::add);
                    if (!problems.isEmpty()) {
                        throw changed(held);
                    }
                    if (place != null) {
                        zip.write(place.log(), place.at(), sound.log().slice(at, chunk.length()));
                    }
                    at += chunk.length();
                } else {
                    places.declare(held.stream(), entry);
                }
            }
            advance(held.length());
        }
    }

    private static MalformedException changed(BundlePlan.Held held) {
        return new MalformedException(
                "segment %d of stream %s changed while the bundle was made".formatted(held.sequence(), held.stream()));
    }

    private void finish(ZipWriter zip) throws IOException {
        Map<String, Octets> sha256 = new HashMap<>();
        ByteArrayOutputStream sums = new ByteArrayOutputStream();
        for (Map.Entry<String, Long> file : lengths.entrySet()) {
            String name = file.getKey();
            if (!name.equals(BundleManifest.NAME) && !name.equals(BundleNames.SUMS)) {
                Octets digest = zip.close(name);
                sha256.put(name, digest);
                sums.writeBytes(FollowingFiles.sum(new BundleManifest.Listed(name, file.getValue(), digest))
                        .getBytes(StandardCharsets.US_ASCII));
                advance(name.startsWith(BundleNames.SEGMENTS) ? file.getValue() : 0);
            }
        }
        zip.write(BundleNames.SUMS, 0, ByteBuffer.wrap(sums.toByteArray()));
        sha256.put(BundleNames.SUMS, zip.close(BundleNames.SUMS));
        ByteArrayOutputStream manifest = new ByteArrayOutputStream();
        manifest(sha256).writeTo(manifest);
        zip.write(BundleManifest.NAME, 0, ByteBuffer.wrap(manifest.toByteArray()));
        zip.close(BundleManifest.NAME);
        zip.finish();
    }

    private void advance(long bytes) {
        done += bytes;
        progress.at(done, total);
    }

    private BundleManifest manifest(Map<String, Octets> sha256) {
        List<BundleManifest.Listed> files = new ArrayList<>();
        lengths.forEach((name, length) -> {
            if (!name.equals(BundleManifest.NAME)) {
                files.add(
                        new BundleManifest.Listed(name, length, sha256.getOrDefault(name, Octets.zero(Sha256.LENGTH))));
            }
        });
        return new BundleManifest(
                plan.tool(),
                plan.caseId(),
                plan.purpose(),
                plan.selection(),
                plan.origin(),
                plan.tree(),
                plan.streams(),
                plan.logs(),
                files);
    }

    /** Digests are all of one length, so it is known before they are. */
    private long manifestLength() throws IOException {
        long[] length = {0};
        manifest(Map.of()).writeTo(new OutputStream() {
            @Override
            public void write(int octet) {
                length[0]++;
            }

            @Override
            public void write(byte[] bytes, int from, int count) {
                length[0] += count;
            }
        });
        return length[0];
    }
}
