package io.kiroku.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.ShownText;
import io.kiroku.evidence.time.TimestampToken;
import io.kiroku.evidence.time.TimestampVerdict;
import io.kiroku.evidence.time.TrustAnchors;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku time verify}. */
@Command(
        name = "verify",
        description = {
            "Verifies a timestamp over a file, offline: that it is of these bytes, that its signature holds, and that"
                    + " its authority was trusted when it was made.",
            "It does not ask whether the authority's certificate was revoked later."
        },
        exitCodeList = {
            "0:the timestamp holds",
            "1:it does not",
            "2:a file is missing, there is no certificate to trust, or the command was misused"
        })
final class TimeVerifyCommand implements Callable<Integer> {
    @ParentCommand
    private TimeCommand parent;

    @Option(names = "--data", paramLabel = "FILE", required = true, description = "what was stamped, byte for byte")
    private Path data;

    @Option(
            names = "--token",
            paramLabel = "FILE.tsr",
            required = true,
            description = "the authority's response, or the token in it")
    private Path token;

    @Option(
            names = "--ca",
            paramLabel = "PEM",
            arity = "1..*",
            required = true,
            description = "certificates to trust: of the authority, or of who issued its own")
    private List<Path> authorities = new ArrayList<>();

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() throws IOException, CommandException {
        TimestampVerdict verdict = verdict(anchors(authorities));
        if (json) {
            parent.kiroku().terminal().json(asJson(verdict));
        } else {
            tell(verdict);
        }
        return verdict.holds() ? 0 : CommandException.FAILURE;
    }

    /** The certificates in files that the user trusts. */
    static TrustAnchors anchors(List<Path> authorities) throws IOException, CommandException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Path authority : authorities) {
            try {
                certificates.addAll(TrustAnchors.parsePem(TimeCommand.read(authority, TrustAnchors.MOST_BYTES)));
            } catch (MalformedException none) {
                throw CommandException.misuse("%s: %s".formatted(authority, none.getMessage()));
            }
        }
        return TrustAnchors.of(certificates);
    }

    private TimestampVerdict verdict(TrustAnchors anchors) throws IOException, CommandException {
        TimestampToken parsed;
        byte[] bytes = TimeCommand.read(token, TimestampToken.MOST_BYTES);
        try {
            parsed = TimestampToken.parseEither(bytes);
        } catch (MalformedException malformed) {
            TimeCommand.open(data).close();
            return new TimestampVerdict.Fails(String.valueOf(malformed.getMessage()));
        }
        Octets digest = Octets.of(TimeCommand.digest(data, parsed.digest().begin()));
        return parsed.verify(digest, anchors);
    }

    private void tell(TimestampVerdict verdict) {
        Terminal terminal = parent.kiroku().terminal();
        PrintStream out = terminal.out();
        out.println("%s: a timestamp of %s".formatted(terminal.bold(token.toString()), data));
        switch (verdict) {
            case TimestampVerdict.Holds holds -> {
                out.println("  time      %s: it existed at %s%s"
                        .formatted(terminal.green("holds"), holds.time(), giveOrTake(holds.accuracy())));
                out.println("  said by   %s, in its token %s".formatted(ShownText.of(holds.tsa()), holds.serial()));
            }
            case TimestampVerdict.Fails fails -> {
                out.println("  time      %s".formatted(terminal.red("FAILS")));
                out.println("    - " + ShownText.of(fails.sentence()));
            }
        }
    }

    static String giveOrTake(@Nullable Duration accuracy) {
        return accuracy == null ? "" : ", give or take %s s".formatted(seconds(accuracy));
    }

    private static String seconds(Duration duration) {
        return BigDecimal.valueOf(duration.toNanos(), 9).stripTrailingZeros().toPlainString();
    }

    private ObjectNode asJson(TimestampVerdict verdict) {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("holds", verdict.holds())
                .put("data", data.toString())
                .put("token", token.toString());
        put(node, verdict);
        return node;
    }

    static void put(ObjectNode node, TimestampVerdict verdict) {
        switch (verdict) {
            case TimestampVerdict.Holds holds -> {
                node.put("time", holds.time().toString());
                if (holds.accuracy() != null) {
                    node.put("accuracySeconds", seconds(holds.accuracy()));
                }
                node.put("tsa", holds.tsa()).put("serial", holds.serial().toString());
            }
            case TimestampVerdict.Fails fails -> node.put("sentence", fails.sentence());
        }
    }
}
