package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Sha256;
import io.kiroku.evidence.verify.Report;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The files of a bundle that follow from what else is in it, or from who made it: each is made again and compared. */
final class FollowingFiles {
    private final ZipReader zip;
    private final BundleManifest manifest;
    private final BundleFindings findings;

    FollowingFiles(ZipReader zip, BundleManifest manifest, BundleFindings findings) {
        this.zip = zip;
        this.manifest = manifest;
        this.findings = findings;
    }

    /**
     * Checks them.
     *
     * @param report on the segments
     * @param tool name and version of this program
     * @param log takes what is worth knowing and speaks against nothing
     */
    void check(Report report, String tool, LogWord log) throws IOException {
        sums();
        statements(report);
        texts(tool, log);
    }

    private void sums() {
        Sha256 expected = new Sha256();
        @Nullable Octets stated = null;
        for (BundleManifest.Listed file : manifest.files()) {
            if (file.name().equals(BundleNames.SUMS)) {
                stated = file.sha256();
            } else {
                expected.update(sum(file).getBytes(StandardCharsets.US_ASCII));
            }
        }
        if (stated != null && !stated.equals(expected.finish())) {
            findings.damaged(BundleNames.SUMS, "its sums are not those of the manifest");
        }
    }

    /** A line that {@code sha256sum -c} reads. */
    static String sum(BundleManifest.Listed file) {
        return "%s  %s\n".formatted(file.sha256(), file.name());
    }

    private void statements(Report report) throws IOException {
        if (!holds(BundleNames.GAPS, GapsFile.of(report))) {
            findings.damaged(BundleNames.GAPS, "it does not list the gaps that the segments declare");
        }
        if (!holds(BundleNames.CLOCKS, ClocksFile.of(report))) {
            findings.damaged(BundleNames.CLOCKS, "it does not say what the segments say of the clocks");
        }
    }

    /** The texts of another version are not known here. */
    private void texts(String tool, LogWord log) throws IOException {
        if (!manifest.tool().equals(tool)) {
            log.say("README.txt and verify.py come from another version than this one, and were not compared with its"
                    + " own: take verify.py from the project.");
            return;
        }
        String readme = BundleTexts.readme(manifest.caseId(), manifest.purpose(), manifest.tool());
        if (!holds(BundleNames.SCRIPT, BundleTexts.resource(BundleNames.SCRIPT))) {
            findings.damaged(BundleNames.SCRIPT, "it is not the script that %s puts into a bundle".formatted(tool));
        }
        if (!holds(BundleNames.README, readme.getBytes(StandardCharsets.UTF_8))) {
            findings.damaged(BundleNames.README, "it is not the text that %s puts into a bundle".formatted(tool));
        }
    }

    private boolean holds(String name, byte... expected) throws IOException {
        BundleFile file = zip.find(name);
        if (file == null || file.length() != expected.length) {
            return false;
        }
        ByteBuffer found = ByteBuffer.allocate(expected.length);
        zip.read(file, 0, found);
        return Arrays.equals(found.array(), expected);
    }
}
