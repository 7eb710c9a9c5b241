package io.kiroku.evidence.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the tools of others, and the script that lies in a bundle; a test that needs one which is not here is skipped. */
record OtherTools(Path directory) {
    private static final Path SCRIPT = Path.of("src/main/resources/io/kiroku/evidence/bundle/verify.py");

    /** @param text what it printed */
    record Outcome(int status, String text) {}

    Outcome run(String... command) throws Exception {
        assumeHere(command[0]);
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }

    private void assumeHere(String tool) throws Exception {
        Process which = new ProcessBuilder("sh", "-c", "command -v " + tool)
                .redirectOutput(directory.resolve("which").toFile())
                .start();
        assumeTrue(which.waitFor(10, TimeUnit.SECONDS) && which.exitValue() == 0, tool + " is not here");
    }

    /** Runs the bundle's script, from the sources and not from the bundle. */
    Outcome script(Path bundle, String... more) throws Exception {
        assumeHere("openssl");
        List<String> command =
                new ArrayList<>(List.of("python3", SCRIPT.toAbsolutePath().toString(), bundle.toString()));
        command.addAll(List.of(more));
        return run(command.toArray(String[]::new));
    }
}
