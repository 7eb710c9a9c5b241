package io.kiroku.agent.tail;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.agent.simulation.SimFiles;
import io.kiroku.agent.simulation.SimNode;
import org.junit.jupiter.api.Test;

/** What the agent asks of the kernel, counted: what is quiet must cost nothing, however much of it there is. */
class CostTest extends OnANode {
    private long callsDuring(Step step) throws Exception {
        long before = kernel.calls();
        step.go();
        return kernel.calls() - before;
    }

    private interface Step {
        void go() throws Exception;
    }

    private void manyQuietFiles(int pods, int perPod) throws Exception {
        node.followAtMost(10_000);
        for (int pod = 0; pod < pods; pod++) {
            String container = PODS + "/ns_quiet-" + pod + "_uid/app";
            files.mkdirs(container);
            for (int i = 0; i < perPod; i++) {
                files.write(container + "/" + i + ".log", bytes("quiet\n"));
            }
        }
        node.start().run(10 * SimNode.SECOND);
        node.sync();
        node.ship();
        assertThat(kernel.openDescriptors()).isEqualTo(pods * perPod);
    }

    @Test
    void aThousandQuietFilesCostNothing() throws Exception {
        manyQuietFiles(500, 2);
        // Heartbeats, and a look at the directories above the pods every second, for mounts.
        assertThat(callsDuring(() -> node.run(60 * SimNode.SECOND))).isLessThan(60 * 20);
    }

    @Test
    void aPodThatComesCostsNoLookAtTheFilesOfTheOthers() throws Exception {
        manyQuietFiles(500, 2);
        long calls = callsDuring(() -> {
            files.mkdirs(CONTAINER + "2");
            files.write(CONTAINER + "2/0.log", bytes("new\n"));
            node.run(SimNode.SECOND);
        });
        assertThat(kernel.openDescriptors()).isEqualTo(1001);
        assertThat(calls).isLessThan(200);
    }

    @Test
    void aFileThatComesToADirectoryOfManyCostsNoLookAtEach() throws Exception {
        manyQuietFiles(1, 1000);
        long calls = callsDuring(() -> {
            files.write(PODS + "/ns_quiet-0_uid/app/new.log", bytes("new\n"));
            node.run(SimNode.SECOND);
        });
        assertThat(kernel.openDescriptors()).isEqualTo(1001);
        assertThat(calls).isLessThan(200);
    }

    @Test
    void aBusyFileCostsAFewCallsForEachPoll() throws Exception {
        manyQuietFiles(500, 2);
        SimFiles.Writer writer = files.open(LIVE);
        node.run(3 * SimNode.SECOND);
        long calls = callsDuring(() -> {
            for (int i = 0; i < 1000; i++) {
                writer.write(bytes("line " + i + "\n"));
                node.run(10 * SimNode.MILLIS);
            }
        });
        // Ten seconds of polls every 50 ms.
        assertThat(calls).isLessThan(200 * 25);
    }

    @Test
    void withoutWatchesAQuietFileIsReadOnceASecond() throws Exception {
        kernel.limitWatches(0);
        manyQuietFiles(50, 2);
        long calls = callsDuring(() -> node.run(10 * SimNode.SECOND));
        assertThat(calls).isLessThan(10 * (100 * 6 + 101 * 6));
    }

    @Test
    void linesAreNotLookedForOneByOne() throws Exception {
        SimFiles.Writer writer = files.open(LIVE);
        node.start().run(3 * SimNode.SECOND);
        long calls = callsDuring(() -> {
            writer.write(bytes("x\n".repeat(2_000_000)));
            node.run(50 * SimNode.MILLIS);
        });
        assertThat(node.tail().standing().bytesRead()).isEqualTo(4_000_000);
        assertThat(calls).isLessThan(200);
    }
}
