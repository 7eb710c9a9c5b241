package io.kiroku.systemtests.bench;

import io.kiroku.systemtests.process.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a benchmark works, and the seed of what it works on. */
final class Workbench {
    @Option(names = "--seed", paramLabel = "N", description = "of what is written (default ${DEFAULT-VALUE})")
    private long seed = 1;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "where to work; needs about 2.5 times the size (default: the directory for temporary files)")
    private Path parent = Path.of(System.getProperty("java.io.tmpdir"));

    /** What is done in a directory. */
    interface Work<T> {
        T in(Path directory) throws Exception;
    }

    long seed() {
        return seed;
    }

    /** Does the work in an empty directory, which is gone afterwards. */
    <T> T work(Work<T> work) throws Exception {
        return work(Files.createTempDirectory(parent, "kiroku-bench-"), work);
    }

    /** Does the work in a directory that is made for it and is gone afterwards. */
    static <T> T work(Path directory, Work<T> work) throws Exception {
        Files.createDirectories(directory);
        try {
            return work.in(directory);
        } finally {
            Shell.bash("rm -rf -- \"$1\"", directory);
        }
    }

    /** Prints what is measured, and on what machine. */
    static void title(Path directory, String what) throws IOException {
        System.out.printf("%s. %s.%n%n", what, Machine.describe(directory));
    }

    /** Says how far it is, where it is not mixed with the table. */
    static void progress(String what) {
        System.err.println(what);
    }
}
