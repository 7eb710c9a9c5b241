package io.kiroku.cli;

import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.time.DigestAlgorithm;
import io.kiroku.evidence.time.TimestampRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku time request}. */
@Command(
        name = "request",
        description =
                "Writes a request for a timestamp over the SHA-256 of a file, as an authority takes it over HTTP.")
final class TimeRequestCommand implements Callable<Integer> {
    @ParentCommand
    private TimeCommand parent;

    @Parameters(paramLabel = "FILE", description = "what is to be stamped, byte for byte")
    private Path file;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE.tsq",
            description = "where the request goes (default: FILE.tsq beside FILE)")
    private @Nullable Path output;

    @Override
    public Integer call() throws IOException, CommandException {
        Octets digest = Octets.of(TimeCommand.digest(file, DigestAlgorithm.SHA_256.begin()));
        long nonce = new SecureRandom().nextLong();
        Path request = output == null ? file.resolveSibling(file.getFileName() + ".tsq") : output;
        Files.write(
                request,
                TimestampRequest.ofDigest(DigestAlgorithm.SHA_256, digest, nonce)
                        .der());
        parent.kiroku().terminal().out().println("""
            %s asks for the SHA-256 %s. To have it stamped:
              curl -H 'Content-Type: application/timestamp-query' --data-binary @%s -o %s.tsr URL\
            """.formatted(request, digest, request, file));
        return 0;
    }
}
