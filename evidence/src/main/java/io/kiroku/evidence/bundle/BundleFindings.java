package io.kiroku.evidence.bundle;

import io.kiroku.evidence.verify.Location;
import io.kiroku.evidence.verify.Verifier;

/** Takes what is wrong with a bundle's files. */
record BundleFindings(ZipReader zip, Verifier verifier) {
    /** @param name of the file that the sentence is about */
    void damaged(String name, String sentence) {
        BundleFile file = zip.find(name);
        verifier.damaged(new Location(name, 0, file == null ? 0 : file.length()), sentence);
    }
}
