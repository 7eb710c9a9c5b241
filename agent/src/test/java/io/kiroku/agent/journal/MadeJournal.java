package io.kiroku.agent.journal;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Journal files made by Debian's systemd-journal-remote from entries in the export format. */
final class MadeJournal {
    private static final Path REMOTE = Path.of("/lib/systemd/systemd-journal-remote");

    private final ByteArrayOutputStream export = new ByteArrayOutputStream();
    private long count;

    MadeJournal() {
        assumeTrue(Files.isExecutable(REMOTE), () -> REMOTE + " is not here: install systemd-journal-remote");
    }

    /** One more entry, a millisecond after the last. */
    MadeJournal entry(Map<String, byte[]> fields) {
        count++;
        export.writeBytes(ascii("__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=%s2\n"
                .formatted(1_795_000_000_000_000L + count * 1000, count * 1000, "0".repeat(31))));
        fields.forEach(this::field);
        export.write('\n');
        return this;
    }

    MadeJournal entry(String message) {
        return entry(Map.of("MESSAGE", ascii(message)));
    }

    private void field(String name, byte[] value) {
        export.writeBytes(ascii(name + "\n"));
        export.writeBytes(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value.length)
                .array());
        export.writeBytes(value);
        export.write('\n');
    }

    /** Appends the entries to a journal file, which is made if it is not there. */
    void into(Path file) throws IOException, InterruptedException {
        Path input = Files.createTempFile("journal", ".export");
        Files.write(input, export.toByteArray());
        Path output = Files.createTempFile("journal", ".out");
        int ended = new ProcessBuilder(REMOTE.toString(), "--output=" + file, input.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start()
                .waitFor();
        String said = Files.readString(output);
        Files.delete(input);
        Files.delete(output);
        if (ended != 0) {
            throw new IOException("systemd-journal-remote ended with %d: %s".formatted(ended, said));
        }
        export.reset();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
