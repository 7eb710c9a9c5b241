package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Packs a bundle anew, with other files in it. */
final class Repacking {
    private Repacking() {}

    static void write(Path file, SortedMap<String, byte[]> files, BundleManifest manifest) throws IOException {
        SortedMap<String, byte[]> all = new TreeMap<>(files);
        StringBuilder sums = new StringBuilder();
        listed(files).forEach(one -> sums.append(FollowingFiles.sum(one)));
        all.put(BundleNames.SUMS, sums.toString().getBytes(StandardCharsets.US_ASCII));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new BundleManifest(
                        manifest.tool(),
                        manifest.caseId(),
                        manifest.purpose(),
                        manifest.selection(),
                        manifest.origin(),
                        manifest.tree(),
                        manifest.streams(),
                        manifest.logs(),
                        listed(all))
                .writeTo(out);
        all.put(BundleManifest.NAME, out.toByteArray());
        zip(file, all);
    }

    private static List<BundleManifest.Listed> listed(SortedMap<String, byte[]> files) {
        List<BundleManifest.Listed> listed = new ArrayList<>();
        files.forEach((name, bytes) -> {
            Octets digest = Sha256.of(ByteBuffer.wrap(bytes));
            listed.add(new BundleManifest.Listed(name, bytes.length, digest));
        });
        return listed;
    }

    /** An archive of the bundle's form with just these files. */
    static void zip(Path file, SortedMap<String, byte[]> files) throws IOException {
        SortedMap<String, Long> lengths = new TreeMap<>();
        files.forEach((name, bytes) -> lengths.put(name, (long) bytes.length));
        try (FileChannel channel = FileChannel.open(
                file,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            ZipWriter zip = new ZipWriter(channel, lengths);
            for (Map.Entry<String, byte[]> one : files.entrySet()) {
                zip.write(one.getKey(), 0, ByteBuffer.wrap(one.getValue()));
                zip.close(one.getKey());
            }
            zip.finish();
        }
    }
}
