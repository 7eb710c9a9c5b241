package io.kiroku.evidence.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Go's library for transparency logs, golang.org/x/mod/sumdb, says of a log that is written here. */
class IndependentReaderTest {
    private static final Path PROGRAM = Path.of("src/test/independent/read-log.go");
    private static final Path GO_PACKAGES = Path.of("/usr/share/gocode");
    private static final String NAME = "example.com/log";

    /** Fills tiles of two levels, and begins one of the third. */
    private static final int SIZE = 70_000;

    @TempDir
    private Path directory;

    private final NoteSigner ed25519 = NoteSigner.ed25519(NAME, SigningKey.generate(new CountedRandom("log")));
    private final NoteSigner mlDsa = NoteSigner.mlDsa44(NAME, MlDsaKey.generate(new CountedRandom("log, too")));

    /** In CI both are installed; elsewhere their absence is told. */
    @BeforeEach
    void theLibraryIsHere() {
        boolean library = Files.isDirectory(GO_PACKAGES.resolve("src/golang.org/x/mod/sumdb/tlog"));
        boolean go =
                Stream.of(System.getenv("PATH").split(":")).anyMatch(place -> Files.isExecutable(Path.of(place, "go")));
        if (!library || !go) {
            String sentence = "NOT TESTED: the log with a library of others, because the Debian packages golang-go and"
                    + " golang-golang-x-mod-dev are not here";
            System.err.println(sentence);
            if (Boolean.parseBoolean(System.getenv("CI"))) {
                fail(sentence);
            }
            abort(sentence);
        }
    }

    private void write(int size) throws IOException, MalformedException {
        MemoryLog log = MemoryLog.of(size);
        for (TilePath path : log.files().keySet()) {
            Path file = directory.resolve(path.toString());
            Files.createDirectories(file.getParent());
            Files.write(file, log.read(path).toArray());
        }
        TreeReader tree = log.reader();
        String text = new Checkpoint(NAME, size, tree.root(size)).text();
        Files.write(
                directory.resolve("checkpoint"),
                SignedNote.sign(text, 1_700_000_000, mlDsa, ed25519).bytes());
        List<String> proofs = new ArrayList<>();
        for (int at : List.of(1, 2, 3, 255, 256, 257, 299, 65_535, 65_536, 65_537, size)) {
            for (int other : List.of(1, 2, 100, 255, 256, 257, 65_536, at)) {
                if (other <= at && at <= size) {
                    proofs.add("inclusion %d %d %s".formatted(at, other - 1, hex(tree.inclusion(other - 1, at))));
                    proofs.add("consistency %d %d %s".formatted(at, other, hex(tree.consistency(other, at))));
                }
            }
        }
        Files.write(directory.resolve("proofs"), proofs);
    }

    private static String hex(List<Octets> hashes) {
        return hashes.stream().map(Octets::toString).collect(Collectors.joining(","));
    }

    private String run() throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(
                "go",
                "run",
                PROGRAM.toString(),
                directory.toString(),
                ed25519.verifierKey().toString());
        builder.environment().putAll(Map.of("GO111MODULE", "off", "GOPATH", GO_PACKAGES.toString(), "GOFLAGS", ""));
        Process go = builder.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(go.waitFor(180, TimeUnit.SECONDS)).isTrue();
        } finally {
            go.destroyForcibly();
        }
        return "%d %s".formatted(go.exitValue(), Files.readString(output).strip());
    }

    @Test
    void itReadsTheLogAndMakesTheSameProofs() throws Exception {
        write(SIZE);
        assertThat(run()).isEqualTo("0 ok: checkpoint of 70000 entries, 277 tiles, 128 proofs");
    }

    @Test
    void itFindsWhatIsWrong() throws Exception {
        write(300);
        Path proofs = directory.resolve("proofs");
        String right = Files.readString(proofs);
        Files.writeString(proofs, right.replaceFirst("(inclusion 300 99 [0-9a-f]{64}),[0-9a-f]{64}", "$1"));
        assertThat(run()).startsWith("1 FAIL: inclusion of 99 in 300: the library makes another proof");
        Files.writeString(proofs, right);
        flip("tile/entries/001.p/44");
        assertThat(run()).startsWith("1 FAIL: the entries have another root than the checkpoint");
        flip("tile/entries/001.p/44");
        flip("tile/0/000");
        assertThat(run()).startsWith("1 FAIL: the library makes another tile/0/000");
        flip("tile/0/000");
        flip("checkpoint");
        assertThat(run()).startsWith("1 FAIL: checkpoint: invalid signature");
    }

    private void flip(String path) throws IOException {
        Path file = directory.resolve(path);
        byte[] bytes = Files.readAllBytes(file);
        bytes[5] ^= 1;
        Files.write(file, bytes);
    }
}
