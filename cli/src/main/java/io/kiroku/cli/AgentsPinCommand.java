package io.kiroku.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku agents pin}. */
@Command(
        name = "pin",
        description = {
            "Pins a node to the key of a certificate: from then on only who has that key may send for the node. The"
                    + " certificate may be renewed as long as its key stays."
        })
final class AgentsPinCommand implements Callable<Integer> {
    @ParentCommand
    private AgentsCommand parent;

    @Mixin
    private PinOptions pin;

    @Override
    public Integer call() throws Exception {
        String node = pin.node();
        String key = pin.key();
        parent.change("agents pin", Map.of("node", node, "key", key), register -> register.pin(node, key));
        return 0;
    }
}
