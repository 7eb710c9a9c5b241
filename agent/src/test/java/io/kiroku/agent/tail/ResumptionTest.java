package io.kiroku.agent.tail;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.agent.os.Errno;
import io.kiroku.agent.simulation.ForgetfulFile.Loss;
import io.kiroku.agent.simulation.Rebuilt;
import io.kiroku.agent.simulation.SimFiles;
import io.kiroku.agent.simulation.SimInode;
import io.kiroku.agent.simulation.SimNode;
import io.kiroku.evidence.record.Entry.EpochReason;
import io.kiroku.evidence.record.Entry.EventKind;
import io.kiroku.evidence.record.Entry.GapCause;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An agent that comes back finds each file again, and begins where the chain ends: no byte is lost, none comes twice. */
class ResumptionTest extends OnANode {
    private static final class Died extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private SimFiles.Writer writer = new SimFiles(() -> 0).open("/none");

    private void writeRotateAndWrite() throws Exception {
        writer.write(noise(3000, 1));
        node.run(500 * SimNode.MILLIS);
        files.rename(LIVE, ROTATED);
        writer.write(noise(20_000, 2));
        writer.close();
        writer = files.open(LIVE);
        writer.write(noise(40_000, 3));
        node.run(1500 * SimNode.MILLIS);
        writer.write(noise(500, 4));
        node.run(3 * SimNode.SECOND);
    }

    /** The agent dies at each call that it makes of its kernel, one run for each. */
    @Test
    void diesAtAnyCall() throws Exception {
        int reached = Integer.MAX_VALUE;
        for (int at = 1; at <= reached; at++) {
            makeNode();
            int[] calls = {0};
            int dieAt = at;
            kernel.meanwhile(() -> {
                if (++calls[0] == dieAt) {
                    throw new Died();
                }
            });
            writer = files.open(LIVE);
            runThrough();
            reached = calls[0];
            kernel.meanwhile(() -> {});
            node.ring().sync();
            Rebuilt rebuilt = settled();
            assertThat(rebuilt.of(LIVE)).as("died at call " + at).hasSize(2);
            assertBytes(rebuilt.of(LIVE).getFirst().bytes(), concat(noise(3000, 1), noise(20_000, 2)));
            assertBytes(rebuilt.of(LIVE).getLast().bytes(), concat(noise(40_000, 3), noise(500, 4)));
            assertThat(rebuilt.gaps()).isEmpty();
            assertThat(rebuilt.epochs().getFirst().reason()).isEqualTo(EpochReason.FIRST);
            assertThat(rebuilt.epochs()).extracting(epoch -> epoch.reason()).doesNotContain(EpochReason.KEY_LOST);
        }
        assertThat(reached).isGreaterThan(200);
    }

    /** Whatever step of the scenario it dies in, the files go on as they would; the agent starts anew at once. */
    private void runThrough() throws Exception {
        restartIfItDies(() -> node.start().run(100 * SimNode.MILLIS));
        restartIfItDies(() -> {
            writer.write(noise(3000, 1));
            node.run(500 * SimNode.MILLIS);
        });
        files.rename(LIVE, ROTATED);
        writer.write(noise(20_000, 2));
        restartIfItDies(() -> node.run(20 * SimNode.MILLIS));
        writer.close();
        writer = files.open(LIVE);
        writer.write(noise(40_000, 3));
        restartIfItDies(() -> node.run(1500 * SimNode.MILLIS));
        writer.write(noise(500, 4));
        restartIfItDies(() -> node.run(3 * SimNode.SECOND));
    }

    private interface Step {
        void go() throws Exception;
    }

