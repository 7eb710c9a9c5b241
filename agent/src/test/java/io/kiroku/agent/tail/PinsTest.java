package io.kiroku.agent.tail;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.agent.os.Errno;
import io.kiroku.agent.simulation.ForgetfulFile.Loss;
import io.kiroku.agent.simulation.Rebuilt;
import io.kiroku.agent.simulation.SimFiles;
import io.kiroku.agent.simulation.SimNode;
import io.kiroku.evidence.record.Entry.GapCause;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What hard links of the agent's own keep, and for how long. */
class PinsTest extends OnANode {
    private List<String> pins() {
        return files.namesIn(SimNode.PINS);
    }

    private SimFiles.Writer captured(String text) throws Exception {
        SimFiles.Writer writer = files.open(LIVE);
        node.start();
        writer.write(bytes(text));
        node.run(2 * SimNode.SECOND);
        return writer;
    }

    @Test
    void whatWasWrittenAndDeletedWhileNoAgentRanIsCaptured() throws Exception {
        SimFiles.Writer writer = captured("captured\n");
        node.kill();
        writer.write(bytes("nobody looked\n"));
        writer.close();
        files.removeTree(POD);
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE)).singleElement().satisfies(file -> {
            assertThat(file.text()).isEqualTo("captured\nnobody looked\n");
            assertThat(file.ended()).isTrue();
        });
        assertThat(rebuilt.gaps()).isEmpty();
    }

    @Test
    void aPinGoesWithTheReceiptAndNotBefore() throws Exception {
        captured("a\n").close();
        assertThat(pins()).containsExactly("0000000001.of", "0000000001.pin");
        files.unlink(LIVE);
        node.run(3 * SimNode.SECOND);
        assertThat(kernel.openDescriptors()).isZero();
        assertThat(pins()).containsExactly("0000000001.of", "0000000001.pin");
        node.sync();
        node.ship();
        node.run(2 * SimNode.SECOND);
        assertThat(pins()).isEmpty();
        assertThat(node.tail().standing().pins()).isZero();
    }

    /** Removing names can take long; what is born meanwhile must be looked at before it is gone. */
    @Test
    void manyPinsGoAFewAtATime() throws Exception {
        node.start();
        for (int i = 0; i < 50; i++) {
            files.write(CONTAINER + "/" + i + ".log", bytes("a\n"));
        }
        node.run(2 * SimNode.SECOND);
        files.removeTree(CONTAINER);
        node.run(3 * SimNode.SECOND);
        node.sync();
        node.ship();
        int before = pins().size();
        assertThat(before).isEqualTo(100);
        node.turn();
        assertThat(pins()).hasSize(before - 2 * 16);
        node.run(SimNode.SECOND);
        assertThat(pins()).isEmpty();
    }

    @Test
    void aPinOfAFileThatEndedInAnEarlierRunGoesWithTheReceiptToo() throws Exception {
        captured("a\n").close();
        files.unlink(LIVE);
        node.run(3 * SimNode.SECOND);
        node.stop();
        assertThat(pins()).hasSize(2);
        node.start().run(2 * SimNode.SECOND);
        assertThat(pins()).hasSize(2);
        Rebuilt rebuilt = settled();
        assertThat(pins()).isEmpty();
        assertThat(rebuilt.of(LIVE))
                .singleElement()
                .satisfies(file -> assertThat(file.text()).isEqualTo("a\n"));
    }

    /** The segment that declares the file is lost with the power; the pin alone knows of it. */
    @Test
    void aPinKnowsItsSourceWhereTheChainDoesNot() throws Exception {
        node.start().run(2 * SimNode.SECOND);
        node.sync();
        files.write(LIVE, bytes("made and gone around a power failure\n"));
        node.run(20 * SimNode.MILLIS);
        assertThat(pins()).isNotEmpty();
        node.powerFailure(Loss.ALL);
        files.removeTree(POD);
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE)).singleElement().satisfies(file -> {
            assertThat(file.text()).isEqualTo("made and gone around a power failure\n");
            assertThat(file.gap()).isNull();
        });
        assertThat(rebuilt.gaps()).isEmpty();
        assertThat(pins()).isEmpty();
    }

    @Test
    void rotatedAndCompressedMeanwhileItIsReadFromItsPin() throws Exception {
        SimFiles.Writer writer = captured("a\n");
        node.kill();
        writer.write(bytes("b\n"));
        files.rename(LIVE, ROTATED);
        writer.close();
        files.write(LIVE, bytes("next\n"));
        files.gzip(ROTATED);
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE)).extracting(Rebuilt.File::text).containsExactly("a\nb\n", "next\n");
        assertThat(rebuilt.gaps()).isEmpty();
    }

    /** EXDEV, EPERM, EROFS: descriptors alone have to do, and the agent says so. */
    @Test
    void withoutLinksDescriptorsHoldTheBytes() throws Exception {
        for (Errno errno : List.of(Errno.EXDEV, Errno.EPERM, Errno.EROFS, Errno.EMLINK)) {
            makeNode();
            kernel.failLinksWith(errno);
            SimFiles.Writer writer = captured("a\n");
            files.unlink(LIVE);
            writer.write(bytes("after its name was gone\n"));
            writer.close();
            assertThat(node.tail().standing().pinRefusal()).contains(LIVE, errno.text());
            Rebuilt rebuilt = settled();
            assertThat(rebuilt.of(LIVE))
                    .singleElement()
                    .satisfies(file -> assertThat(file.text()).isEqualTo("a\nafter its name was gone\n"));
            assertThat(rebuilt.gaps()).isEmpty();
            assertThat(pins()).isEmpty();
        }
    }

    @Test
    void overTheBudgetWhatIsClosestToFullyReadGoesFirstAndIsAGapToTheByte() throws Exception {
        node.pinAtMost(1_200_000);
        node.start().run(SimNode.SECOND);
        fillTheRing();
        files.write(CONTAINER + "/1.log", noise(700_000, 1));
        files.write(CONTAINER + "/2.log", noise(400_000, 2));
        files.write(CONTAINER + "/3.log", noise(300_000, 3));
        node.run(SimNode.SECOND);
        assertThat(node.tail().standing().blocked()).isTrue();
        for (int i = 1; i <= 3; i++) {
            files.unlink(CONTAINER + "/" + i + ".log");
        }
        node.run(3 * SimNode.SECOND);
        assertThat(node.tail().standing().heldBytes()).isEqualTo(1_100_000);
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.cause()).isEqualTo(GapCause.BUDGET);
            assertThat(gap.length()).isEqualTo(300_000);
        });
        assertBytes(rebuilt.of(CONTAINER + "/1.log").getFirst(), noise(700_000, 1));
        assertBytes(rebuilt.of(CONTAINER + "/2.log").getFirst(), noise(400_000, 2));
    }

    /** Until nothing can be sealed, and so nothing is read. */
    private void fillTheRing() throws Exception {
        for (int i = 0; !node.tail().standing().blocked(); i++) {
            files.write(CONTAINER + "/fill-" + i + ".log", noise(1_000_000, 100 + i));
            node.run(SimNode.SECOND);
            node.sync();
            assertThat(i).isLessThan(60);
        }
    }

    @Test
    void whatIsReadIsLetGoFirstAndWithoutAGap() throws Exception {
        node.pinAtMost(100_000);
        node.start();
        for (int i = 0; i < 5; i++) {
            files.write(CONTAINER + "/" + i + ".log", noise(60_000, i));
            node.run(SimNode.SECOND);
            files.unlink(CONTAINER + "/" + i + ".log");
            node.run(2 * SimNode.SECOND);
        }
        assertThat(pins()).hasSize(2);
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.gaps()).isEmpty();
        for (int i = 0; i < 5; i++) {
            assertBytes(rebuilt.of(CONTAINER + "/" + i + ".log").getFirst(), noise(60_000, i));
        }
    }

    @Test
    void aPinThatSomebodyRemovedDoesNotMakeANamedFileLookDeleted() throws Exception {
        SimFiles.Writer writer = captured("a\n");
        files.unlink(SimNode.PINS + "/0000000001.pin");
        node.run(5 * SimNode.SECOND);
        writer.write(bytes("b\n"));
        writer.close();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE)).singleElement().satisfies(file -> {
            assertThat(file.text()).isEqualTo("a\nb\n");
            assertThat(file.ended()).isFalse();
        });
    }

    /** The chain that knew what the pins are of is gone; what they keep is captured anew. */
    @Test
    void pinsOutliveALostRing() throws Exception {
        SimFiles.Writer writer = captured("captured and shipped\n");
        node.sync();
        node.ship();
        writer.write(bytes("captured, and lost with the ring\n"));
        node.run(2 * SimNode.SECOND);
        node.kill();
        writer.close();
        files.removeTree(POD);
        node.loseRing();
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE).getLast().text())
                .isEqualTo("captured and shipped\ncaptured, and lost with the ring\n");
        assertThat(pins()).isEmpty();
    }

    /** What was not taken up yet when the agent died is not what its new chain says is over. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void pinsOutliveADeathSoonAfterALostRing(boolean collectorKnows) throws Exception {
        int most = 40;
        for (int i = 0; i < most; i++) {
            try (SimFiles.Writer writer = files.open("%s/%d.log".formatted(CONTAINER, i))) {
                writer.write(bytes("file %d\n".formatted(i)));
            }
        }
        node.start().run(2 * SimNode.SECOND);
        if (collectorKnows) {
            node.sync();
            node.ship();
        }
        node.kill();
        files.removeTree(POD);
        node.loseRing();
        kernel.limitDescriptors(most / 2);
        node.start().run(3 * SimNode.SECOND);
        node.sync();
        node.kill();
        kernel.limitDescriptors(Integer.MAX_VALUE);
        node.start();
        Rebuilt rebuilt = settled();
        for (int i = 0; i < most; i++) {
            String text = "file %d\n".formatted(i);
            assertThat(rebuilt.of("%s/%d.log".formatted(CONTAINER, i)).getLast().text())
                    .isEqualTo(text);
        }
    }

    @Test
    void aFileThatIsCutKeepsItsPin() throws Exception {
        SimFiles.Writer writer = captured("before the cut\n");
        files.truncate(LIVE, 0);
        node.run(SimNode.SECOND);
        assertThat(pins()).containsExactly("0000000002.of", "0000000002.pin");
        writer.write(bytes("after\n"));
        node.kill();
        writer.close();
        files.unlink(LIVE);
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE)).extracting(Rebuilt.File::text).containsExactly("before the cut\n", "after\n");
        assertThat(rebuilt.gaps())
                .singleElement()
                .satisfies(gap -> assertThat(gap.cause()).isEqualTo(GapCause.TRUNCATED));
    }

    @Test
    void pinsThatCannotBeListedOrReadAtTheStartAreWaitedFor() throws Exception {
        SimFiles.Writer writer = captured("a\n");
        node.kill();
        writer.write(bytes("b\n"));
        writer.close();
        var log = files.at(LIVE);
        files.removeTree(POD);
        kernel.failListsWith(Errno.EIO);
        log.failReadsWith(Errno.EIO);
        node.start().run(5 * SimNode.SECOND);
        kernel.failListsWith(null);
        node.run(5 * SimNode.SECOND);
        log.failReadsWith(null);
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE))
                .singleElement()
                .satisfies(file -> assertThat(file.text()).isEqualTo("a\nb\n"));
        assertThat(rebuilt.gaps()).isEmpty();
    }
}
