package io.kiroku.collector.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelSelectorTest {
    private static final Map<String, String> LABELS =
            Map.of("app", "web", "tier", "front", "app.kubernetes.io/name", "shop", "empty", "", "n", "7");

    /** Selector, whether it matches the labels above. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
        app=web                                  | true
        app == web                               | true
        app=db                                   | false
        app!=db                                  | true
        app!=web                                 | false
        absent!=x                                | true
        app in (db, web)                         | true
        app in (db)                              | false
        app notin (db,cache)                     | true
        app notin (db,web)                       | false
        absent notin (x)                         | true
        absent in (x)                            | false
        app                                      | true
        absent                                   | false
        !absent                                  | true
        ! app                                    | false
        app.kubernetes.io/name=shop              | true
        empty=                                   | true
        app=                                     | false
        empty in (,x)                            | true
        n>6                                      | true
        n>7                                      | false
        n<8                                      | true
        app>1                                    | false
        absent<1                                 | false
        'app=web,tier in (front,back),!absent,n' | true
        'app=web,tier=back'                      | false
        in in (x)                                | false
        """)
    void matchesAsKubernetesDoes(String text, boolean matches) {
        LabelSelector selector = LabelSelector.parse(text);
        assertThat(selector.matches(LABELS)).isEqualTo(matches);
        assertThat(LabelSelector.parse(selector.toString())).isEqualTo(selector);
    }

    @Test
    void nothingAskedForIsEverything() {
        assertThat(LabelSelector.parse(" ").matches(Map.of())).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        =x           | a label's key
        app=web,     | a label's key
        ,app         | a label's key
        -app=x       | a label's key
        a/b/c=x      | a label's key
        /c=x         | a label's key
        UPPER/c      | a label's key
        app=-web     | a label's value
        app web      | in, notin, =, !=, > or <
        app in web   | values in brackets
        app in (web  | a comma or a closing bracket
        app=web)     | a comma or the end
        n>many       | a whole number
        a=b=c        | a comma or the end
        """)
    void whatIsNoSelectorIsRefusedWithASentence(String text, String expected) {
        assertThatThrownBy(() -> LabelSelector.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("expected " + expected + " in a label selector");
    }

    @Test
    void lengthsAreBounded() {
        assertThatThrownBy(() -> LabelSelector.parse("a".repeat(64))).hasMessageContaining("a label's key");
        assertThatThrownBy(() -> LabelSelector.parse("a=" + "b".repeat(64))).hasMessageContaining("a label's value");
        assertThatThrownBy(() -> LabelSelector.parse("a,".repeat(100) + "a")).hasMessageContaining("at most 100");
        assertThatThrownBy(() -> LabelSelector.parse("a,".repeat(4000))).hasMessageContaining("at most 4096");
    }

    /** Whatever comes is a selector whose text says the same, or is refused; never anything else. */
    @Test
    void anyTextIsASelectorOrIsRefused() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        String[] parts = {
            "a", "app", "b.c/d", "in", "notin", "=", "==", "!=", "!", ">", "<", "(", ")", ",", " ", "\t", "1", "-", "é",
            "\n"
        };
        int understood = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(9); length >= 0; length--) {
                text.append(parts[random.nextInt(parts.length)]);
            }
            try {
                LabelSelector selector = LabelSelector.parse(text.toString());
                understood++;
                assertThat(LabelSelector.parse(selector.toString()))
                        .as("seed %d, %s", seed, text)
                        .isEqualTo(selector);
                Map<String, String> labels = new TreeMap<>();
                selector.requirements().forEach(one -> labels.put(one.key(), "1"));
                assertThat(selector.matches(labels))
                        .isEqualTo(LabelSelector.parse(selector.toString()).matches(labels));
            } catch (IllegalArgumentException refused) {
                assertThat(refused.getMessage()).as("seed %d, %s", seed, text).startsWith("expected ");
            }
        }
        assertThat(understood).as("seed %d", seed).isBetween(500, 19_000);
    }
}
