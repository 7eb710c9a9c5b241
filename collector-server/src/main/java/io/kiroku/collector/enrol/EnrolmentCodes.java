package io.kiroku.collector.enrol;

import io.kiroku.evidence.durable.Durable;
import io.kiroku.tls.EnrolmentCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Codes for enrolment, in the directory {@code enrol} of a collector's data: of each a small file, named by the SHA-256 of the secret,
 * {@code HASH.code} and once it was used {@code HASH.used}, with its expiry and its node. A code is random and long, so that a
 * slow digest would protect nothing. The collector that runs and a command beside it need no lock. Used by any thread.
 */
public final class EnrolmentCodes {
    /** How long a code is good at least. */
    public static final Duration LEAST = Duration.ofSeconds(1);

    /** How long a code may be good. */
    public static final Duration LONGEST = Duration.ofDays(7);

    /** How long it is remembered that there was one. */
    private static final Duration REMEMBERED = Duration.ofDays(30);

    private static final int MOST_CODES = 10_000;
    private static final int MOST_FILE_BYTES = 1_024;
    private static final String GOOD = ".code";
    private static final String USED = ".used";

    private final Path directory;
    private final InstantSource clock;

    public EnrolmentCodes(Path data, InstantSource clock) {
        this.directory = data.resolve("enrol");
        this.clock = clock;
    }

    /**
     * What a code is good for.
     *
     * @param expires when it is good no more
     * @param replaces whether the node may have another key, which is then replaced
     * @param used whether it was used already
     */
    public record Grant(String node, Instant expires, boolean replaces, boolean used) {}

    /**
     * Makes a code good.
     *
     * @throws IOException with one sentence if there are too many
     */
    public void add(EnrolmentCode code, String node, Duration valid, boolean replaces) throws IOException {
        Durable.createDirectories(directory);
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        if (forgetOld(now) >= MOST_CODES) {
            throw new IOException("expected at most %d codes in %s, found as many: wait until some have expired"
                    .formatted(MOST_CODES, directory));
        }
        String line = "%s %s %s\n".formatted(now.plus(valid), replaces ? "replace" : "new", node);
        Durable.create(file(code.secret(), GOOD), line.getBytes(StandardCharsets.UTF_8));
    }

    /** How many are left. */
    private int forgetOld(Instant now) throws IOException {
        int left = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.{code,used}")) {
            for (Path file : files) {
                if (read(file, false).expires().plus(REMEMBERED).isBefore(now)) {
                    Files.deleteIfExists(file);
                } else {
                    left++;
                }
            }
        } catch (DirectoryIteratorException failure) {
            throw failure.getCause();
        }
        return left;
    }

    /**
     * What is known of a secret; empty if there was never such a code.
     *
     * @throws IOException with one sentence if it cannot be read
     */
    public Optional<Grant> look(String secret) throws IOException {
        try {
            return Optional.of(read(file(secret, GOOD), false));
        } catch (NoSuchFileException notGood) {
            try {
                return Optional.of(read(file(secret, USED), true));
            } catch (NoSuchFileException unknown) {
                return Optional.empty();
            }
        }
    }

    /** Uses a code up. False if somebody else was quicker; once this returns it is on stable storage. */
    public boolean use(String secret) throws IOException {
        try {
            Files.move(file(secret, GOOD), file(secret, USED), StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException raced) {
            return false;
        }
        Durable.syncDirectory(directory);
        return true;
    }

    private static Grant read(Path file, boolean used) throws IOException {
        if (Files.size(file) > MOST_FILE_BYTES) {
            throw damaged(file);
        }
        String[] words = Files.readString(file).stripTrailing().split(" ", 3);
        try {
            return new Grant(words[2], Instant.parse(words[0]), words[1].equals("replace"), used);
        } catch (DateTimeException | ArrayIndexOutOfBoundsException malformed) {
            throw damaged(file);
        }
    }

    private static IOException damaged(Path file) {
        return new IOException("expected one line as it is written here in %s, found something else".formatted(file));
    }

    /** Of anybody's text: it is hashed, so nothing in it reaches the name. */
    private Path file(String secret, String kind) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
            return directory.resolve(HexFormat.of().formatHex(hash) + kind);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
