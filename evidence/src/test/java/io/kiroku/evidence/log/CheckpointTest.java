package io.kiroku.evidence.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointTest {
    private static final String ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

    @Test
    void theExampleOfTheSpecificationIsRead() throws Exception {
        String text = "example.com/behind-the-sofa\n20852163\n" + ROOT + "\n";
        Checkpoint checkpoint = Checkpoint.parse(text);
        assertThat(checkpoint.origin()).isEqualTo("example.com/behind-the-sofa");
        assertThat(checkpoint.size()).isEqualTo(20_852_163);
        assertThat(checkpoint.root()).hasToString("0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62");
        assertThat(checkpoint.extensions()).isEmpty();
        assertThat(checkpoint.text()).isEqualTo(text);
    }

    @Test
    void extensionsAreKept() throws Exception {
        String text = "any origin + more\n9223372036854775807\n" + ROOT + "\none\ntwo\n";
        Checkpoint checkpoint = Checkpoint.parse(text);
        assertThat(checkpoint.size()).isEqualTo(Long.MAX_VALUE);
        assertThat(checkpoint.extensions()).containsExactly("one", "two");
        assertThat(checkpoint.text()).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
        "" | expected a checkpoint's origin, size and root, each a line, found 0 lines
        o/1/ | expected a checkpoint's origin, size and root, each a line, found 2 lines
        o/1/R | expected a checkpoint's origin, size and root, each a line, found 2 lines
        /1/R/ | expected no empty line in a checkpoint, found line 1
        o/1/R// | expected no empty line in a checkpoint, found line 4
        o/01/R/ | expected a checkpoint's size from 0 to 2^63 - 1 in decimal, found "01"
        o/-1/R/ | expected a checkpoint's size from 0 to 2^63 - 1 in decimal, found "-1"
        o/+1/R/ | expected a checkpoint's size from 0 to 2^63 - 1 in decimal, found "+1"
        o/9223372036854775808/R/ | expected a checkpoint's size from 0 to 2^63 - 1 in decimal, found "9223372036854775808"
        o/1/AAAA/ | expected a checkpoint's root of 32 bytes in base 64, found 3
        o/1/!/ | expected a checkpoint's root in base 64, found "!"
        """)
    void whatIsNoCheckpointIsRefused(String lines, String sentence) {
        String text = lines.replace('/', '\n').replace("R", ROOT);
        assertThatThrownBy(() -> Checkpoint.parse(text))
                .isInstanceOf(MalformedException.class)
                .hasMessage(sentence);
    }

    @Test
    void whatCannotBeWrittenIsNotMade() {
        assertThatThrownBy(() -> new Checkpoint("", 0, MerkleTree.EMPTY)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Checkpoint("a\nb", 0, MerkleTree.EMPTY))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Checkpoint("a", -1, MerkleTree.EMPTY))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Checkpoint("a", 0, Octets.zero(31))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Checkpoint("a", 0, MerkleTree.EMPTY, List.of("")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