    private void restartIfItDies(Step step) throws Exception {
        try {
            step.go();
        } catch (Died died) {
            node.kill();
            node.start();
        }
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    @Test
    void aPowerFailureLosesNothingThatIsStillInTheFiles() throws Exception {
        for (Loss loss : List.of(Loss.ALL, Loss.NOTHING, Loss.SECTOR_BY_SECTOR)) {
            makeNode();
            writer = files.open(LIVE);
            node.start();
            writeRotateAndWrite();
            node.sync();
            node.ship();
            writer.write(noise(90_000, 5));
            node.run(SimNode.SECOND);
            node.powerFailure(loss);
            files.reboot();
            writer.write(noise(10, 6));
            node.start();
            Rebuilt rebuilt = settled();
            assertThat(rebuilt.of(LIVE)).hasSize(2);
            assertBytes(
                    rebuilt.of(LIVE).getLast().bytes(),
                    concat(concat(noise(40_000, 3), noise(500, 4)), concat(noise(90_000, 5), noise(10, 6))));
            assertThat(rebuilt.gaps()).isEmpty();
            assertThat(rebuilt.epochs()).extracting(epoch -> epoch.reason()).contains(EpochReason.KEY_LOST);
        }
    }

    @Test
    void anOrderlyStopSaysSo() throws Exception {
        writer = files.open(LIVE);
        node.start();
        writer.write(noise(2_000_000, 1));
        node.run(10 * SimNode.MILLIS);
        writer.write(bytes("just before\n"));
        assertThat(node.stop()).isTrue();
        assertThat(kernel.openDescriptors()).isZero();
        writer.write(bytes("meanwhile\n"));
        node.start();
        Rebuilt rebuilt = settled();
        assertBytes(
                rebuilt.bytesOf(LIVE),
                concat(noise(2_000_000, 1), concat(bytes("just before\n"), bytes("meanwhile\n"))));
        assertThat(rebuilt.events(EventKind.AGENT_STARTED)).hasSize(2);
        assertThat(rebuilt.events(EventKind.AGENT_STOPPED)).hasSize(1);
    }

    @Test
    void whatWasDeletedMeanwhileIsAGapFromWhereReadingStood() throws Exception {
        node.withoutPins();
        writer = files.open(LIVE);
        node.start();
        writer.write(bytes("captured\n"));
        node.run(2 * SimNode.SECOND);
        node.kill();
        writer.write(bytes("never seen\n"));
        files.removeTree(POD);
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE)).singleElement().satisfies(file -> {
            assertThat(file.text()).isEqualTo("captured\n");
            assertThat(file.gap()).isNotNull().satisfies(gap -> {
                assertThat(gap.cause()).isEqualTo(GapCause.VANISHED);
                assertThat(gap.from()).isEqualTo(9);
            });
        });
        assertThat(node.tail().standing().gaps()).containsEntry(GapCause.VANISHED, 1L);
    }

    @Test
    void rotatedSeveralTimesMeanwhile() throws Exception {
        writer = files.open(LIVE);
        node.start();
        writer.write(bytes("0\n"));
        node.run(2 * SimNode.SECOND);
        node.kill();
        for (int i = 1; i <= 4; i++) {
            files.rename(LIVE, "%s.20250101-%06d".formatted(LIVE, i));
            writer.write(bytes("late " + i + "\n"));
            writer.close();
            writer = files.open(LIVE);
            writer.write(bytes(i + "\n"));
        }
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE))
                .extracting(Rebuilt.File::text)
                .containsExactly("0\nlate 1\n", "1\nlate 2\n", "2\nlate 3\n", "3\nlate 4\n", "4\n");
        assertThat(rebuilt.gaps()).isEmpty();
    }

    @Test
    void renamedMeanwhileToANameThatNoPatternKnows() throws Exception {
        writer = files.open(LIVE);
        node.start();
        writer.write(bytes("before\n"));
        node.run(2 * SimNode.SECOND);
        node.kill();
        files.rename(LIVE, CONTAINER + "/backup");
        writer.write(bytes("after\n"));
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.files())
                .singleElement()
                .satisfies(file -> assertThat(file.text()).isEqualTo("before\nafter\n"));
    }

    @Test
    void thePodMovedMeanwhile() throws Exception {
        writer = files.open(LIVE);
        node.start();
        writer.write(bytes("before\n"));
        node.run(2 * SimNode.SECOND);
        node.kill();
        files.rename(POD, PODS + "/ns_moved_uid");
        writer.write(bytes("after\n"));
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.files())
                .singleElement()
                .satisfies(file -> assertThat(file.text()).isEqualTo("before\nafter\n"));
    }

    /** A name that no pattern wants may only be that of a file that was followed before, not of one with its old inode. */
    @Test
    void anInodeUsedAgainForSomethingElseIsNotFollowed() throws Exception {
        node.withoutPins();
        SimInode log = files.write(LIVE, bytes("log\n"));
        node.start().run(2 * SimNode.SECOND);
        node.kill();
        files.unlink(LIVE);
        SimInode other = files.write(LIVE + ".gz", bytes("compressed"));
        assertThat(other.number()).isEqualTo(log.number());
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.files()).singleElement().satisfies(file -> {
            assertThat(file.text()).isEqualTo("log\n");
            assertThat(file.gap()).isNotNull();
        });
    }

    @Test
    void anInodeUsedAgainForAnotherLogKeepsTheSourcesApart() throws Exception {
        files.write(CONTAINER + "/a.log", bytes("a\n"));
        node.start().run(2 * SimNode.SECOND);
        node.kill();
        files.unlink(CONTAINER + "/a.log");
        files.write(CONTAINER + "/b.log", bytes("b\n"));
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(CONTAINER + "/a.log"))
                .extracting(Rebuilt.File::text)
                .containsExactly("a\n");
        assertThat(rebuilt.of(CONTAINER + "/b.log"))
                .extracting(Rebuilt.File::text)
                .containsExactly("b\n");
    }

    @Test
    void deviceNumbersOfAnotherBootDoNotMatterWhereBirthsAreKept() throws Exception {
        writer = files.open(LIVE);
        node.start();
        writer.write(bytes("before\n"));
        node.run(2 * SimNode.SECOND);
        node.sync();
        node.powerFailure(Loss.ALL);
        files.reboot();
        node.start();
        writer.write(bytes("after\n"));
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.files())
                .singleElement()
                .satisfies(file -> assertThat(file.text()).isEqualTo("before\nafter\n"));
    }

    @Test
    void withoutBirthsDeviceInodeAndFirstBytesDecide() throws Exception {
        node.withoutPins();
        files.withoutBirths();
        writer = files.open(LIVE);
        node.start();
        writer.write(bytes("before\n"));
        node.run(2 * SimNode.SECOND);
        node.kill();
        writer.write(bytes("after\n"));
        node.start().run(2 * SimNode.SECOND);
        node.kill();
        writer.close();
        files.unlink(LIVE);
        files.write(LIVE, bytes("another file with the same inode\n"));
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE))
                .extracting(Rebuilt.File::text)
                .containsExactly("before\nafter\n", "another file with the same inode\n");
        assertThat(rebuilt.gaps()).hasSize(1);
    }

    @Test
    void whatCannotBeLookedAtIsWaitedForAndNotGivenUp() throws Exception {
        node.withoutPins();
        writer = files.open(LIVE);
        node.start();
        writer.write(bytes("before\n"));
        node.run(2 * SimNode.SECOND);
        node.kill();
        writer.write(bytes("after\n"));
        files.at(CONTAINER).deny(true);
        node.start();
        Rebuilt before = settled();
        assertThat(before.of(LIVE).getFirst().text()).isEqualTo("before\n");
        assertThat(before.gaps()).isEmpty();
        files.at(CONTAINER).deny(false);
        Rebuilt after = settled();
        assertThat(after.files())
                .singleElement()
                .satisfies(file -> assertThat(file.text()).isEqualTo("before\nafter\n"));
        assertThat(after.gaps()).isEmpty();
    }

    @Test
    void descriptorsThatRunOutAtTheStartAreWaitedFor() throws Exception {
        for (int i = 0; i < 10; i++) {
            files.write(CONTAINER + "/" + i + ".log", bytes("file " + i + "\n"));
        }
        node.start().run(2 * SimNode.SECOND);
        node.kill();
        kernel.limitDescriptors(6);
        node.start().run(5 * SimNode.SECOND);
        kernel.limitDescriptors(Integer.MAX_VALUE);
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.files()).hasSize(10);
        assertThat(rebuilt.gaps()).isEmpty();
        assertThat(kernel.openDescriptors()).isEqualTo(10);
    }

    @Test
    void listsThatFailAtTheStartAreMadeAgain() throws Exception {
        files.write(LIVE, bytes("a\n"));
        node.start().run(2 * SimNode.SECOND);
        node.kill();
        kernel.failListsWith(Errno.EMFILE);
        node.start().run(5 * SimNode.SECOND);
        kernel.failListsWith(null);
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.files()).hasSize(1);
        assertThat(rebuilt.gaps()).isEmpty();
    }

    @Test
    void whatTheConfigurationNoLongerNamesIsGivenUpWithAWord() throws Exception {
        SimNode first = node;
        files.write(LIVE, bytes("a\n"));
        files.mkdirs("/var/log/other");
        files.write("/var/log/other/b.log", bytes("b\n"));
        node = new SimNode(
                1,
                directory.resolve("both"),
                PathPattern.below(PODS, "*/*/*.log"),
                PathPattern.parse("/var/log/other/*.log"));
        assertThat(first.isRunning()).isFalse();
        node.withoutPins();
        node.files.mkdirs(CONTAINER);
        node.files.mkdirs("/var/log/other");
        node.files.write(LIVE, bytes("a\n"));
        node.files.write("/var/log/other/b.log", bytes("b\n"));
        node.start().run(2 * SimNode.SECOND);
        node.kill();
        node.follow(PathPattern.parse("/var/log/other/*.log"));
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE).getFirst().gap()).isNotNull();
        assertThat(rebuilt.of("/var/log/other/b.log"))
                .singleElement()
                .satisfies(file -> assertThat(file.gap()).isNull());
    }

    @Test
    void fileIdsAreNeverUsedAgain() throws Exception {
        for (int life = 0; life < 6; life++) {
            files.write(CONTAINER + "/" + life + ".log", bytes("life " + life + "\n"));
            node.start().run(2 * SimNode.SECOND);
            files.unlink(CONTAINER + "/" + life + ".log");
            node.run(2 * SimNode.SECOND);
            if (life % 2 == 0) {
                node.kill();
            } else {
                node.sync();
                node.powerFailure(Loss.ALL);
            }
        }
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.files()).hasSize(6);
        assertThat(rebuilt.files()).extracting(Rebuilt.File::id).doesNotHaveDuplicates();
    }
}
