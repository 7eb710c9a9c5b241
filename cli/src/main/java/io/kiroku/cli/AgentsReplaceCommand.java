package io.kiroku.cli;

import io.kiroku.tls.Peers;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku agents replace}. */
@Command(
        name = "replace",
        description = "Pins a node to the key of another certificate; the key that it had may not be used any more.")
final class AgentsReplaceCommand implements Callable<Integer> {
    @ParentCommand
    private AgentsCommand parent;

    @Option(names = "--node", paramLabel = "NAME", required = true, description = "the node's name")
    private String node;

    @Option(
            names = "--certificate",
            paramLabel = "FILE",
            required = true,
            description = "the agent's new certificate (PEM)")
    private Path certificate;

    @Override
    public Integer call() throws Exception {
        String key = Peers.keyDigest(Peers.read(certificate));
        parent.change("agents replace", Map.of("node", node, "key", key), register -> register.replace(node, key));
        return 0;
    }
}
