package io.kiroku.agent.tail;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.agent.simulation.Rebuilt;
import io.kiroku.agent.simulation.SimNode;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Entry.GapCause;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Files and directories that come and go between two looks. */
class BirthsTest extends OnANode {
    @Test
    void aFileThatNobodyCouldOpenIsAGapOfItsSource() throws Exception {
        node.start().run(2 * SimNode.SECOND);
        files.write(LIVE, bytes("too short a life\n"));
        files.unlink(LIVE);
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE)).singleElement().satisfies(file -> {
            assertThat(file.text()).isEmpty();
            assertThat(file.gap()).isNotNull().satisfies(gap -> {
                assertThat(gap.cause()).isEqualTo(GapCause.VANISHED);
                assertThat(gap.length()).isEqualTo(Entry.UNKNOWN);
            });
        });
        assertThat(rebuilt.gaps()).hasSize(1);
    }

    @Test
    void rotatedThriceBetweenTwoLooksNamesTheFileInTheMiddle() throws Exception {
        node.start().run(2 * SimNode.SECOND);
        files.write(LIVE, bytes("first\n"));
        node.run(SimNode.SECOND);
        files.rename(LIVE, ROTATED);
        files.write(LIVE, bytes("second, replaced before anybody looked\n"));
        files.rename(LIVE, ROTATED);
        files.write(LIVE, bytes("third\n"));
        files.rename(LIVE, ROTATED);
        files.write(LIVE, bytes("fourth\n"));
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE)).extracting(Rebuilt.File::text).contains("first\n", "third\n", "fourth\n");
        assertThat(rebuilt.gaps())
                .singleElement()
                .satisfies(gap -> assertThat(gap.cause()).isEqualTo(GapCause.VANISHED));
    }

    @Test
    void directoriesThatNobodyCouldLookAtAreGaps() throws Exception {
        node.start().run(2 * SimNode.SECOND);
        String pod = PODS + "/ns_brief_uid";
        files.mkdirs(pod + "/app");
        files.write(pod + "/app/0.log", bytes("a\n"));
        files.removeTree(pod);
        files.mkdirs(POD + "/second");
        files.write(POD + "/second/0.log", bytes("b\n"));
        files.removeTree(POD + "/second");
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.gaps())
                .extracting(Entry.Gap::detail)
                .satisfiesExactlyInAnyOrder(
                        detail -> assertThat(detail).startsWith(pod),
                        detail -> assertThat(detail).startsWith(POD + "/second"));
    }

    /** The kubelet removes what is in a pod's directory before the directory: a look can come in between. */
    @Test
    void aDirectoryThatIsFoundWhenAllInItIsGoneIsAGap() throws Exception {
        node.start().run(2 * SimNode.SECOND);
        String pod = PODS + "/ns_brief_uid";
        files.mkdirs(pod + "/app");
        files.write(pod + "/app/0.log", bytes("a\n"));
        files.removeTree(pod + "/app");
        node.run(SimNode.SECOND);
        files.removeTree(pod);
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.gaps())
                .singleElement()
                .satisfies(gap -> assertThat(gap.detail()).startsWith(pod + ":"));
    }

    /** The number of the inode is used again at once, by a file that is followed. */
    @Test
    void aFileThatWasListedAndGoneBeforeItWasOpenedIsAGapThoughItsInodeLivesOn() throws Exception {
        String other = PODS + "/ns_other_uid/app/0.log";
        files.mkdirs(PODS + "/ns_other_uid/app");
        node.start().run(2 * SimNode.SECOND);
        int rounds = 40;
        for (int at = 1; at <= rounds; at++) {
            files.write(LIVE, bytes("listed, and perhaps never opened\n"));
            long moment = kernel.calls() + at;
            AtomicBoolean gone = new AtomicBoolean();
            Runnable others = () -> {
                if (gone.compareAndSet(false, true)) {
                    // Something to look at, so that the other file is found before this one is missed.
                    files.write(other + ".lock", bytes(""));
                    files.unlink(LIVE);
                    files.write(other, bytes("another\n"));
                }
            };
            kernel.meanwhile(() -> {
                if (kernel.calls() >= moment) {
                    others.run();
                }
            });
            node.run(2 * SimNode.SECOND);
            kernel.meanwhile(() -> {});
            others.run();
            node.run(2 * SimNode.SECOND);
            files.unlink(other);
            files.unlink(other + ".lock");
            node.run(2 * SimNode.SECOND);
        }
        Rebuilt rebuilt = settled();
        long captured =
                rebuilt.of(LIVE).stream().filter(file -> !file.text().isEmpty()).count();
        assertThat(captured + rebuilt.gaps().size()).isEqualTo(rounds);
    }

    @Test
    void aDirectoryThatStaysEmptyForAWhileIsNone() throws Exception {
        node.start().run(2 * SimNode.SECOND);
        String pod = PODS + "/ns_slow_uid";
        files.mkdirs(pod);
        node.run(SimNode.SECOND);
        files.mkdirs(pod + "/app");
        node.run(SimNode.SECOND);
        files.write(pod + "/app/0.log", bytes("a\n"));
        node.run(SimNode.SECOND);
        files.removeTree(pod);
        assertThat(settled().gaps()).isEmpty();
    }

    @Test
    void whatWasFoundBeforeItsBirthWasToldIsNotMissed() throws Exception {
        node.start();
        for (int round = 0; round < 200; round++) {
            int at = round % 40;
            long birth = kernel.calls() + at;
            String name = CONTAINER + "/" + round + ".log";
            kernel.meanwhile(() -> {
                if (kernel.calls() == birth) {
                    files.write(name, bytes("x\n"));
                }
            });
            files.write(CONTAINER + "/before-" + round + ".log", bytes("y\n"));
            node.run(200 * SimNode.MILLIS);
            kernel.meanwhile(() -> {});
            files.unlink(CONTAINER + "/before-" + round + ".log");
            node.run(200 * SimNode.MILLIS);
            if (files.exists(name)) {
                files.unlink(name);
            }
            node.run(200 * SimNode.MILLIS);
            node.sync();
            node.ship();
        }
        assertThat(settled().gaps()).isEmpty();
    }
}
