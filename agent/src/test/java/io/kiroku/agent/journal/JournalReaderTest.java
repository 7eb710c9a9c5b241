package io.kiroku.agent.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.agent.journal.JournalReader.Step;
import io.kiroku.evidence.record.Entry.GapCause;
import io.kiroku.evidence.record.FilePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalReaderTest {
    @TempDir
    Path directory;

    private MadeJournal made;
    private final List<String> entries = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();

    @BeforeEach
    void make() {
        made = new MadeJournal();
    }

    private JournalReader reader(String... units) throws IOException {
        JournalReader reader = new JournalReader(FilePath.of(directory.toString()), List.of(units));
        reader.open();
        return reader;
    }

    /** Reads all there is, and returns the cursor of the last entry. */
    private String readAll(JournalReader reader) throws IOException {
        String cursor = "";
        for (Step step = reader.next(); !(step instanceof Step.End); step = reader.next()) {
            steps.add(step);
            if (step instanceof Step.Captured entry) {
                entries.add(new String(reader.bytes(), 0, entry.length(), StandardCharsets.ISO_8859_1));
                cursor = entry.cursor();
            }
        }
        return cursor;
    }

    private List<String> messages() {
        return entries.stream()
                .map(entry -> entry.lines()
                        .filter(line -> line.startsWith("MESSAGE="))
                        .findFirst()
                        .orElse(""))
                .map(line -> line.replaceFirst("MESSAGE=", ""))
                .toList();
    }

    @Test
    void everyFieldComesAsItIs() throws Exception {
        byte[] random = new byte[1 << 20];
        new Random(1).nextBytes(random);
        made.entry(Map.of(
                        "MESSAGE", "two\nlines".getBytes(StandardCharsets.UTF_8),
                        "BINARY", new byte[] {0, 1, (byte) 0xff},
                        "_SYSTEMD_UNIT", "kubelet.service".getBytes(StandardCharsets.UTF_8)))
                .entry(Map.of("MESSAGE", "big".getBytes(StandardCharsets.UTF_8), "BIG", random))
                .into(directory.resolve("a.journal"));
        try (JournalReader reader = reader()) {
            readAll(reader);
        }
        assertThat(entries).hasSize(2);
        assertThat(entries.getFirst())
                .startsWith("__CURSOR=s=")
                .contains("\n__REALTIME_TIMESTAMP=1795000000001000\n__MONOTONIC_TIMESTAMP=1000\n_BOOT_ID="
                        + "0".repeat(31) + "2\n")
                .contains("MESSAGE\n\11\0\0\0\0\0\0\0two\nlines\n")
                .contains("BINARY\n\3\0\0\0\0\0\0\0\0\1\u00ff\n")
                .contains("_SYSTEMD_UNIT=kubelet.service\n")
                .endsWith("\n\n");
        assertThat(entries.get(1))
                .contains("BIG\n\0\0\20\0\0\0\0\0" + new String(random, StandardCharsets.ISO_8859_1) + "\n");
    }

    @Test
    void aLongEntryIsLostAndSaidToBe() throws Exception {
        made.entry("before")
                .entry(Map.of("MESSAGE", new byte[17 << 20]))
                .entry("after")
                .into(directory.resolve("a.journal"));
        try (JournalReader reader = reader()) {
            readAll(reader);
        }
        assertThat(messages()).containsExactly("before", "after");
        assertThat(steps.get(1)).isInstanceOfSatisfying(Step.Lost.class, lost -> {
            assertThat(lost.cause()).isEqualTo(GapCause.BUDGET);
            assertThat(lost.cursor()).isNotNull();
            assertThat(lost.detail()).contains("has more than the 16777216 bytes");
        });
    }

    @Test
    void goesOnBehindWhatWasReadAndFollows() throws Exception {
        Path file = directory.resolve("a.journal");
        made.entry("one").entry("two").into(file);
        String last;
        try (JournalReader reader = reader()) {
            last = readAll(reader);
        }
        made.entry("three").into(file);
        try (JournalReader reader = reader()) {
            reader.goOn(last, true);
            readAll(reader);
            assertThat(messages()).containsExactly("one", "two", "three");
            made.entry("four").into(file);
            reader.look();
            readAll(reader);
            assertThat(messages()).endsWith("three", "four");
        }
        String whole = entries.get(1);
        entries.clear();
        try (JournalReader reader = reader()) {
            reader.goOn(last, false);
            readAll(reader);
        }
        assertThat(entries.getFirst()).isEqualTo(whole);
        assertThat(steps).noneMatch(Step.Lost.class::isInstance);
    }

    @Test
    void ofOtherUnitsNothingIsCaptured() throws Exception {
        made.entry(Map.of("MESSAGE", new byte[] {'a'}, "_SYSTEMD_UNIT", "a.service".getBytes(StandardCharsets.UTF_8)))
                .entry(Map.of(
                        "MESSAGE", new byte[] {'b'}, "_SYSTEMD_UNIT", "b.service".getBytes(StandardCharsets.UTF_8)))
                .into(directory.resolve("a.journal"));
        try (JournalReader reader = reader("b.service")) {
            readAll(reader);
        }
        assertThat(messages()).containsExactly("b");
        assertThat(steps.getFirst()).isInstanceOf(Step.PassedOver.class);
    }

    @Test
    void whatWasVacuumedWithItsSequenceIsALossOfUnknownNumber() throws Exception {
        made.entry("one").into(directory.resolve("a.journal"));
        String last;
        try (JournalReader reader = reader()) {
            last = readAll(reader);
        }
        Files.delete(directory.resolve("a.journal"));
        made.entry("two").into(directory.resolve("b.journal"));
        try (JournalReader reader = reader()) {
            reader.goOn(last, true);
            readAll(reader);
        }
        assertThat(messages()).containsExactly("one", "two");
        assertThat(steps.get(1)).isInstanceOfSatisfying(Step.Lost.class, lost -> {
            assertThat(lost.cause()).isEqualTo(GapCause.VACUUMED);
            assertThat(lost.detail()).contains("is not known");
        });
    }

    @Test
    void aFileWithABrokenMiddleIsALossWithItsNumber() throws Exception {
        Path broken = directory.resolve("a.journal");
        for (int i = 0; i < 500; i++) {
            made.entry("first " + i);
        }
        made.into(broken);
        byte[] bytes = Files.readAllBytes(broken);
        int middle = 0;
        for (int i = 4096; i < bytes.length && middle == 0; i++) {
            if (new String(bytes, i, 9, StandardCharsets.ISO_8859_1).equals("first 250")) {
                middle = i;
            }
        }
        // From there on nothing is left but zeros: objects, the list of entries, and all.
        Arrays.fill(bytes, middle, bytes.length, (byte) 0);
        Files.write(broken, bytes);
        made.entry("second").into(directory.resolve("b.journal"));
        try (JournalReader reader = reader()) {
            readAll(reader);
        }
        assertThat(messages()).endsWith("second").doesNotHaveDuplicates();
        long lost = steps.stream()
                .filter(Step.Lost.class::isInstance)
                .map(step -> ((Step.Lost) step).detail().split(" ", 2)[0])
                .mapToLong(word -> word.matches("[0-9]+") ? Long.parseLong(word) : 1)
                .sum();
        assertThat(lost)
                .as("%s", steps.stream().filter(Step.Lost.class::isInstance).toList())
                .isEqualTo(501 - messages().size());
    }

    @Test
    void aFileThatIsNoJournalIsNamed() throws Exception {
        made.entry("one").into(directory.resolve("a.journal"));
        Files.writeString(directory.resolve("b.journal"), "no journal");
        try (JournalReader reader = reader()) {
            readAll(reader);
            assertThat(messages()).containsExactly("one");
            assertThat(reader.damaged()).singleElement().satisfies(file -> {
                assertThat(file.path()).isEqualTo(directory.resolve("b.journal"));
                assertThat(file.damage()).contains("expected a journal file's header of at least 208 bytes, found 10");
            });
        }
    }

    @Test
    void aDirectoryThatIsNotThereIsSaid() {
        JournalReader reader = new JournalReader(FilePath.of(directory + "/none"), List.of());
        assertThatThrownBy(reader::open).hasMessageContaining("No such file or directory");
        assertThat(reader.isOpen()).isFalse();
    }
}
