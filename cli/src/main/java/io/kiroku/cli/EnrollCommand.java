package io.kiroku.cli;

import io.kiroku.collector.agents.AgentRegister;
import io.kiroku.collector.enrol.AuthorityFiles;
import io.kiroku.collector.enrol.EnrolmentCodes;
import io.kiroku.collector.query.PointInTime;
import io.kiroku.tls.EnrolmentCode;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku enroll}. */
@Command(
        name = "enroll",
        description = {
            "Makes a code with which the agent of a node gets its certificate from a collector that runs with"
                + " --enroll, and prints it: once, for the collector keeps its SHA-256 alone. It is good for one use."
                + " Bring it to the node in a file."
        })
final class EnrollCommand implements Callable<Integer> {
    @ParentCommand
    private Kiroku kiroku;

    @Option(names = "--data", paramLabel = "DIR", description = "the collector's data (default: where up keeps it)")
    private @Nullable Path data;

    @Option(names = "--node", paramLabel = "NAME", required = true, description = "the node's name")
    private String node;

    @Option(
            names = "--valid",
            paramLabel = "TIME",
            defaultValue = "1h",
            description = "how long it is good, at most 7d (default: ${DEFAULT-VALUE})")
    private String valid;

    @Option(
            names = "--replace",
            description = "the node may have a key already, which may not be used any more once the code was")
    private boolean replace;

    @Override
    public Integer call() throws Exception {
        Duration span;
        try {
            span = PointInTime.duration(valid);
            if (span.compareTo(EnrolmentCodes.LEAST) < 0 || span.compareTo(EnrolmentCodes.LONGEST) > 0) {
                throw new IllegalArgumentException(
                        "expected a code to be good for 1 second to 7 days, found \"%s\"".formatted(valid));
            }
            AgentRegister.requireName(node);
        } catch (IllegalArgumentException misuse) {
            throw CommandException.misuse(String.valueOf(misuse.getMessage()));
        }
        Path directory = DataDirectory.requireStarted(
                data != null ? data : DataDirectory.byDefault(kiroku.terminal().environment()));
        SecureRandom random = new SecureRandom();
        EnrolmentCode code = EnrolmentCode.create(
                random, AuthorityFiles.in(directory, random, kiroku.clock()).certificate());
        OfflineCall.run(
                kiroku,
                directory,
                "enroll",
                Map.of("node", node, "valid", valid, "replace", String.valueOf(replace)),
                () -> {
                    new EnrolmentCodes(directory, kiroku.clock()).add(code, node, span, replace);
                    return true;
                });
        kiroku.terminal().out().println(code.text());
        kiroku.terminal()
                .err()
                .println("The agent of node %s is enrolled with this code, once, within %s; it is shown this once."
                        .formatted(node, valid));
        return 0;
    }
}
