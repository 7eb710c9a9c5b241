package io.kiroku.collector.query;

import java.util.regex.Pattern;

/** Which instances of a container are meant. */
public sealed interface Restart {
    /** The newest. */
    record Latest() implements Restart {}

    /** The one before the newest. */
    record Previous() implements Restart {}

    /** The one that had been restarted so often, from 0. */
    record Exactly(int number) implements Restart {}

    /** All, the oldest first. */
    record All() implements Restart {}

    /**
     * Reads {@code latest}, {@code previous}, {@code all} or a number.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    static Restart parse(String text) {
        return switch (text) {
            case "latest" -> new Latest();
            case "previous" -> new Previous();
            case "all" -> new All();
            default -> {
                if (!Pattern.matches("[0-9]{1,9}", text)) {
                    throw new IllegalArgumentException(
                            "expected the number of a restart from 0, or all, found \"" + text + "\"");
                }
                yield new Exactly(Integer.parseInt(text));
            }
        };
    }

    /** The text that {@link #parse} reads. */
    default String text() {
        return switch (this) {
            case Latest _ -> "latest";
            case Previous _ -> "previous";
            case All _ -> "all";
            case Exactly exactly -> String.valueOf(exactly.number());
        };
    }
}
