package io.kiroku.evidence.time;

import io.kiroku.evidence.record.ShownText;

/** Words of others, fit for a sentence. */
final class PrintableText {
    private static final int MOST = 200;

    private PrintableText() {}

    static String brief(String text) {
        String start = text.length() <= MOST ? text : text.substring(0, MOST) + "...";
        return ShownText.of(start);
    }

    /** The message of the innermost cause that has one, unless it speaks of Java alone. */
    static String brief(Throwable failure) {
        if (failure instanceof NullPointerException
                || failure instanceof ClassCastException
                || failure instanceof IndexOutOfBoundsException) {
            return "a field that is missing or of another kind";
        }
        String words = failure.getClass().getSimpleName();
        int depth = 0;
        for (Throwable cause = failure; cause != null && depth < 10; cause = cause.getCause()) {
            if (cause.getMessage() != null) {
                words = cause.getMessage();
            }
            depth++;
        }
        return brief(words);
    }
}
