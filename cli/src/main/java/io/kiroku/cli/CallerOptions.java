package io.kiroku.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** As whom a collector is asked, and what for. */
final class CallerOptions {
    /** The environment's variable that has a token. */
    static final String TOKEN = "KIROKU_TOKEN";

    private static final int MOST_TOKEN = 16 << 10;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "the token to ask a collector with (default: the environment's KIROKU_TOKEN)")
    private @Nullable Path tokenFile;

    @Option(
            names = "--ca",
            paramLabel = "PEM",
            description = "who may have certified the collector, instead of whom Java trusts")
    private @Nullable Path ca;

    @Option(
            names = "--case",
            paramLabel = "ID",
            description = "the case that this is for; the collector writes it down")
    private String caseId = "";

    @Option(names = "--purpose", paramLabel = "TEXT", description = "why; the collector writes it down")
    private String purpose = "";

    /**
     * What a collector is told of its caller.
     *
     * @param token none if there is none
     * @param ca certificates in PEM
     * @param caseId empty if there is none
     * @param purpose empty if there is none
     */
    record Introduction(Optional<String> token, Optional<Path> ca, String caseId, String purpose) {}

    /** What the options say. */
    Introduction introduction(Map<String, String> environment) throws CommandException {
        String token;
        try {
            token = tokenFile == null
                    ? environment.getOrDefault(TOKEN, "").strip()
                    : Files.readString(requireSmall(tokenFile)).strip();
        } catch (IOException failure) {
            throw CommandException.failure("--token-file: " + Failures.sentence(failure));
        }
        if (!token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw CommandException.misuse("expected one token, found something with spaces or control characters");
        }
        return new Introduction(
                Optional.of(token).filter(text -> !text.isEmpty()), Optional.ofNullable(ca), caseId, purpose);
    }

    /** The case that was stated; empty if none was. */
    String caseId() {
        return caseId;
    }

    private static Path requireSmall(Path file) throws IOException {
        if (Files.size(file) > MOST_TOKEN) {
            throw new IOException(
                    "expected at most %d bytes in %s, found %d".formatted(MOST_TOKEN, file, Files.size(file)));
        }
        return file;
    }
}
