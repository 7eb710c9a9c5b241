package io.kiroku.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class LiveDisplayTest {
    @Test
    void drawsInPlaceAndPutsWhatIsLoggedAbove() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream before = System.err;
        try (LiveDisplay display = new LiveDisplay(new PrintStream(out, true, StandardCharsets.UTF_8))) {
            display.show(List.of("a", "b"));
            display.show(List.of("c", "d"));
            System.err.println("a warning");
        }
        assertThat(System.err).isSameAs(before);
        String e = "\u001b[";
        assertThat(out.toString(StandardCharsets.UTF_8).replace(e, "<"))
                .isEqualTo(
                        "<?7la<K\nb<K\n<J<?7h" // the first time
                                + "<?7l<2A\rc<K\nd<K\n<J<?7h" // two lines up, and again
                                + "<2A\r<Ja warning\n<?7lc<K\nd<K\n<J<?7h");
    }
}
