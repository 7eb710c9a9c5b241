package io.kiroku.systemtests.simulation;

/** Something that must hold does not. No code under test catches it. */
public final class Violation extends Error {
    private static final long serialVersionUID = 1L;

    Violation(String sentence) {
        super(sentence);
    }

    Violation(String sentence, Throwable cause) {
        super(sentence, cause);
    }

    @SuppressWarnings("AnnotateFormatMethod") // The annotation would be a dependency for it alone.
    static void unless(boolean holds, String sentence, Object... arguments) {
        if (!holds) {
            throw new Violation(sentence.formatted(arguments));
        }
    }
}
