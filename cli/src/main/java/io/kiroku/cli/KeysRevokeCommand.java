package io.kiroku.cli;

import io.kiroku.collector.log.CheckpointArchive;
import io.kiroku.collector.query.PointInTime;
import io.kiroku.collector.trust.RevokedFile;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.trust.Revocations;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku keys revoke}. */
@Command(
        name = "revoke",
        description = {
            "Says that a key was in other hands from a time on. The collector takes nothing more that it vouches for,"
                + " within a second. What the log is known to have had by then stays valid; what came later counts as"
                + " forged, in the collector's data and in every bundle that is made of it.",
            "",
            "An agent whose identity is revoked begins a new stream: stop it, take identity.key and ring out of its"
                    + " state directory, start it. What has no receipt is lost with the ring, so take a copy."
        })
final class KeysRevokeCommand implements Callable<Integer> {
    @ParentCommand
    private KeysCommand parent;

    @Parameters(
            paramLabel = "KEY",
            description = "the public key as keys list shows it, or a verifier key of a log or a witness")
    private String key;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            required = true,
            description = "from when on: 2026-01-31T09:30:00Z, 2026-01-31, or a duration before now such as 2h")
    private String since;

    @Option(names = "--reason", paramLabel = "TEXT", required = true, description = "why, on one line")
    private String reason;

    @Option(names = "--data", paramLabel = "DIR", required = true, description = "the collector's data directory")
    private Path data;

    @Override
    public Integer call() throws Exception {
        Path directory = DataDirectory.require(data);
        Instant now = parent.kiroku().clock().instant();
        Instant from;
        try {
            from = PointInTime.parse(since, now).truncatedTo(ChronoUnit.SECONDS);
            Revocations.key(key);
        } catch (IllegalArgumentException | MalformedException other) {
            throw CommandException.misuse(
                    "expected a key of 64 hexadecimal digits or a verifier key, and a time: " + other.getMessage());
        }
        if (from.isAfter(now)) {
            throw CommandException.misuse("expected a time that has come, found %s".formatted(from));
        }
        if (!Revocations.isReason(reason)) {
            throw CommandException.misuse("expected a reason of 1 to 256 characters on one line, found another");
        }
        Map<String, String> selection = Map.of("key", key, "since", from.toString(), "reason", reason);
        OfflineCall.run(parent.kiroku(), directory, "keys revoke", selection, () -> {
            // So that what the log has now can be shown to have been there now.
            CheckpointArchive.keepNewest(directory.resolve("log"));
            parent.kiroku()
                    .terminal()
                    .out()
                    .println(
                            RevokedFile.add(directory, key, from, reason)
                                    ? "revoked as of %s; %s verify %s says what it leaves in doubt"
                                            .formatted(from, Kiroku.commandName(), directory)
                                    : "it is revoked as of that time or an earlier one already");
            return true;
        });
        return 0;
    }
}
