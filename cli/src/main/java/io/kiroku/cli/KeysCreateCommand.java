package io.kiroku.cli;

import io.kiroku.agent.AgentKeys;
import io.kiroku.evidence.chain.Identity;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku keys create}. */
@Command(
        name = "create",
        description = {
            "Makes the identity of an agent before its first start, so that its stream is known to others from the"
                    + " beginning. Agents and collectors that find no keys make their own."
        })
final class KeysCreateCommand implements Callable<Integer> {
    @ParentCommand
    private KeysCommand parent;

    @Option(names = "--state", paramLabel = "DIR", required = true, description = "the agent's state directory")
    private Path state;

    @Override
    public Integer call() throws IOException {
        Identity identity = AgentKeys.create(state, new SecureRandom());
        parent.kiroku()
                .terminal()
                .out()
                .println("identity %s, stream %s".formatted(identity.publicKey(), identity.stream()));
        return 0;
    }
}
