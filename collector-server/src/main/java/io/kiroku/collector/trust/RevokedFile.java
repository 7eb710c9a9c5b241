package io.kiroku.collector.trust;

import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.trust.Revocation;
import io.kiroku.evidence.trust.Revocations;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The file {@code revoked} in a collector's data directory: {@link Revocations}, to which lines are added and none taken. */
public final class RevokedFile {
    private static final String NAME = "revoked";

    private RevokedFile() {}

    /** Where it lies. */
    public static Path in(Path data) {
        return data.resolve(NAME);
    }

    /**
     * Reads it; there are none where there is no file.
     *
     * @throws IOException if it is no list of revoked keys, or cannot be read
     */
    public static Revocations read(Path data) throws IOException {
        try {
            return Revocations.parse(bytes(data));
        } catch (MalformedException malformed) {
            throw new IOException("%s: %s".formatted(in(data), malformed.getMessage()), malformed);
        }
    }

    private static byte[] bytes(Path data) throws IOException {
        try (InputStream in = Files.newInputStream(in(data))) {
            return in.readNBytes(Revocations.MOST_BYTES + 1);
        } catch (NoSuchFileException none) {
            return new byte[0];
        }
    }

    /**
     * Revokes a key. A collector that runs takes notice within a second.
     *
     * @param key 64 hexadecimal digits, or a verifier key
     * @return false, with nothing done, if it is revoked as of that time or an earlier one
     * @throws IOException if the file cannot be read or written, or would become too long
     */
    public static boolean add(Path data, String key, Instant since, String reason) throws IOException {
        Revocations before = read(data);
        String line = Revocations.line(key, since, reason) + "\n";
        Revocation added;
        try {
            added = Revocations.parse(line.getBytes(StandardCharsets.UTF_8))
                    .all()
                    .getFirst();
        } catch (MalformedException impossible) {
            throw new IllegalArgumentException(impossible.getMessage(), impossible);
        }
        Optional<Revocation> known = before.of(added.key());
        if (known.isPresent() && !since.isBefore(known.get().since())) {
            return false;
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        List.of(bytes(data), line.getBytes(StandardCharsets.UTF_8)).forEach(text::writeBytes);
        if (text.size() > Revocations.MOST_BYTES) {
            throw new IOException("expected room for one more revoked key in %s, found its %d bytes used up"
                    .formatted(in(data), Revocations.MOST_BYTES));
        }
        Durable.overwrite(in(data), text.toByteArray());
        return true;
    }
}
