package io.kiroku.agent.tail;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.agent.simulation.Rebuilt;
import io.kiroku.agent.simulation.SimFiles;
import io.kiroku.agent.simulation.SimNode;
import io.kiroku.evidence.record.Entry.EventKind;
import io.kiroku.evidence.record.Entry.GapCause;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Files that are cut: noticed, an event, a gap, and the same inode goes on as another file. */
class TruncationTest extends OnANode {
    private SimFiles.Writer begun(byte[] content) throws Exception {
        node.start();
        SimFiles.Writer writer = files.open(LIVE);
        writer.write(content);
        return writer;
    }

    private void assertCutOnce(byte[] first, byte[] second) throws Exception {
        Rebuilt rebuilt = settled();
        List<Rebuilt.File> captured = rebuilt.of(LIVE);
        assertThat(captured).hasSize(2);
        assertBytes(captured.getFirst(), first);
        assertBytes(captured.getLast(), second);
        assertThat(captured.getFirst().gap()).isNotNull().satisfies(gap -> {
            assertThat(gap.cause()).isEqualTo(GapCause.TRUNCATED);
            assertThat(gap.from()).isEqualTo(first.length);
            assertThat(gap.length()).isNegative();
        });
        assertThat(captured.getLast().gap()).isNull();
        assertThat(captured.getFirst().identity()).isEqualTo(captured.getLast().identity());
        assertThat(rebuilt.events(EventKind.TRUNCATED)).hasSize(1);
    }

    @Test
    void copyTruncate() throws Exception {
        SimFiles.Writer writer = begun(noise(50_000, 1));
        node.run(SimNode.SECOND);
        files.truncate(LIVE, 0);
        node.run(SimNode.SECOND);
        writer.write(noise(20_000, 2));
        assertCutOnce(noise(50_000, 1), noise(20_000, 2));
    }

    @Test
    void cutToAPart() throws Exception {
        begun(noise(50_000, 1));
        node.run(SimNode.SECOND);
        files.truncate(LIVE, 30_000);
        assertCutOnce(noise(50_000, 1), Arrays.copyOf(noise(50_000, 1), 30_000));
    }

    @Test
    void cutAndGrownBeyondBeforeTheFirstSeal() throws Exception {
        SimFiles.Writer writer = begun(bytes("short\n"));
        node.turn();
        files.truncate(LIVE, 0);
        writer.write(noise(20_000, 2));
        assertCutOnce(bytes("short\n"), noise(20_000, 2));
    }

    @Test
    void aShortFileCutAndGrownBeyondBetweenTwoPolls() throws Exception {
        SimFiles.Writer writer = begun(noise(10_000, 1));
        node.run(2 * SimNode.SECOND);
        files.truncate(LIVE, 0);
        writer.write(noise(10_100, 2));
        assertCutOnce(noise(10_000, 1), noise(10_100, 2));
    }

    @Test
    void aLongFileCutAndGrownBeyondBetweenTwoPolls() throws Exception {
        SimFiles.Writer writer = begun(noise(900_000, 1));
        node.run(SimNode.SECOND);
        files.truncate(LIVE, 0);
        writer.write(noise(900_001, 2));
        assertCutOnce(noise(900_000, 1), noise(900_001, 2));
    }

    @Test
    void aLongFileCutAndGrownBeyondAfterALongPause() throws Exception {
        SimFiles.Writer writer = begun(noise(100_000, 1));
        node.run(30 * SimNode.SECOND);
        files.truncate(LIVE, 0);
        writer.write(noise(200_000, 2));
        assertCutOnce(noise(100_000, 1), noise(200_000, 2));
    }

    @Test
    void cutAndGrownToTheVeryLength() throws Exception {
        SimFiles.Writer writer = begun(noise(20_000, 1));
        node.run(SimNode.SECOND);
        files.truncate(LIVE, 0);
        writer.write(noise(20_000, 2));
        assertCutOnce(noise(20_000, 1), noise(20_000, 2));
    }

