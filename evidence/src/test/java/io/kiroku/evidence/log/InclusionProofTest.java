package io.kiroku.evidence.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InclusionProofTest {
    private static final NoteSigner LOG =
            NoteSigner.ed25519("example.com/log", SigningKey.generate(new CountedRandom("log")));

    static InclusionProof proof(Optional<Octets> extra, int index, int size) throws Exception {
        TreeReader tree = MemoryLog.of(size).reader();
        String text = new Checkpoint("example.com/log", size, tree.root(size)).text();
        return new InclusionProof(extra, index, tree.inclusion(index, size), SignedNote.sign(text, 0, LOG));
    }

    @Test
    void aProofIsWrittenAndRead() throws Exception {
        for (Optional<Octets> extra : List.of(Optional.<Octets>empty(), Optional.of(Octets.of((byte) 1)))) {
            for (int size : new int[] {1, 2, 300}) {
                InclusionProof proof = proof(extra, size - 1, size);
                InclusionProof read = InclusionProof.parse(proof.bytes());
                assertThat(read).isEqualTo(proof);
                assertThat(read.includes(MerkleTree.leafHash(MemoryLog.entry(size - 1))))
                        .isTrue();
                assertThat(read.includes(MerkleTree.leafHash(MemoryLog.entry(size))))
                        .isFalse();
            }
        }
    }

    /** The form of C2SP tlog-proof, line by line. */
    @Test
    void theTextIsThatOfTheSpecification() throws Exception {
        InclusionProof proof = proof(Optional.of(Octets.of((byte) 'a')), 2, 3);
        assertThat(new String(proof.bytes(), StandardCharsets.UTF_8).lines())
                .startsWith(
                        "c2sp.org/tlog-proof@v1",
                        "extra YQ==",
                        "index 2",
                        Base64Text.encode(proof.path().getFirst()),
                        "",
                        "example.com/log",
                        "3")
                .hasSize(10);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        @v1      | @v2        | expected the line c2sp.org/tlog-proof@v1, found "c2sp.org/tlog-proof@v2"
        extra    | more       | expected an entry's index behind the word index, found "more YQ=="
        YQ==     | YR==       | expected extra data in base 64, found "YR=="
        index 2  | index 02   | expected an entry's index from 0 to 2^63 - 1 in decimal, found "02"
        index 2  | index      | expected an entry's index behind the word index, found "index"
        example  | ~~         | expected a hash or an empty line and a newline, found the end
        """)
    void whatIsNoProofIsRefused(String find, String replace, String sentence) throws Exception {
        String valid =
                new String(proof(Optional.of(Octets.of((byte) 'a')), 2, 3).bytes(), StandardCharsets.UTF_8);
        String wrong =
                replace.equals("~~") ? valid.substring(0, valid.indexOf("\n\n")) + "\n" : valid.replace(find, replace);
        assertThatThrownBy(() -> InclusionProof.parse(wrong.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(MalformedException.class)
                .hasMessage(sentence);
    }

    @Test
    void aProofHasNoMoreHashesThanTheLargestTreeNeeds() throws Exception {
        String valid = new String(proof(Optional.empty(), 0, 1).bytes(), StandardCharsets.UTF_8);
        String hash = Base64Text.encode(MerkleTree.EMPTY) + "\n";
        String most = valid.replace("index 0\n", "index 0\n" + hash.repeat(63));
        assertThat(InclusionProof.parse(most.getBytes(StandardCharsets.UTF_8)).path())
                .hasSize(63);
        String more = valid.replace("index 0\n", "index 0\n" + hash.repeat(64));
        assertThatThrownBy(() -> InclusionProof.parse(more.getBytes(StandardCharsets.UTF_8)))
                .hasMessage("expected at most 63 hashes in a proof, found more");
    }

    @Test
    void aNoteThatIsNoCheckpointIncludesNothing() throws Exception {
        InclusionProof proof = new InclusionProof(Optional.empty(), 0, List.of(), SignedNote.sign("hello\n", 0, LOG));
        assertThat(proof.includes(MerkleTree.EMPTY)).isFalse();
    }
}
