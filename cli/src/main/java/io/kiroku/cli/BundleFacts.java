package io.kiroku.cli;

import io.kiroku.evidence.bundle.BundleCheck;
import io.kiroku.evidence.bundle.BundleManifest;
import io.kiroku.evidence.bundle.BundleNames;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a bundle says of itself, and its length and digest. Nothing of it is checked.
 *
 * @param sha256 of the whole file
 * @param length of the whole file in bytes
 * @param files how many lie in it beside the manifest
 * @param digests of the log files in it, by their names
 */
record BundleFacts(BundleManifest manifest, Octets sha256, long length, int files, Map<String, Octets> digests) {
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
            return new BundleFacts(manifest, sha256(file), channel.size(), files, digests);
        }
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
