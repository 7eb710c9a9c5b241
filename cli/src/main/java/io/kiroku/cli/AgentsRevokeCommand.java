package io.kiroku.cli;

import io.kiroku.collector.agents.Pin;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku agents revoke}. */
@Command(
        name = "revoke",
        description = {
            "Revokes the key that a node is pinned to: who shows it is refused, and connections with it end. What was"
                    + " sent before stays valid."
        })
final class AgentsRevokeCommand implements Callable<Integer> {
    @ParentCommand
    private AgentsCommand parent;

    @Option(names = "--node", paramLabel = "NAME", required = true, description = "the node's name")
    private String node;

    @Override
    public Integer call() throws Exception {
        parent.change("agents revoke", Map.of("node", node), register -> register.end(node, Pin.Reason.REVOKED));
        return 0;
    }
}
