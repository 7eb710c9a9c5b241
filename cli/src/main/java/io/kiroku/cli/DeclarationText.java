package io.kiroku.cli;

import io.kiroku.evidence.bundle.BundleManifest;
import io.kiroku.evidence.bundle.LogFile;
import io.kiroku.evidence.record.ShownText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Fills the drafts that go with a bundle. */
final class DeclarationText {
    private static final Pattern FIELD = Pattern.compile("@[A-Z0-9]+@");

    private DeclarationText() {}

    /** A certification under FRE 902(13) and (14). */
    static String certification(String file, BundleFacts facts) throws IOException {
        return fill(
                "certification.txt",
                file,
                facts,
                "%-12s %s%n             SHA-256 %s%n",
                "(all that was held)",
                "(not measured)");
    }

    /** A hand-over sheet in Japanese. */
    static String sheet(String file, BundleFacts facts) throws IOException {
        return fill("sheet-ja.txt", file, facts, "%12s バイト  %s%n              SHA-256 %s%n", "(保有する全データ)", "(測定なし)");
    }

    private static String fill(
            String template, String file, BundleFacts facts, String line, String all, String notMeasured)
            throws IOException {
        BundleManifest manifest = facts.manifest();
        StringBuilder logs = new StringBuilder();
        for (LogFile log : manifest.logs()) {
            logs.append(line.formatted(
                    Sizes.count(log.length()),
                    ShownText.of(log.name()),
                    facts.digests().get(log.name())));
        }
        String streams = manifest.streams().stream()
                .map(one ->
                        "%s: %s, %d - %d".formatted(ShownText.of(one.node()), one.stream(), one.first(), one.last()))
                .collect(Collectors.joining("\n    "));
        String clocks = facts.clocks().isEmpty()
                ? notMeasured
                : facts.clocks().stream().map(ShownText::of).collect(Collectors.joining("\n    "));
        Map<String, String> values = new HashMap<>(Map.of(
                "@FILE@", ShownText.of(file),
                "@LENGTH@", Sizes.count(facts.length()),
                "@SHA256@", facts.sha256().toString(),
                "@CASE@", ShownText.of(manifest.caseId()),
                "@PURPOSE@", ShownText.of(manifest.purpose()),
                "@SELECTION@", manifest.selection().isEmpty() ? all : BundleShowCommand.selection(manifest),
                "@TOOL@", ShownText.of(manifest.tool()),
                "@LOG@",
                        "%s, %d, %s"
                                .formatted(
                                        ShownText.of(manifest.origin()),
                                        manifest.tree().size(),
                                        manifest.tree().root()),
                "@STREAMS@", streams,
                "@LOGS@", logs.toString().stripTrailing()));
        values.put("@CLOCKS@", clocks);
        return FIELD.matcher(read(template))
                .replaceAll(field -> Matcher.quoteReplacement(values.getOrDefault(field.group(), field.group())));
    }

    private static String read(String name) throws IOException {
        try (InputStream in = DeclarationText.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the program was packaged without " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
