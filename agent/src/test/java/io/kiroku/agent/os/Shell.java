package io.kiroku.agent.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Makes what the JDK cannot: names that are no UTF-8, pipes. */
final class Shell {
    private Shell() {}

    /** Runs a bash script in a directory and gives what it wrote; fails with that if the script fails. */
    static String run(Path directory, String script) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("bash", "-euc", script)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException("bash: " + script + ": " + output);
        }
        return output;
    }
}
