package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.ShownText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The files of a bundle that are the same in all, or nearly. */
final class BundleTexts {
    private BundleTexts() {}

    /** What the recipient is told. */
    static String readme(String caseId, String purpose, String tool) throws IOException {
        String text = new String(resource(BundleNames.README), StandardCharsets.UTF_8);
        return text.replace("@CASE@", ShownText.of(caseId))
                .replace("@PURPOSE@", ShownText.of(purpose))
                .replace("@TOOL@", ShownText.of(tool));
    }

    static byte[] resource(String name) throws IOException {
        try (InputStream in = BundleTexts.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the program was packaged without " + name);
            }
            return in.readAllBytes();
        }
    }
}
