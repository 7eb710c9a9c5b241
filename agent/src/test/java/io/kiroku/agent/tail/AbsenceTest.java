package io.kiroku.agent.tail;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.agent.simulation.Rebuilt;
import io.kiroku.agent.simulation.SimFiles;
import io.kiroku.agent.simulation.SimNode;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Entry.GapCause;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kubelet rotates, compresses and deletes while no agent runs. */
class AbsenceTest extends OnANode {
    private SimFiles.Writer writer;
    private final List<String> written = new ArrayList<>();
    private int rotations;

    @BeforeEach
    void begin() {
        writer = files.open(LIVE);
    }

    private void write(String text) {
        writer.write(bytes(text));
        written.set(written.size() - 1, written.getLast() + text);
    }

    private void firstRun() throws Exception {
        written.add("");
        node.start();
        write("2026-01-01T00:00:00Z stdout F first, captured\n");
        node.run(2 * SimNode.SECOND);
    }

    /** As the kubelet does it: older plain files are compressed first, and of five files the oldest goes. */
    private void rotate(String stamp) {
        List<String> rotated = files.namesIn(CONTAINER).stream()
                .filter(name -> name.startsWith("0.log."))
                .toList();
        for (int i = 0; i < rotated.size() - 3; i++) {
            files.unlink(CONTAINER + "/" + rotated.get(i));
        }
        for (String name : files.namesIn(CONTAINER)) {
            if (name.startsWith("0.log.") && !name.endsWith(".gz")) {
                files.gzip(CONTAINER + "/" + name);
            }
        }
        files.rename(LIVE, LIVE + "." + stamp);
        writer.close();
        writer = files.open(LIVE);
        written.add("");
        node.pass(20 * SimNode.SECOND);
    }

    private void rotate() {
        rotate("20260101-%06d".formatted(++rotations));
    }

    private void writeAndRotate(int times) {
        for (int i = 0; i < times; i++) {
            rotate();
            write("%d is what the next file begins with\n".formatted(rotations));
            write("and this is more of it, %d\n".formatted(rotations));
        }
    }

    private List<String> captured(Rebuilt rebuilt) {
        return rebuilt.of(LIVE).stream()
                .map(Rebuilt.File::text)
                .filter(text -> !text.isEmpty())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatTheKubeletStillKeepsIsCapturedOnceAndInOrder(boolean pins) throws Exception {
        if (!pins) {
            node.withoutPins();
        }
        firstRun();
        node.kill();
        write("written to the first while nobody looked\n");
        writeAndRotate(3);
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(captured(rebuilt)).isEqualTo(written);
        assertThat(rebuilt.gaps()).isEmpty();
        node.kill();
        node.start();
        assertThat(captured(settled())).as("after another restart").isEqualTo(written);
    }

    @Test
    void withPinsEvenWhatTheKubeletDeletedIsThereAndTheRestIsOneGap() throws Exception {
        firstRun();
        node.kill();
        write("the end of the first\n");
        writeAndRotate(8);
        node.start();
        Rebuilt rebuilt = settled();
        List<String> kept = new ArrayList<>(written.subList(4, 9));
        kept.addFirst(written.getFirst());
        assertThat(captured(rebuilt)).isEqualTo(kept);
        assertThat(rebuilt.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.cause()).isEqualTo(GapCause.VANISHED);
            assertThat(gap.length()).as("nobody can know it").isEqualTo(Entry.UNKNOWN);
        });
    }

    @Test
    void withoutPinsTheDeletedRestIsAGapFromWhereReadingStood() throws Exception {
        node.withoutPins();
        firstRun();
        node.kill();
        write("never seen\n");
        writeAndRotate(8);
        node.start();
        Rebuilt rebuilt = settled();
        List<String> kept = new ArrayList<>(written.subList(4, 9));
        kept.addFirst("2026-01-01T00:00:00Z stdout F first, captured\n");
        assertThat(captured(rebuilt)).isEqualTo(kept);
        assertThat(rebuilt.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.cause()).isEqualTo(GapCause.VANISHED);
            assertThat(gap.from()).isEqualTo(kept.getFirst().length());
        });
    }

    /** The zone's offset changes, the clock is set back: names go backwards, the order of compression does not. */
    @Test
    void namesThatGoBackwardsDoNotChangeTheOrder() throws Exception {
        firstRun();
        node.kill();
        rotate("20261101-015900");
        write("second\n");
        rotate("20261101-010500");
        write("third\n");
        rotate("20261101-011000");
        write("fourth\n");
        node.start();
        assertThat(captured(settled())).isEqualTo(written);
    }

    @Test
    void compressedFilesThatWereCapturedBeforeAreNotReadAgain() throws Exception {
        firstRun();
        for (int i = 0; i < 3; i++) {
            writeAndRotate(1);
            node.run(2 * SimNode.SECOND);
        }
        node.kill();
        write("while nobody looked\n");
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(captured(rebuilt)).isEqualTo(written);
        assertThat(rebuilt.gaps()).isEmpty();
    }

    @Test
    void aFirstStartReadsWhatIsThereOldestFirst() throws Exception {
        written.add("");
        write("the oldest\n");
        writeAndRotate(4);
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(captured(rebuilt)).isEqualTo(written);
        assertThat(rebuilt.gaps()).isEmpty();
    }

    /** A plain offset is one in the log, not in the compressed bytes: reading goes on in the middle of it. */
    @Test
    void anAgentThatDiesInTheMiddleOfACompressedFileGoesOnThere() throws Exception {
        written.add("");
        write(new String(noise(3_000_000, 5), java.nio.charset.StandardCharsets.ISO_8859_1)
                .replaceAll("[^ -~\n]", "."));
        writeAndRotate(2);
        node.start();
        for (int turn = 0; turn < 3; turn++) {
            node.turn();
        }
        node.kill();
        node.start();
        node.run(SimNode.MILLIS);
        node.kill();
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(captured(rebuilt)).isEqualTo(written);
        assertThat(rebuilt.gaps()).isEmpty();
    }

    @Test
    void aDamagedCompressedFileIsAGapAndTheOthersAreRead() throws Exception {
        written.add("");
        write("the oldest, about to be damaged\n".repeat(100));
        writeAndRotate(3);
        String oldest = CONTAINER + "/0.log.20260101-000001.gz";
        files.truncate(oldest, files.at(oldest).size() / 2);
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.cause()).isEqualTo(GapCause.READ_ERROR);
            assertThat(gap.detail()).contains("expected a gzip file");
        });
        assertThat(captured(rebuilt)).containsAll(written.subList(1, written.size()));
    }

    /** 1 MiB is what a file must have for anybody to rotate it for its size. */
    @ParameterizedTest
    @ValueSource(ints = {1000, 2 << 20})
    void aDeletedPodMayHaveHadMoreFilesIfTheLastWasLarge(int length) throws Exception {
        firstRun();
        writer.write(noise(length, 1));
        node.run(2 * SimNode.SECOND);
        node.kill();
        writer.close();
        files.removeTree(POD);
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.gaps()).hasSize(length < 1 << 20 ? 0 : 1);
    }

    @Test
    void unfinishedCompressionIsNotALog() throws Exception {
        firstRun();
        node.kill();
        rotate();
        write("next\n");
        files.write(CONTAINER + "/0.log.20260101-000001.tmp", bytes("half a file"));
        node.start();
        assertThat(captured(settled())).isEqualTo(written);
    }
}
