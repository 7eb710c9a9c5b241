package io.kiroku.evidence.journal;

/**
 * What the journal export format writes without a length: valid UTF-8 without control characters other than the tab,
 * U+007F to U+009F included, and without noncharacters, as systemd 252 has it.
 */
final class PrintableLine {
    /** Where each length of a UTF-8 sequence begins: shorter ones than needed are none (RFC 3629, section 3). */
    private static final int[] LEAST = {0, 0, 0x80, 0x800, 0x10000};

    private PrintableLine() {}

    static boolean is(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            byte first = bytes[at];
            if (first >= 0) {
                if ((first < ' ' && first != '\t') || first == 0x7f) {
                    return false;
                }
                at++;
            } else {
                int length = lengthOf(first);
                if (length == 0 || at + length > to || !isPrintable(bytes, at, length)) {
                    return false;
                }
                at += length;
            }
        }
        return true;
    }

    private static int lengthOf(byte first) {
        if ((first & 0xe0) == 0xc0) {
            return 2;
        }
        if ((first & 0xf0) == 0xe0) {
            return 3;
        }
        return (first & 0xf8) == 0xf0 ? 4 : 0;
    }

    private static boolean isPrintable(byte[] bytes, int at, int length) {
        int character = bytes[at] & (0x7f >> length);
        for (int i = 1; i < length; i++) {
            if ((bytes[at + i] & 0xc0) != 0x80) {
                return false;
            }
            character = character << 6 | (bytes[at + i] & 0x3f);
        }
        boolean isControl = character <= 0x9f;
        boolean isSurrogate = character >= 0xd800 && character <= 0xdfff;
        boolean isNone = (character >= 0xfdd0 && character <= 0xfdef) || (character & 0xfffe) == 0xfffe;
        return character >= LEAST[length] && character <= 0x10ffff && !isControl && !isSurrogate && !isNone;
    }
}
