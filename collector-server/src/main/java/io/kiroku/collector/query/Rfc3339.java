package io.kiroku.collector.query;

/** Times as container runtimes write them: RFC 3339 with up to nine digits of the second's fraction, read from bytes. */
final class Rfc3339 {
    /** What {@link #parse} returns for bytes that are no time. */
    static final long NONE = Long.MIN_VALUE;

    private static final int FRACTION_AT = 19;
    private static final int NANO_DIGITS = 9;
    private static final long NANOS = 1_000_000_000L;
    private static final long MOST_SECONDS = Long.MAX_VALUE / NANOS - 1;

    private Rfc3339() {}

    /** Nanoseconds since the Unix epoch; times that do not fit become the nearest that does. */
    static long parse(byte[] text, int from, int to) {
        if (to - from < FRACTION_AT + 1
                || text[from + 4] != '-'
                || text[from + 7] != '-'
                || text[from + 10] != 'T'
                || text[from + 13] != ':'
                || text[from + 16] != ':') {
            return NONE;
        }
        int year = number(text, from, 4);
        int month = number(text, from + 5, 2);
        int day = number(text, from + 8, 2);
        int hour = number(text, from + 11, 2);
        int minute = number(text, from + 14, 2);
        int second = number(text, from + 17, 2);
        if (year < 0 || month < 1 || month > 12 || day < 1 || day > 31) {
            return NONE;
        }
        if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
            return NONE;
        }
        int at = from + FRACTION_AT;
        long nanos = 0;
        if (text[at] == '.') {
            int end = digitsEnd(text, at + 1, to);
            nanos = fraction(text, at + 1, end);
            at = end;
        }
        int offset = nanos < 0 ? Integer.MIN_VALUE : offset(text, at, to);
        if (offset == Integer.MIN_VALUE) {
            return NONE;
        }
        long seconds = epochDay(year, month, day) * 86_400 + hour * 3600L + minute * 60L + second - offset;
        return Math.clamp(seconds, -MOST_SECONDS, MOST_SECONDS) * NANOS + nanos;
    }

    private static int digitsEnd(byte[] text, int from, int to) {
        int at = from;
        while (at < to && text[at] >= '0' && text[at] <= '9') {
            at++;
        }
        return at;
    }

    private static long fraction(byte[] text, int from, int to) {
        int digits = to - from;
        if (digits < 1 || digits > NANO_DIGITS) {
            return -1;
        }
        long value = number(text, from, digits);
        for (int i = digits; i < NANO_DIGITS; i++) {
            value *= 10;
        }
        return value;
    }

    /** Seconds east of UTC; the smallest int if there is no zone, or anything behind it. */
    private static int offset(byte[] text, int from, int to) {
        if (to - from == 1 && text[from] == 'Z') {
            return 0;
        }
        if (to - from != 6 || (text[from] != '+' && text[from] != '-') || text[from + 3] != ':') {
            return Integer.MIN_VALUE;
        }
        int hours = number(text, from + 1, 2);
        int minutes = number(text, from + 4, 2);
        if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
            return Integer.MIN_VALUE;
        }
        int seconds = hours * 3600 + minutes * 60;
        return text[from] == '-' ? -seconds : seconds;
    }

    /** The number that so many digits spell; -1 if one of them is none. */
    private static int number(byte[] text, int from, int digits) {
        int value = 0;
        for (int i = from; i < from + digits; i++) {
            int digit = text[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    /** Days since 1970-01-01 in the Gregorian calendar, counted in years that begin in March. */
    private static long epochDay(int year, int month, int day) {
        long y = month > 2 ? year : year - 1L;
        long era = Math.floorDiv(y, 400L);
        long yearOfEra = y - era * 400;
        long dayOfYear = (153L * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468;
    }
}
