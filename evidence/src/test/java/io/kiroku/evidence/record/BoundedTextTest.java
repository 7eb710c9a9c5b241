package io.kiroku.evidence.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.Property;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BoundedTextTest {
    @ParameterizedTest
    @CsvSource({
        "aé,  3, aé",
        "aé,  2, a",
        "aé,  1, a",
        "aé,  0, ''",
        "あい, 6, あい",
        "あい, 5, あ",
        "あい, 4, あ",
        "あい, 3, あ",
        "あい, 2, ''",
        "😀b,  5, 😀b",
        "😀b,  4, 😀",
        "😀b,  3, ''",
        "😀b,  1, ''",
        "'',  0, ''"
    })
    void aTextIsCutBetweenCharacters(String text, int most, String left) {
        assertThat(new String(BoundedText.encode(text, most), StandardCharsets.UTF_8))
                .isEqualTo(left);
    }

    @Test
    void whatIsWrittenIsReadAsFarAsItFits() {
        Property.holds(3000, dice -> {
            String text = dice.text(300);
            int most = dice.below(320);
            byte[] encoded = BoundedText.encode(text, most);
            assertThat(encoded.length).isLessThanOrEqualTo(most);
            ByteBuffer out = ByteBuffer.allocate(2 + encoded.length + 1);
            BoundedText.write(encoded, out);
            String read = BoundedText.read(out.flip(), most);
            assertThat(out.hasRemaining()).isFalse();
            if (text.getBytes(StandardCharsets.UTF_8).length <= most) {
                assertThat(read).isEqualTo(text);
            } else {
                assertThat(text).startsWith(read);
                assertThat(encoded.length).isGreaterThan(most - 4);
            }
        });
    }

    @Test
    void aTextIsReadWithNothingBehindItTouched() throws MalformedException {
        ByteBuffer in = ByteBuffer.wrap(new byte[] {0, 2, 'h', 'i', 'x'});
        assertThat(BoundedText.read(in, 2)).isEqualTo("hi");
        assertThat(in.remaining()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "'',           found the end",
        "'00',         found the end",
        "'0001',       found 1 with 0 left",
        "'000361',     found 3 with 1 left",
        "'ffff61',     found 65535 with 1 left",
        "'000561616161616161', found 5 with 7 left"
    })
    void aTextThatIsCutOffOrTooLongIsRefused(String hex, String found) {
        ByteBuffer in = ByteBuffer.wrap(Octets.parse(hex).toArray());
        assertThatThrownBy(() -> BoundedText.read(in, 4))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("expected a text of at most 4 bytes at offset 0")
                .hasMessageContaining(found);
    }
}
