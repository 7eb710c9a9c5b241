package io.kiroku.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku agents replace}. */
@Command(
        name = "replace",
        description = "Pins a node to the key of another certificate; the key that it had may not be used any more.")
final class AgentsReplaceCommand implements Callable<Integer> {
    @ParentCommand
    private AgentsCommand parent;

    @Mixin
    private PinOptions pin;

    @Override
    public Integer call() throws Exception {
        String node = pin.node();
        String key = pin.key();
        parent.change("agents replace", Map.of("node", node, "key", key), register -> register.replace(node, key));
        return 0;
    }
}
