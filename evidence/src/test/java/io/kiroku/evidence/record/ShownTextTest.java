package io.kiroku.evidence.record;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShownTextTest {
    @Test
    void whatDoesSomethingIsNotShown() {
        assertThat(ShownText.of("a\u001b[2Jb\u009b1Ac\u202ed\ne\r\u2028f\ud800"))
                .isEqualTo("a?[2Jb?1Ac?d?e??f?");
    }

    @Test
    void whatIsTextIsShownAsItIs() {
        assertThat(ShownText.of("事件 7, \"Übung\" 🗾")).isEqualTo("事件 7, \"Übung\" 🗾");
    }

    @Test
    void jsonSaysTheSameInEscapes() {
        assertThat(ShownText.inJson("{\n  \"a\" : \"x\u009b1A\u202e\udb40\udc01\u2028\ud800 事件\"\n}"))
                .isEqualTo("{\n  \"a\" : \"x\\u009b1A\\u202e\\udb40\\udc01\\u2028\\ud800 事件\"\n}");
    }
}