    @Test
    void cutAndGrownToTheVeryLengthAndDeleted() throws Exception {
        SimFiles.Writer writer = begun(noise(20_000, 1));
        node.run(SimNode.SECOND);
        files.truncate(LIVE, 0);
        writer.write(noise(20_000, 2));
        writer.close();
        files.removeTree(POD);
        assertCutOnce(noise(20_000, 1), noise(20_000, 2));
        assertThat(kernel.openDescriptors()).isZero();
    }

    /** While it is read, between one call of the agent and the next. */
    @Test
    void cutInTheMiddleOfAnyRead() throws Exception {
        for (int at = 1; at < 40; at++) {
            makeNode();
            SimFiles.Writer writer = begun(noise(300_000, 1));
            int[] calls = {0};
            int cutAt = at;
            kernel.meanwhile(() -> {
                if (++calls[0] == cutAt) {
                    files.truncate(LIVE, 0);
                    writer.write(noise(350_000, 2));
                }
            });
            node.run(SimNode.SECOND);
            List<Rebuilt.File> captured = settled().of(LIVE);
            assertBytes(captured.getLast(), noise(350_000, 2));
            if (captured.size() > 1) {
                byte[] before = captured.getFirst().bytes();
                assertBytes(before, Arrays.copyOf(noise(300_000, 1), before.length));
                assertThat(captured).hasSize(2);
                assertThat(captured.getFirst().gap()).isNotNull();
            }
        }
    }

    @Test
    void cutSeveralTimesInOneSegment() throws Exception {
        SimFiles.Writer writer = begun(bytes("one\n"));
        node.turn();
        files.truncate(LIVE, 0);
        node.turn();
        writer.write(bytes("two\n"));
        node.turn();
        node.pass(60 * SimNode.MILLIS);
        node.turn();
        files.truncate(LIVE, 0);
        writer.write(bytes("3\n"));
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE).getFirst().text()).isEqualTo("one\n");
        assertThat(rebuilt.of(LIVE).getLast().text()).isEqualTo("3\n");
        assertThat(rebuilt.gaps()).hasSize(rebuilt.of(LIVE).size() - 1);
    }

    @Test
    void cutWhileNoAgentRuns() throws Exception {
        SimFiles.Writer writer = begun(noise(20_000, 1));
        node.run(3 * SimNode.SECOND);
        node.kill();
        files.truncate(LIVE, 0);
        writer.write(bytes("after\n"));
        node.start();
        Rebuilt rebuilt = settled();
        assertBytes(rebuilt.of(LIVE).getFirst(), noise(20_000, 1));
        assertThat(rebuilt.of(LIVE).getLast().text()).isEqualTo("after\n");
        assertThat(rebuilt.gaps())
                .singleElement()
                .satisfies(gap -> assertThat(gap.cause()).isEqualTo(GapCause.TRUNCATED));
    }

    @Test
    void cutAndGrownBeyondWhileNoAgentRuns() throws Exception {
        SimFiles.Writer writer = begun(noise(20_000, 1));
        node.run(3 * SimNode.SECOND);
        node.kill();
        files.truncate(LIVE, 0);
        writer.write(noise(40_000, 2));
        node.start();
        Rebuilt rebuilt = settled();
        assertBytes(rebuilt.of(LIVE).getFirst(), noise(20_000, 1));
        assertBytes(rebuilt.of(LIVE).getLast(), noise(40_000, 2));
        assertThat(rebuilt.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.cause()).isEqualTo(GapCause.TRUNCATED);
            assertThat(gap.from()).isEqualTo(20_000);
        });
    }

    @Test
    void aFileThatOnlyGrowsIsNeverTakenForACutOne() throws Exception {
        SimFiles.Writer writer = begun(bytes("x"));
        for (int i = 0; i < 300; i++) {
            writer.write(bytes("line " + i + "\n"));
            node.run((i % 7) * 400L * SimNode.MILLIS + 1);
        }
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE)).hasSize(1);
        assertThat(rebuilt.gaps()).isEmpty();
    }
}
