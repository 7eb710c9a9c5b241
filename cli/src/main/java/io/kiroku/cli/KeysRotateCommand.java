package io.kiroku.cli;

import io.kiroku.agent.AgentKeys;
import io.kiroku.collector.log.LogKeys;
import io.kiroku.collector.log.LogSigners;
import io.kiroku.collector.store.CollectorIdentity;
import io.kiroku.collector.store.DirectoryLock;
import io.kiroku.evidence.chain.Identity;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku keys rotate}. */
@Command(
        name = "rotate",
        description = {
            "Replaces a key by a new one. What the old one signed stays valid. The agent or collector has to be"
                    + " stopped.",
            "",
            "identity: the agent's; its stream goes on, as the old key hands it over to the new one. receipts: the one"
                + " that a collector signs receipts with. log: those that it signs its log with; the old ones sign as"
                + " well until they are retired, so that there is time to give the new log.vkey to witnesses and"
                + " auditors.",
            "",
            "A key that others may have is not replaced but revoked."
        })
final class KeysRotateCommand implements Callable<Integer> {
    /** Which key. */
    enum Which {
        identity,
        receipts,
        log
    }

    @ParentCommand
    private KeysCommand parent;

    @Parameters(paramLabel = "KEY", description = "identity, receipts or log")
    private Which which;

    @Option(names = "--state", paramLabel = "DIR", description = "of identity: the agent's state directory")
    private @Nullable Path state;

    @Option(names = "--data", paramLabel = "DIR", description = "of receipts and log: the collector's data directory")
    private @Nullable Path data;

    @Override
    public Integer call() throws Exception {
        PrintStream out = parent.kiroku().terminal().out();
        switch (which) {
            case identity -> {
                Identity identity = AgentKeys.rotate(named("--state", state), new SecureRandom());
                out.println("identity %s has stream %s now, in place of %s"
                        .formatted(
                                identity.publicKey(),
                                identity.stream(),
                                identity.handovers().getLast().identity()));
            }
            case receipts -> {
                Path directory = DataDirectory.require(named("--data", data));
                try (DirectoryLock _ = DirectoryLock.take(directory)) {
                    rotate(directory, () -> {
                        out.println("receipts are signed with %s from now on"
                                .formatted(CollectorIdentity.rotate(directory, new SecureRandom())
                                        .publicKey()));
                        return true;
                    });
                }
            }
            case log -> {
                Path directory = DataDirectory.require(named("--data", data));
                try (DirectoryLock _ = DirectoryLock.take(directory)) {
                    rotate(directory, () -> {
                        LogSigners signers = LogKeys.rotate(directory, new SecureRandom());
                        out.println("the log is signed with these from now on; give the first two to whoever checks it,"
                                + " and");
                        out.println("then retire the others with %s keys retire --data %s"
                                .formatted(Kiroku.commandName(), directory));
                        signers.signing().forEach(out::println);
                        return true;
                    });
                }
            }
        }
        return 0;
    }

    private void rotate(Path directory, OfflineCall.Work work) throws Exception {
        OfflineCall.run(parent.kiroku(), directory, "keys rotate", Map.of("key", which.name()), work);
    }

    private Path named(String option, @Nullable Path directory) throws CommandException {
        if (directory == null) {
            throw CommandException.misuse("expected %s DIR for the key %s, found none".formatted(option, which));
        }
        return directory;
    }
}
