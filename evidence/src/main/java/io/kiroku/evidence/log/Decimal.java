package io.kiroku.evidence.log;

import io.kiroku.evidence.record.MalformedException;
import java.util.regex.Pattern;

/** Sizes and indexes as the log's texts have them: ASCII decimal from 0 to 2^63 - 1, without leading zeros. */
final class Decimal {
    private static final Pattern FORM = Pattern.compile("0|[1-9][0-9]{0,18}");

    private Decimal() {}

    /**
     * Reads a number.
     *
     * @param what names it in the sentence of a failure
     */
    static long parse(String text, String what) throws MalformedException {
        try {
            if (FORM.matcher(text).matches()) {
                return Long.parseLong(text);
            }
        } catch (NumberFormatException tooLarge) {
            // The sentence below says it.
        }
        throw new MalformedException(
                "expected %s from 0 to 2^63 - 1 in decimal, found \"%s\"".formatted(what, Base64Text.brief(text)));
    }
}
