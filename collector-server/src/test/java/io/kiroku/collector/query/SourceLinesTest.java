package io.kiroku.collector.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.record.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceLinesTest {
    private static final String LOG = "/var/log/kubernetes/audit/audit.log";

    @TempDir
    Path data;

    private Store store;
    private Scribe node;
    private List<String> notes = List.of();

    @BeforeEach
    void open() throws IOException {
        store = Scribe.open(data);
        node = new Scribe(store, "cp-1");
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private List<String> lines(Optional<Instant> from) throws IOException {
        List<String> lines = new ArrayList<>();
        try (StoreReader reader = StoreReader.open(data)) {
            SourceLines source =
                    new SourceLines(reader, one -> one.path().toString().equals(LOG), Scribe.START);
            source.from(from);
            notes = source.read((of, segment, line, length) ->
                    lines.add("%d %s".formatted(segment, new String(line, 0, length, StandardCharsets.UTF_8))));
        }
        return lines;
    }

    private List<String> lines() throws IOException {
        return lines(Optional.empty());
    }

    @Test
    void linesAreWholeAcrossSegmentsAndTheFilesOneAfterTheOther() throws Exception {
        node.file(1, LOG)
                .log(1, "one\ntw")
                .file(2, "/var/log/other.log")
                .log(2, "other\n")
                .seal();
        node.log(1, "o\n\nfour\n").end(1).file(3, LOG, 200).log(3, "five\nsix").seal();
        assertThat(lines()).containsExactly("1 one", "2 two", "2 ", "2 four", "2 five");
        node.end(3).seal();
        assertThat(lines()).endsWith("2 five", "2 six");
        assertThat(notes).isEmpty();
    }

    @Test
    void aLineOfWhichBytesAreLostIsNotShownAndTold() throws Exception {
        node.file(1, LOG)
                .log(1, "one\ntw")
                .gap(1, 5, Entry.GapCause.BUDGET)
                .log(1, "est of another\nnext\nhal")
                .seal();
        node.skip(1, 3).log(1, "f\nlast\n").seal();
        assertThat(lines()).containsExactly("1 one", "1 next", "2 last");
        assertThat(notes)
                .satisfiesExactly(
                        gap -> assertThat(gap).contains("bytes from 6 on are lost: BUDGET"),
                        missing -> assertThat(missing).contains("are not in the store, and no gap declares them"));
    }

    @Test
    void whatWasSealedBeforeNeedNotBeRead() throws Exception {
        node.file(1, LOG);
        for (int minute = 0; minute < 5; minute++) {
            node.at(Scribe.START.plus(Duration.ofMinutes(minute)))
                    .log(1, "begun in %d\nand ended\nbegin".formatted(minute))
                    .seal();
        }
        List<String> lines = lines(Optional.of(Scribe.START.plus(Duration.ofMinutes(3))));
        assertThat(lines)
                .contains("4 beginbegun in 3", "5 beginbegun in 4")
                .doesNotContain("1 begun in 0", "2 beginbegun in 1");
    }

    @Test
    void aLineThatIsTooLongIsNotShownAndTold() throws Exception {
        node.file(1, LOG)
                .log(1, "one\n")
                .log(1, new byte[SourceLines.MOST_LINE + 1])
                .log(1, "\nlast\n")
                .seal();
        assertThat(lines()).hasSize(2).first().isEqualTo("1 one");
        assertThat(notes).singleElement().asString().contains("is longer than 4194304 bytes");
    }
}
