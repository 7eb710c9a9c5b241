package io.kiroku.cli;

import io.kiroku.tls.Peers;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** A node, and the key that it is to be pinned to. */
final class PinOptions {
    @Option(names = "--node", paramLabel = "NAME", required = true, description = "the node's name")
    private String node;

    @Option(
            names = "--certificate",
            paramLabel = "FILE",
            required = true,
            description = "the agent's certificate with that key (PEM); its private key is not needed")
    private Path certificate;

    String node() {
        return node;
    }

    /** The digest of the certificate's key, as {@link Peers#keyDigest} has it. */
    String key() throws IOException {
        return Peers.keyDigest(Peers.read(certificate));
    }
}
