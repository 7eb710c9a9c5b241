package io.kiroku.evidence.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is right and wrong according to others: src/test/resources/log/README.md says to whom. */
class VectorsTest {
    private static final Path VECTORS = Path.of("src/test/resources/log");
    private static final Path TESSERA = VECTORS.resolve("tessera-log");
    private static final String TESSERA_KEY =
            "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";

    private static Octets tesseraFile(TilePath path) throws IOException {
        return Octets.of(Files.readAllBytes(TESSERA.resolve(path.toString())));
    }

    private static Checkpoint tesseraCheckpoint(String name) throws Exception {
        SignedNote note = SignedNote.parse(Files.readAllBytes(TESSERA.resolve(name)));
        NoteVerdict verdict = note.verify(List.of(VerifierKey.parse(TESSERA_KEY)));
        assertThat(verdict.holds()).as("%s: %s", name, verdict).isTrue();
        Checkpoint checkpoint = Checkpoint.parse(note.text());
        assertThat(checkpoint.text()).isEqualTo(note.text());
        assertThat(note.bytes()).isEqualTo(Files.readAllBytes(TESSERA.resolve(name)));
        return checkpoint;
    }

    @Test
    void tesserasLogHolds() throws Exception {
        Checkpoint last = tesseraCheckpoint("checkpoint");
        assertThat(last.size()).isEqualTo(15);
        TreeReader tree = new TreeReader(last.size(), VectorsTest::tesseraFile);
        List<Octets> entries = EntryBundle.read(
                        new TilePath(TilePath.ENTRIES, 0, 15), tesseraFile(new TilePath(TilePath.ENTRIES, 0, 15)))
                .entries();
        MemoryLog written = new MemoryLog();
        for (int size = 0; size <= 15; size++) {
            Checkpoint checkpoint = tesseraCheckpoint("checkpoint." + size);
            assertThat(checkpoint.size()).isEqualTo(size);
            assertThat(tree.root(size)).isEqualTo(checkpoint.root());
            if (size > 0) {
                written.append(entries.get(size - 1)).publish();
                assertThat(ProofCheck.consistency(size, 15, checkpoint.root(), last.root(), tree.consistency(size, 15)))
                        .isTrue();
                Octets leaf = MerkleTree.leafHash(entries.get(size - 1));
                assertThat(ProofCheck.inclusion(size - 1, 15, leaf, tree.inclusion(size - 1, 15), last.root()))
                        .isTrue();
            }
            assertThat(written.edge().root()).isEqualTo(checkpoint.root());
        }
        for (TilePath path : written.files().keySet()) {
            assertThat(written.read(path)).as("%s", path).isEqualTo(tesseraFile(path));
        }
    }

    private interface Verification {
        boolean verify(Octets publicKey, byte[] message, Octets signature);
    }

    /** The vectors on which this verification and the file disagree. */
    private static List<String> disagreements(String file, Verification verification) throws IOException {
        JsonNode vectors = new ObjectMapper()
                .readTree(VECTORS.resolve("wycheproof").resolve(file).toFile());
        List<String> wrong = new ArrayList<>();
        int looked = 0;
        for (JsonNode group : vectors.path("testGroups")) {
            JsonNode key = group.path("publicKey");
            Octets publicKey = Octets.parse((key.isTextual() ? key : key.path("pk")).asText());
            for (JsonNode test : group.path("tests")) {
                looked++;
                boolean holds = verification.verify(
                        publicKey,
                        Octets.parse(test.path("msg").asText()).toArray(),
                        Octets.parse(test.path("sig").asText()));
                // Notes are signed with an empty context: a signature made under another is none.
                boolean expected = test.path("result").asText().equals("valid")
                        && test.path("ctx").asText().isEmpty();
                if (holds != expected) {
                    wrong.add(test.path("tcId") + ": " + test.path("comment"));
                }
            }
        }
        assertThat(looked).isEqualTo(vectors.path("numberOfTests").asInt());
        return wrong;
    }

    @Test
    void wycheproofsEd25519() throws Exception {
        assertThat(disagreements("ed25519_test.json", SignatureType.ED25519::verify))
                .isEmpty();
    }

    @Test
    void wycheproofsMlDsa44() throws Exception {
        assertThat(disagreements("mldsa_44_verify_test.json", MlDsaKey::verify)).isEmpty();
    }
}
