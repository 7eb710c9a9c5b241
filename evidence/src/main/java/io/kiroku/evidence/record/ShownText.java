package io.kiroku.evidence.record;

/**
 * Words of others, fit to be shown. What moves the cursor of a terminal, turns the direction of a line or begins another
 * line becomes a question mark: control characters, C1 among them, format characters (Unicode's Cf, as U+202E), line and
 * paragraph separators, and halves of characters. Paths have a form of their own: {@link FilePath#toString()}.
 */
public final class ShownText {
    private ShownText() {}

    /** The text in one line that does nothing but stand there; as many characters as it had. */
    public static String of(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(character -> out.appendCodePoint(isPlain(character) ? character : '?'));
        return out.toString();
    }

    /** JSON (RFC 8259) that says the same, with such characters in its strings as escapes; line feeds stand between values. */
    public static String inJson(String json) {
        StringBuilder out = new StringBuilder(json.length());
        json.codePoints().forEach(character -> {
            if (character == '\n' || isPlain(character)) {
                out.appendCodePoint(character);
            } else {
                for (char unit : Character.toChars(character)) {
                    out.append("\\u%04x".formatted((int) unit));
                }
            }
        });
        return out.toString();
    }

    private static boolean isPlain(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> false;
            default -> true;
        };
    }
}
