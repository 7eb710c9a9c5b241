package io.kiroku.evidence.bundle;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Writes JSON in the one form that {@link JsonReader} reads, and any other reader of JSON. */
final class JsonWriter {
    private final OutputStream out;

    JsonWriter(OutputStream out) {
        this.out = out;
    }

    /** Writes what structures the text, as it is. */
    JsonWriter raw(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    JsonWriter name(String name) throws IOException {
        return raw("\"" + name + "\": ");
    }

    JsonWriter number(long number) throws IOException {
        return raw(Long.toString(number));
    }

    JsonWriter string(String text) throws IOException {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character == '"' || character == '\\') {
                quoted.append('\\').append(character);
            } else if (Character.isISOControl(character)) {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) character));
            } else {
                quoted.append(character);
            }
        }
        return raw(quoted.append('"').toString());
    }
}
