package io.kiroku.cli;

import io.kiroku.collector.access.Grants;
import io.kiroku.collector.access.Scope;
import io.kiroku.collector.access.TokenFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code kiroku token}. */
@Command(
        name = "token",
        description = "Makes tokens for callers of a collector.",
        subcommands = TokenCommand.Create.class)
final class TokenCommand implements Runnable {
    @ParentCommand
    private Kiroku kiroku;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(new CommandLine(spec), "expected create");
    }

    /** {@code kiroku token create}. */
    @Command(
            name = "create",
            description = {
                "Makes a token, adds who has it to the file that a collector is given with --tokens, and prints the"
                    + " token: once, for the file has its SHA-256 alone. Whoever is no longer to be let in: delete his"
                    + " line."
            })
    static final class Create implements Callable<Integer> {
        @ParentCommand
        private TokenCommand parent;

        @Option(names = "--name", paramLabel = "NAME", required = true, description = "who has it")
        private String name;

        @Option(
                names = "--role",
                paramLabel = "ROLE",
                required = true,
                split = ",",
                description = "reader, investigator, custodian, auditor, administrator, sender; several with commas")
        private Set<String> roles;

        @Option(
                names = "--scope",
                paramLabel = "SCOPE",
                defaultValue = Scope.EVERYWHERE,
                description = "namespaces with commas between them, * for all, @node for what is no pod's (default:"
                        + " ${DEFAULT-VALUE})")
        private String scope;

        @Option(
                names = "--tokens",
                paramLabel = "FILE",
                required = true,
                description = "the file; made if it is missing")
        private Path file;

        @Override
        public Integer call() throws IOException, CommandException {
            String token = TokenFile.create(new SecureRandom());
            String line;
            try {
                line = new TokenFile.Line(
                                name, Grants.roles(String.join(",", roles)), Scope.parse(scope), TokenFile.hash(token))
                        .text();
            } catch (IllegalArgumentException misuse) {
                throw CommandException.misuse(String.valueOf(misuse.getMessage()));
            }
            append(line);
            parent.kiroku.terminal().out().println(token);
            parent.kiroku
                    .terminal()
                    .err()
                    .println("%s may be let in with this token; it is shown this once.".formatted(name));
            return 0;
        }

        private void append(String line) throws IOException {
            if (Files.notExists(file)) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            Files.writeString(file, line + "\n", StandardCharsets.UTF_8, StandardOpenOption.APPEND);
        }
    }
}
