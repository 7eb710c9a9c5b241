package io.kiroku.cli;

import io.kiroku.evidence.bundle.BundleManifest;
import io.kiroku.evidence.bundle.LogFile;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.ShownText;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku bundle show}. */
@Command(name = "show", description = "Says what a bundle says of itself, without checking it.")
final class BundleShowCommand implements Callable<Integer> {
    @ParentCommand
    private BundleCommand parent;

    @Parameters(paramLabel = "FILE", description = "the bundle")
    private Path file;

    @Override
    public Integer call() throws IOException, MalformedException {
        Terminal terminal = parent.kiroku().terminal();
        PrintStream out = terminal.out();
        BundleFacts facts = BundleFacts.of(file);
        BundleManifest manifest = facts.manifest();
        out.println("%s: a bundle of %s, %s"
                .formatted(
                        terminal.bold(file.toString()),
                        Sizes.count(facts.files() + 1L, "file"),
                        Sizes.format(facts.length())));
        out.println("  SHA-256       " + facts.sha256());
        out.println("  case          " + ShownText.of(manifest.caseId()));
        out.println("  purpose       " + ShownText.of(manifest.purpose()));
        out.println("  selection     " + selection(manifest));
        out.println("  made by       " + ShownText.of(manifest.tool()));
        out.println("  log           %s, %s"
                .formatted(
                        ShownText.of(manifest.origin()),
                        "a tree of " + Sizes.count(manifest.tree().size()) + " entries"));
        for (BundleManifest.Stretch stretch : manifest.streams()) {
            out.println("  segments      %d to %d of stream %s, node %s"
                    .formatted(stretch.first(), stretch.last(), stretch.stream(), ShownText.of(stretch.node())));
        }
        facts.clocks().forEach(clock -> out.println("  clock         " + ShownText.of(clock)));
        out.println("  custody       who looked at it: " + Sizes.count(facts.calls(), "call"));
        for (LogFile log : manifest.logs()) {
            out.println("  %s  %s".formatted(ShownText.of(log.name()), Sizes.format(log.length())));
            out.println("    SHA-256 %s, from %s".formatted(facts.digests().get(log.name()), log.source()));
        }
        out.println("Nothing of this has been checked: %s verify %s".formatted(Kiroku.commandName(), file));
        return 0;
    }

    static String selection(BundleManifest manifest) {
        return manifest.selection().isEmpty()
                ? "all that the collector had"
                : manifest.selection().entrySet().stream()
                        .map(one -> ShownText.of(one.getKey() + " " + one.getValue()))
                        .collect(Collectors.joining(", "));
    }
}
