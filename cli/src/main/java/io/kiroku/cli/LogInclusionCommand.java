package io.kiroku.cli;

import io.kiroku.evidence.log.ProofCheck;
import io.kiroku.evidence.record.Octets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku log check-inclusion}. */
@Command(
        name = "check-inclusion",
        description = "Checks the proof that an entry is in a tree (RFC 9162, section 2.1.3.2).",
        exitCodeList = {"0:the proof holds", "1:it does not", "2:the command was misused"})
final class LogInclusionCommand implements Callable<Integer> {
    @ParentCommand
    private LogCommand parent;

    @Option(names = "--index", paramLabel = "N", required = true, description = "the entry's index, from 0")
    private String index;

    @Option(names = "--size", paramLabel = "N", required = true, description = "entries in the tree")
    private String size;

    @Option(names = "--leaf-hash", paramLabel = "HEX", required = true, description = "SHA-256(0x00, entry)")
    private String leafHash;

    @Option(names = "--root", paramLabel = "HEX", required = true, description = "the tree's root hash")
    private String root;

    @Parameters(arity = "0..*", paramLabel = "HEX", description = "the proof's hashes, from the leaf's sibling upwards")
    private List<String> path = new ArrayList<>();

    @Override
    public Integer call() throws CommandException {
        long at = LogCommand.number("--index", index);
        long entries = LogCommand.number("--size", size);
        Octets leaf = LogCommand.hash("--leaf-hash", leafHash);
        Octets top = LogCommand.hash("--root", root);
        List<Octets> hashes = LogCommand.path(path);
        if (at >= entries) {
            throw CommandException.failure("a tree of %d entries has no entry %d".formatted(entries, at));
        }
        if (!ProofCheck.inclusion(at, entries, leaf, hashes, top)) {
            throw CommandException.failure("the proof does not hold: it does not lead from entry %d of %d to this root"
                    .formatted(at, entries));
        }
        parent.kiroku().terminal().out().println("the proof holds: entry %d of %d".formatted(at, entries));
        return 0;
    }
}
