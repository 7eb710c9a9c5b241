package io.kiroku.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kiroku.collector.access.CustodyRecord;
import io.kiroku.collector.export.CustodyMatch;
import io.kiroku.evidence.bundle.BundleCheck;
import io.kiroku.evidence.bundle.BundleLines;
import io.kiroku.evidence.bundle.BundleManifest;
import io.kiroku.evidence.bundle.BundleNames;
import io.kiroku.evidence.bundle.LogFile;
import io.kiroku.evidence.bundle.Pieces;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a bundle says of itself, and its length and digest. Nothing of it is checked.
 *
 * @param sha256 of the whole file
 * @param length of the whole file in bytes
 * @param files how many lie in it beside the manifest
 * @param clocks what is worth saying of its nodes' clocks, a sentence each
 * @param digests of the log files in it, by their names
 * @param calls how many calls that concern its other log files the custody log in it has
 */
record BundleFacts(
        BundleManifest manifest,
        Octets sha256,
        long length,
        int files,
        List<String> clocks,
        Map<String, Octets> digests,
        long calls) {
    /**
     * Reads a bundle.
     *
     * @throws MalformedException if it is none
     */
    static BundleFacts of(Path file) throws IOException, MalformedException {
        try (FileChannel channel = FileChannel.open(file)) {
            BundleManifest manifest = BundleCheck.manifest(channel);
            Map<String, Octets> digests = new TreeMap<>();
            int files = 0;
            for (BundleManifest.Listed one : manifest.files()) {
                files++;
                if (one.name().startsWith(BundleNames.LOGS)
                        && digests.size() < manifest.logs().size()) {
                    digests.put(one.name(), one.sha256());
                }
            }
            return new BundleFacts(
                    manifest,
                    sha256(file),
                    channel.size(),
                    files,
                    clocks(BundleCheck.clocks(channel)),
                    digests,
                    calls(channel, manifest));
        }
    }

    private static long calls(FileChannel channel, BundleManifest manifest) throws IOException, MalformedException {
        Map<Octets, String> nodes = new HashMap<>();
        manifest.streams().forEach(stretch -> nodes.put(stretch.stream(), stretch.node()));
        List<CustodyMatch.Of> sources = new ArrayList<>();
        List<String> custody = new ArrayList<>();
        for (LogFile log : manifest.logs()) {
            String node = nodes.getOrDefault(log.stream(), "");
            if (log.source().equals(Pieces.CUSTODY) && node.equals(Pieces.NODE)) {
                custody.add(log.name());
            } else {
                sources.add(new CustodyMatch.Of(node, log.stream(), log.source()));
            }
        }
        CustodyMatch match = new CustodyMatch(sources);
        Set<String> calls = new HashSet<>();
        for (String name : custody) {
            BundleLines.read(channel, name, line -> {
                try {
                    CustodyRecord record = CustodyRecord.read(line);
                    if (match.concerns(record)) {
                        calls.add(record.call());
                    }
                } catch (IOException noRecord) {
                    // Nothing here is checked; whoever reads the lines sees it.
                }
            });
        }
        return calls.size();
    }

    private static List<String> clocks(byte... json) throws IOException {
        List<String> sentences = new ArrayList<>();
        for (JsonNode clock : new ObjectMapper().readTree(json).path("clocks")) {
            String stream = "stream " + clock.path("stream").asText("?");
            JsonNode farthest = clock.path("farthest");
            sentences.add(
                    farthest.isObject()
                            ? "%s: at most %s, measured %s"
                                    .formatted(
                                            stream,
                                            farthest.path("says").asText("?"),
                                            farthest.path("measured").asText("?"))
                            : stream + ": not measured");
            long steps = clock.path("steps").asLong();
            if (steps > 0) {
                sentences.add("%s: stepped %s".formatted(stream, Sizes.count(steps, "time")));
            }
        }
        return sentences;
    }

    static Octets sha256(Path file) throws IOException {
        Sha256 digest = new Sha256();
        ByteBuffer slice = ByteBuffer.allocate(1 << 20);
        try (FileChannel channel = FileChannel.open(file)) {
            while (channel.read(slice.clear()) >= 0) {
                digest.update(slice.flip());
            }
        }
        return digest.finish();
    }
}
