package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.MalformedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads JSON (RFC 8259) of which it is known what comes next: names in their order, strings, numbers from 0 to 2^63 - 1,
 * objects and lists. What is anything else is refused where it stands; nothing is kept. For use by one thread.
 */
final class JsonReader {
    private final Window in;
    private final String what;
    private long taken;

    /**
     * @param in the text
     * @param what what it is, for a sentence
     */
    JsonReader(Window in, String what) {
        this.in = in;
        this.what = what;
    }

    /** Bytes that were taken so far. */
    long taken() {
        return taken;
    }

    private int peek() throws IOException {
        ByteBuffer buffer = in.more();
        return buffer.hasRemaining() ? Byte.toUnsignedInt(buffer.get(buffer.position())) : -1;
    }

    private int take() throws IOException {
        ByteBuffer buffer = in.more();
        taken++;
        return buffer.hasRemaining() ? Byte.toUnsignedInt(buffer.get()) : -1;
    }

    private int next() throws IOException {
        while (peek() == ' ' || peek() == '\n') {
            take();
        }
        return peek();
    }

    private MalformedException malformed(String expected) {
        return new MalformedException(
                "%s: expected %s at byte %d, found something else".formatted(what, expected, taken));
    }

    /** Takes one of the characters that structure the text. */
    void expect(char character) throws IOException, MalformedException {
        if (next() != character) {
            throw malformed("\"" + character + "\"");
        }
        take();
    }

    /** Takes a member's name and the colon. */
    void name(String name) throws IOException, MalformedException {
        if (!string(name.length()).equals(name)) {
            throw malformed("the member \"" + name + "\" before this");
        }
        expect(':');
    }

    /** Takes the comma, then a member's name and the colon. */
    void nextName(String name) throws IOException, MalformedException {
        expect(',');
        name(name);
    }

    /**
     * Whether a list or an object that has begun holds another element. Takes the comma before it, or the bracket.
     *
     * @param first whether none was taken yet
     * @param close the bracket that ends it
     */
    boolean more(boolean first, char close) throws IOException, MalformedException {
        if (next() == close) {
            take();
            return false;
        }
        if (!first) {
            expect(',');
        }
        return true;
    }

    /** Takes a number from 0 to 2^63 - 1. */
    long number() throws IOException, MalformedException {
        next();
        long number = 0;
        int digits = 0;
        while (peek() >= '0' && peek() <= '9') {
            int digit = take() - '0';
            if ((digits > 0 && number == 0) || number > (Long.MAX_VALUE - digit) / 10) {
                throw malformed("a number from 0 to 2^63 - 1 without leading zeros");
            }
            number = 10 * number + digit;
            digits++;
        }
        if (digits == 0) {
            throw malformed("a number");
        }
        return number;
    }

    /**
     * Takes a string.
     *
     * @param most bytes of UTF-8 that it may have
     */
    String string(int most) throws IOException, MalformedException {
        expect('"');
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (peek() != '"') {
            int character = take();
            if (character < ' ' || bytes.size() >= most) {
                throw malformed("a string of at most %d bytes without control characters".formatted(most));
            }
            if (character == '\\') {
                bytes.writeBytes(escaped().getBytes(StandardCharsets.UTF_8));
            } else {
                bytes.write(character);
            }
        }
        take();
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            throw malformed("UTF-8 before this");
        }
    }

    /** The forms that are written: a quotation mark, a backslash, and control characters by their number. */
    private String escaped() throws IOException, MalformedException {
        int character = take();
        if (character == '"' || character == '\\') {
            return Character.toString(character);
        }
        int code = 0;
        for (int i = 0; i < 4 && character == 'u'; i++) {
            int digit = Character.digit(take(), 16);
            if (digit < 0) {
                throw malformed("four hexadecimal digits before this");
            }
            code = 16 * code + digit;
        }
        if (character != 'u' || (code >= ' ' && code < 0x7f) || code > 0x9f) {
            throw malformed("\\\", \\\\ or \\u00 and a control character before this");
        }
        return Character.toString(code);
    }

    /** Nothing more but the newline at the end. */
    void end() throws IOException, MalformedException {
        if (next() >= 0) {
            throw malformed("the end");
        }
    }
}
