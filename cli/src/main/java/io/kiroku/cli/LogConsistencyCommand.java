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

/** {@code kiroku log check-consistency}. */
@Command(
        name = "check-consistency",
        description = "Checks the proof that a tree begins with another, smaller one (RFC 9162, section 2.1.4.2).",
        exitCodeList = {"0:the proof holds", "1:it does not", "2:the command was misused"})
final class LogConsistencyCommand implements Callable<Integer> {
    @ParentCommand
    private LogCommand parent;

    @Option(names = "--from", paramLabel = "N", required = true, description = "entries in the smaller tree, from 1")
    private String from;

    @Option(names = "--to", paramLabel = "N", required = true, description = "entries in the larger tree")
    private String to;

    @Option(names = "--from-root", paramLabel = "HEX", required = true, description = "the smaller tree's root hash")
    private String fromRoot;

    @Option(names = "--to-root", paramLabel = "HEX", required = true, description = "the larger tree's root hash")
    private String toRoot;

    @Parameters(
            arity = "0..*",
            paramLabel = "HEX",
            description = "the proof's hashes; none if the trees are of one size")
    private List<String> path = new ArrayList<>();

    @Override
    public Integer call() throws CommandException {
        long smaller = LogCommand.number("--from", from);
        long larger = LogCommand.number("--to", to);
        Octets smallerRoot = LogCommand.hash("--from-root", fromRoot);
        Octets largerRoot = LogCommand.hash("--to-root", toRoot);
        List<Octets> hashes = LogCommand.path(path);
        if (smaller < 1 || smaller > larger) {
            throw CommandException.failure(
                    smaller < 1
                            ? "nothing can be proven from a tree without entries"
                            : "a tree of %d entries does not begin with %d".formatted(larger, smaller));
        }
        if (!ProofCheck.consistency(smaller, larger, smallerRoot, largerRoot, hashes)) {
            throw CommandException.failure(
                    "the proof does not hold: it does not lead from %d to %d entries with these roots"
                            .formatted(smaller, larger));
        }
        parent.kiroku()
                .terminal()
                .out()
                .println("the proof holds: the tree of %d entries begins with that of %d".formatted(larger, smaller));
        return 0;
    }
}
