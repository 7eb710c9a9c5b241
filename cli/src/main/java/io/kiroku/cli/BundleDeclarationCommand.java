package io.kiroku.cli;

import io.kiroku.evidence.record.MalformedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku bundle declaration}. */
@Command(
        name = "declaration",
        description = {
            "Drafts the certification that goes with a bundle, in the form that the United States' Federal Rules of"
                    + " Evidence 902(13) and 902(14) ask for; or the sheet with which it is handed over.",
            "A draft: what is in brackets is for whoever signs it, and so is the judgement whether it is true."
        })
final class BundleDeclarationCommand implements Callable<Integer> {
    @ParentCommand
    private BundleCommand parent;

    @Parameters(paramLabel = "FILE", description = "the bundle")
    private Path file;

    @Option(
            names = "--sheet",
            paramLabel = "ja",
            description =
                    "the sheet of Japan's practice instead, by the headings of the guideline on the preservation of"
                            + " evidence of the Institute of Digital Forensics")
    private @Nullable String sheet;

    @Override
    public Integer call() throws IOException, MalformedException, CommandException {
        if (sheet != null && !sheet.equals("ja")) {
            throw CommandException.misuse("expected the sheet ja, found \"%s\"".formatted(sheet));
        }
        BundleFacts facts = BundleFacts.of(file);
        String name = file.getFileName().toString();
        parent.kiroku()
                .terminal()
                .out()
                .print(sheet == null ? DeclarationText.certification(name, facts) : DeclarationText.sheet(name, facts));
        return 0;
    }
}
