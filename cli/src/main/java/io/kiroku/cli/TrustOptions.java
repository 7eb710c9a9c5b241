package io.kiroku.cli;

import io.kiroku.evidence.bundle.Trust;
import io.kiroku.evidence.log.Policy;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.time.TrustAnchors;
import io.kiroku.evidence.trust.Revocations;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whose word the user takes for what a log says. */
final class TrustOptions {
    /** More than a policy may have, so that its reader says so. */
    private static final int MOST_BYTES = (1 << 20) + 1;

    @Option(
            names = "--key",
            paramLabel = "VKEY",
            description = "of a bundle: a key of the log that is trusted, as NAME+ID+KEY; repeat it for more (default:"
                    + " those in the bundle)")
    private List<String> keys = new ArrayList<>();

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "of a bundle: the logs and witnesses that are trusted (C2SP tlog-policy)")
    private @Nullable Path policy;

    @Option(
            names = "--earlier",
            paramLabel = "FILE",
            description = "of a bundle: a checkpoint of the log that was seen before, which the bundle has to continue;"
                    + " repeat it for more")
    private List<Path> earlier = new ArrayList<>();

    @Option(
            names = "--tsa-ca",
            paramLabel = "PEM",
            description =
                    "of a bundle: certificates of who is trusted to date, or of who issued theirs; repeat it for more")
    private List<Path> authorities = new ArrayList<>();

    @Option(
            names = "--revoked",
            paramLabel = "FILE",
            description = "of a bundle: keys that were revoked, with a date; besides those that the bundle names")
    private @Nullable Path revoked;

    boolean isGiven() {
        return !keys.isEmpty() || policy != null || !earlier.isEmpty() || revoked != null || !authorities.isEmpty();
    }

    /**
     * Reads what is named.
     *
     * @throws CommandException if something named is not what it should be
     */
    Trust read() throws IOException, CommandException {
        try {
            List<VerifierKey> known = VerifierKey.parseAll(keys);
            List<SignedNote> notes = new ArrayList<>();
            for (Path file : earlier) {
                notes.add(SignedNote.parse(bytes(file)));
            }
            Path named = policy;
            Path out = revoked;
            return new Trust(
                    known,
                    named == null ? Optional.empty() : Optional.of(Policy.parse(bytes(named))),
                    notes,
                    out == null ? Revocations.NONE : Revocations.parse(bytes(out)),
                    authorities.isEmpty() ? Optional.empty() : Optional.of(anchors()));
        } catch (MalformedException malformed) {
            throw CommandException.misuse(String.valueOf(malformed.getMessage()));
        }
    }

    private TrustAnchors anchors() throws IOException, MalformedException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Path authority : authorities) {
            certificates.addAll(TrustAnchors.parsePem(bytes(authority)));
        }
        return TrustAnchors.of(certificates);
    }

    private static byte[] bytes(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(MOST_BYTES);
        }
    }
}
