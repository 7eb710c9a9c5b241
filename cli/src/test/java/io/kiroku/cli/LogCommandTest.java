package io.kiroku.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.MerkleTree;
import io.kiroku.evidence.log.MlDsaKey;
import io.kiroku.evidence.log.NoteSigner;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.record.Octets;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogCommandTest {
    private static final Octets A = MerkleTree.leafHash(Octets.of((byte) 'a'));
    private static final Octets B = MerkleTree.leafHash(Octets.of((byte) 'b'));
    private static final Octets C = MerkleTree.leafHash(Octets.of((byte) 'c'));
    private static final Octets AB = MerkleTree.nodeHash(A, B);
    private static final Octets ABC = MerkleTree.nodeHash(AB, C);

    @TempDir
    private Path directory;

    private static Console.Result run(String command, Object... arguments) {
        List<String> words = new ArrayList<>(List.of("log", command));
        Arrays.stream(arguments).map(Object::toString).forEach(words::add);
        return new Console().run(words.toArray(String[]::new));
    }

    private static Console.Result inclusion(Object index, Object size, Object leaf, Object root, Object... path) {
        List<Object> all =
                new ArrayList<>(List.of("--index", index, "--size", size, "--leaf-hash", leaf, "--root", root));
        all.addAll(Arrays.asList(path));
        return run("check-inclusion", all.toArray());
    }

    private static Console.Result consistency(Object from, Object to, Object fromRoot, Object toRoot, Object... path) {
        List<Object> all =
                new ArrayList<>(List.of("--from", from, "--to", to, "--from-root", fromRoot, "--to-root", toRoot));
        all.addAll(Arrays.asList(path));
        return run("check-consistency", all.toArray());
    }

    private static void fails(Console.Result result, String sentence) {
        assertThat(result.status()).as("%s", result).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).isEqualTo("kiroku: " + sentence + "\n");
    }

    @Test
    void inclusionsAreChecked() {
        assertThat(inclusion(1, 3, B, ABC, A, C).out()).isEqualTo("the proof holds: entry 1 of 3\n");
        assertThat(inclusion(0, 1, A, A).status()).isZero();
        String wrong = "the proof does not hold: it does not lead from entry %d of %d to this root";
        fails(inclusion(1, 3, B, ABC, A), wrong.formatted(1, 3));
        fails(inclusion(1, 3, B, ABC), wrong.formatted(1, 3));
        fails(inclusion(1, 3, B, ABC, A, C, C), wrong.formatted(1, 3));
        fails(inclusion(0, 3, B, ABC, A, C), wrong.formatted(0, 3));
        fails(inclusion(1, 5, B, ABC, A, C), wrong.formatted(1, 5));
        fails(inclusion(3, 3, B, ABC, A, C), "a tree of 3 entries has no entry 3");
        fails(inclusion(0, 0, B, ABC), "a tree of 0 entries has no entry 0");
    }

    @Test
    void consistenciesAreChecked() {
        assertThat(consistency(2, 3, AB, ABC, C).out())
                .isEqualTo("the proof holds: the tree of 3 entries begins with that of 2\n");
        assertThat(consistency(3, 3, ABC, ABC).status()).isZero();
        String wrong = "the proof does not hold: it does not lead from %d to %d entries with these roots";
        fails(consistency(2, 3, AB, ABC), wrong.formatted(2, 3));
        fails(consistency(2, 3, AB, ABC, C, C), wrong.formatted(2, 3));
        fails(consistency(3, 3, AB, ABC), wrong.formatted(3, 3));
        fails(consistency(3, 2, ABC, AB), "a tree of 2 entries does not begin with 3");
        fails(consistency(0, 2, MerkleTree.EMPTY, AB), "nothing can be proven from a tree without entries");
    }

    @Test
    void whatIsNoNumberOrHashIsNoProof() {
        for (String number : List.of("-1", "x", "", "+1", "1.0", "9223372036854775808", "18446744073709551615")) {
            fails(
                    inclusion(number, 3, B, ABC, A, C),
                    "expected a number from 0 to 9223372036854775807 for --index, found \"%s\"".formatted(number));
            fails(
                    consistency(2, number, AB, ABC, C),
                    "expected a number from 0 to 9223372036854775807 for --to, found \"%s\"".formatted(number));
        }
        for (String hash :
                List.of("", "zz", "00", "-", A + "00", "g" + A.toString().substring(1))) {
            fails(
                    inclusion(1, 3, B, hash, A, C),
                    "expected 64 hexadecimal digits for --root, found \"%s\"".formatted(hash));
            fails(
                    inclusion(1, 3, B, ABC, A, hash),
                    "expected 64 hexadecimal digits for each hash of the path, found \"%s\"".formatted(hash));
        }
    }

    @Test
    void notesAreChecked() throws Exception {
        NoteSigner log = NoteSigner.ed25519("example.com/log", SigningKey.of(new byte[32]));
        NoteSigner mlDsa = NoteSigner.mlDsa44("example.com/log", MlDsaKey.of(new byte[32]));
        String text = new Checkpoint("example.com/log", 3, ABC).text();
        Path file = directory.resolve("checkpoint");
        Files.write(file, SignedNote.sign(text, 1_700_000_000, log, mlDsa).bytes());
        Console.Result result = run("check-note", "--key", log.verifierKey(), "--key", mlDsa.verifierKey(), file);
        assertThat(result.status()).as("%s", result).isZero();
        assertThat(result.out())
                .isEqualTo("signed by example.com/log (%s)\nsigned by example.com/log (%s) at 2023-11-14T22:13:20Z\n"
                        .formatted(
                                log.verifierKey().hexId(), mlDsa.verifierKey().hexId()));
        NoteSigner other = NoteSigner.ed25519("example.com/other", SigningKey.of(new byte[32]));
        fails(
                run("check-note", "--key", other.verifierKey(), file),
                ("the note is not to be trusted: none of its 2 signatures is by a key that is known:"
                                + " example.com/log (%s), example.com/log (%s)")
                        .formatted(
                                log.verifierKey().hexId(), mlDsa.verifierKey().hexId()));
        Files.writeString(file, Files.readString(file).replace("\n3\n", "\n4\n"));
        fails(
                run("check-note", "--key", log.verifierKey(), file),
                "the note is not to be trusted: the signature of example.com/log with key id %s does not hold"
                        .formatted(log.verifierKey().hexId()));
    }

    @Test
    void whatIsNoNoteOrKeyIsNotTrusted() throws Exception {
        Path file = directory.resolve("note");
        String key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
        fails(run("check-note", "--key", key, file), "no such file or directory: " + file);
        Files.writeString(file, "no note\n");
        fails(
                run("check-note", "--key", key, file),
                "expected a text, an empty line and lines of signatures in a note, found no empty line");
        fails(
                run("check-note", "--key", "nonsense", file),
                "expected a verifier key such as example.com/log+530d903a+AekyeR..., found \"nonsense\"");
        Files.write(file, "x".repeat(SignedNote.MOST_BYTES + 10).getBytes(StandardCharsets.US_ASCII));
        fails(run("check-note", "--key", key, file), "expected a note of at most 1048576 bytes, found 1048577");
        assertThat(run("check-note", file).status()).isEqualTo(2);
    }
}
