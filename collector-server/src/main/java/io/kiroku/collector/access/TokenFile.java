package io.kiroku.collector.access;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Callers that a file names: one a line, {@code NAME ROLES SCOPE sha256:HASH}, with {@link Role roles} with commas between
 * them, a {@link Scope} and the SHA-256 of the token. A token is {@code kiroku_} and 32 random bytes in base64url: nobody
 * finds one by trying, so that a digest that is made slow would protect nothing.
 */
public final class TokenFile implements Voucher {
    /** What a token begins with. */
    public static final String PREFIX = "kiroku_";

    private static final int RANDOM_BYTES = 32;
    private static final String HASH = "sha256:";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9@._:/+-]{1,128}");

    /**
     * A line of the file.
     *
     * @param hash SHA-256 of the token's ASCII bytes
     */
    public record Line(String name, Set<Role> roles, Scope scope, String hash) {
        /**
         * Checks the name.
         *
         * @throws IllegalArgumentException if it is none; the message is for people
         */
        public Line {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "expected a name of 1 to 128 letters, digits and @._:/+-, found \"%s\"".formatted(name));
            }
        }

        /** As it stands in the file. */
        public String text() {
            return "%s %s %s %s%s"
                    .formatted(
                            name,
                            roles.stream().map(Role::word).collect(Collectors.joining(",")),
                            scope.text(),
                            HASH,
                            hash);
        }
    }

    private final WatchedFile<Line> file;

    /**
     * Reads the file, and again when it has changed.
     *
     * @throws IOException if it cannot be read or a line is not understood; the message is for people
     */
    public TokenFile(Path path, LongSupplier nanoTime, ConfigurationListener listener) throws IOException {
        file = new WatchedFile<>(path, TokenFile::line, nanoTime, listener);
    }

    /** A token that nobody has. */
    public static String create(SecureRandom random) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** What the file has of a token: SHA-256 in hexadecimal. */
    public static String hash(String token) {
        return HexFormat.of().formatHex(sha256(token));
    }

    static byte[] sha256(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static Line line(String[] fields) {
        if (fields.length != 4 || !fields[3].matches(HASH + "[0-9a-f]{64}")) {
            throw new IllegalArgumentException("expected NAME ROLES SCOPE sha256:HASH, found %d fields%s"
                    .formatted(fields.length, fields.length == 4 ? " and no such hash" : ""));
        }
        return new Line(fields[0], Grants.roles(fields[1]), Scope.parse(fields[2]), fields[3].substring(HASH.length()));
    }

    @Override
    public boolean concerns(String token) {
        return token.startsWith(PREFIX);
    }

    @Override
    public Caller caller(String token) throws RefusedTokenException {
        byte[] wanted = sha256(token);
        for (Line line : file.lines()) {
            if (MessageDigest.isEqual(HexFormat.of().parseHex(line.hash()), wanted)) {
                return new Caller(
                        line.name(), "token", new Grants(List.of(new Grants.Grant(line.roles(), line.scope()))));
            }
        }
        throw new RefusedTokenException("the collector does not know this token");
    }
}
