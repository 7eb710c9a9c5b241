package io.kiroku.cli;

import io.kiroku.evidence.log.MerkleTree;
import io.kiroku.evidence.record.Octets;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code kiroku log}. */
@Command(
        name = "log",
        description = "Checks what a transparency log says: proofs (RFC 9162) and signed notes (C2SP signed-note).",
        subcommands = {
            LogInclusionCommand.class,
            LogConsistencyCommand.class,
            LogNoteCommand.class,
            LogReceiptCommand.class
        })
final class LogCommand implements Runnable {
    @ParentCommand
    private Kiroku kiroku;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "expected check-inclusion, check-consistency, check-note or check-receipt");
    }

    Kiroku kiroku() {
        return kiroku;
    }

    /**
     * Reads a size or an index. What is none makes a proof that does not hold, not a misused command: it may come from
     * whoever made the proof.
     */
    static long number(String option, String text) throws CommandException {
        try {
            if (text.matches("[0-9]{1,19}")) {
                return Long.parseLong(text);
            }
        } catch (NumberFormatException tooLarge) {
            // The sentence below says it.
        }
        throw CommandException.failure(
                "expected a number from 0 to %d for %s, found \"%s\"".formatted(Long.MAX_VALUE, option, text));
    }

    static Octets hash(String what, String text) throws CommandException {
        if (!text.matches("[0-9a-fA-F]{" + 2 * MerkleTree.HASH + "}")) {
            throw CommandException.failure(
                    "expected %d hexadecimal digits for %s, found \"%s\"".formatted(2 * MerkleTree.HASH, what, text));
        }
        return Octets.parse(text);
    }

    static List<Octets> path(List<String> hashes) throws CommandException {
        List<Octets> path = new ArrayList<>();
        for (String hash : hashes) {
            path.add(hash("each hash of the path", hash));
        }
        return path;
    }
}
