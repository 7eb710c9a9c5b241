package io.kiroku.cli;

import io.kiroku.tls.Peers;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
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

    @Option(names = "--node", paramLabel = "NAME", required = true, description = "the node's name")
    private String node;

    @Option(
            names = "--certificate",
            paramLabel = "FILE",
            required = true,
            description = "the agent's certificate (PEM); its private key is not needed")
    private Path certificate;

    @Override
    public Integer call() throws Exception {
        String key = Peers.keyDigest(Peers.read(certificate));
        parent.change("agents pin", Map.of("node", node, "key", key), register -> register.pin(node, key));
        return 0;
    }
}
