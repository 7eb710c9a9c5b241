package io.kiroku.agent.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.agent.journal.JournalReader.Step;
import io.kiroku.evidence.record.Entry.GapCause;
import io.kiroku.evidence.record.MalformedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NumberingTest {
    @TempDir
    Path directory;

    private Numbering numbering;

    @BeforeEach
    void begin() {
        numbering = new Numbering(directory);
    }

    private static String cursor(int sequence, long number) {
        return "s=%032x;i=%x;b=%032x;m=1;t=1;x=1".formatted(sequence, number, 2);
    }

    private void file(String name, int sequence, long first, long last, long lastMicros) throws IOException {
        Files.write(directory.resolve(name), header(sequence, first, last, lastMicros));
    }

    private static byte[] header(int sequence, long first, long last, long lastMicros) {
        return ByteBuffer.allocate(JournalFile.HEADER)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("LPKSHHRH".getBytes(StandardCharsets.US_ASCII))
                .put(87, (byte) sequence)
                .putLong(160, last)
                .putLong(168, first)
                .putLong(192, lastMicros)
                .array();
    }

    private void read(int sequence, long number) {
        assertThat(numbering.missingBefore(cursor(sequence, number), 100)).isEmpty();
        numbering.read(cursor(sequence, number));
    }

    private Step.Lost missing(int sequence, long number) {
        return numbering.missingBefore(cursor(sequence, number), 100).orElseThrow();
    }

    @Test
    void aHoleInTheNumbersWasVacuumed() {
        read(1, 1);
        read(1, 2);
        Step.Lost lost = missing(1, 13);
        assertThat(lost.cause()).isEqualTo(GapCause.VACUUMED);
        assertThat(lost.detail())
                .isEqualTo("10 entries of the journal, number 3 to 12 of sequence " + "0".repeat(31)
                        + "1: they were vacuumed before they had been read");
        numbering.read(cursor(1, 13));
        read(1, 14);
        assertThat(missing(1, 16).detail()).startsWith("1 entry of the journal, number 15 to 15");
    }

    @Test
    void aHoleThatAFileShouldHaveCannotBeRead() throws IOException {
        read(1, 1);
        file("x.journal", 1, 2, 9, 50);
        Step.Lost lost = missing(1, 10);
        assertThat(lost.cause()).isEqualTo(GapCause.READ_ERROR);
        assertThat(lost.detail()).startsWith("8 entries").contains("x.journal cannot be read there");
    }

    @Test
    void anotherSequenceIsHeldAgainstTheHeaders() throws IOException {
        file("a.journal~", 1, 1, 20, 50);
        read(1, 1);
        assertThat(missing(2, 5).detail()).startsWith("19 entries of the journal, number 2 to 20");
        numbering.read(cursor(2, 5));
        file("b.journal", 3, 7, 9, 60);
        assertThat(numbering.missingBefore(cursor(3, 7), 55))
                .as("of sequence 2 nothing is left")
                .isPresent();
    }

    @Test
    void aSequenceThatStillGoesOnMissesNothing() throws IOException {
        file("a.journal", 1, 1, 20, 500);
        read(1, 1);
        read(2, 1);
        read(1, 2);
    }

    @Test
    void whatStandsBeforeTheFirstIsMissingOnlyIfAFileShouldHaveIt() throws IOException {
        file("a.journal", 1, 5, 20, 500);
        assertThat(missing(1, 8).detail()).startsWith("3 entries of the journal, number 5 to 7");
        read(2, 1000);
    }

    @Test
    void whereReadingWentOnNothingIsMissing() {
        numbering.goOn(cursor(1, 5), true);
        read(1, 6);
        numbering.goOn(cursor(1, 6), false);
        read(1, 6);
        numbering.goOn(cursor(1, 6), true);
        numbering.notFound();
        assertThat(missing(1, 9).detail()).startsWith("2 entries");
    }

    @Test
    void cursorsInAnotherFormSayNothing() {
        assertThat(numbering.missingBefore("anything", 1)).isEmpty();
        numbering.goOn("anything", true);
        numbering.notFound();
        assertThat(numbering.missingBefore("anything else", 1)).isPresent();
        assertThat(Cursor.parse("s=1;i=2")).isEmpty();
        assertThat(Cursor.parse("s=" + "0".repeat(32) + ";i=" + "f".repeat(16) + ";b=1"))
                .isEmpty();
    }

    @Test
    void noHeaderStopsIt() {
        assertThatThrownBy(() -> JournalFile.parse(directory, ByteBuffer.wrap(header(1, 9, 8, 0))))
                .hasMessage("expected entries numbered upwards in a journal file, found 9 to 8");
        for (int seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            byte[] spoilt = Arrays.copyOf(header(1, 1, 2, 3), random.nextInt(JournalFile.HEADER + 50));
            for (int i = random.nextInt(20); i > 0 && spoilt.length > 0; i--) {
                spoilt[random.nextInt(spoilt.length)] = (byte) random.nextInt();
            }
            try {
                assertThat(JournalFile.parse(directory, ByteBuffer.wrap(spoilt)).last())
                        .as("seed %d", seed)
                        .isNotNegative();
            } catch (MalformedException expected) {
                assertThat(expected).as("seed %d", seed).hasMessageContaining("expected");
            }
        }
    }
}
