package io.kiroku.systemtests.promises;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.kiroku.systemtests.process.Shell;
import java.io.IOException;

/** What a machine must have for a test and may not: then the test is skipped aloud; in CI that is a failure. */
public final class Wanting {
    private Wanting() {}

    /**
     * Gives up the test.
     *
     * @param untested what is not tested now
     * @param reason why it cannot be
     */
    public static void skip(String untested, String reason) {
        String sentence = "NOT TESTED: %s, because %s".formatted(untested, reason);
        System.err.println(sentence);
        if (Boolean.parseBoolean(System.getenv("CI"))) {
            fail(sentence);
        }
        abort(sentence);
    }

    /** Gives up the test where there is no program of that name. */
    public static void program(String untested, String program) throws IOException, InterruptedException {
        if (!Shell.has(program)) {
            skip(untested, "there is no program " + program + " here");
        }
    }
}
