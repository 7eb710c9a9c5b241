package io.kiroku.agent.journal;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an entry's cursor says of its place in the journal's own count: journald numbers entries without holes, through
 * rotations and over all files of one sequence. The form has been the same since systemd 187 (journal-file format,
 * {@code seqnum_id} and {@code seqnum}); of a cursor in another form nothing is known but the entry.
 *
 * @param sequence the id of the sequence, 32 hexadecimal digits
 * @param number the entry's number in it
 */
record Cursor(String sequence, long number) {
    private static final Pattern FORM = Pattern.compile("s=([0-9a-f]{32});i=([0-9a-f]{1,15});.*");

    static Optional<Cursor> parse(String text) {
        Matcher cursor = FORM.matcher(text);
        return cursor.matches()
                ? Optional.of(new Cursor(cursor.group(1), Long.parseLong(cursor.group(2), 16)))
                : Optional.empty();
    }
}
