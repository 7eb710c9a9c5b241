package io.kiroku.agent.tail;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.agent.simulation.Rebuilt;
import io.kiroku.agent.simulation.SimFiles;
import io.kiroku.agent.simulation.SimNode;
import io.kiroku.evidence.record.Entry.EventKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A ring that is full of segments without receipts: reading stops, nothing is dropped, and it goes on when they come. */
class BackPressureTest extends OnANode {
    /** Writes until the ring is full and the agent stands still. */
    private List<byte[]> fill(SimFiles.Writer writer) throws IOException {
        List<byte[]> written = new ArrayList<>();
        while (!node.tail().standing().blocked()) {
            byte[] bytes = noise(1_000_000, written.size());
            written.add(bytes);
            writer.write(bytes);
            node.run(200 * SimNode.MILLIS);
            node.sync();
            assertThat(written.size()).isLessThan(40);
        }
        return written;
    }

    private static byte[] all(List<byte[]> parts) {
        byte[] all = new byte[parts.stream().mapToInt(part -> part.length).sum()];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    @Test
    void readingStopsAndGoesOn() throws Exception {
        node.start();
        SimFiles.Writer writer = files.open(LIVE);
        List<byte[]> written = fill(writer);
        long read = node.tail().standing().bytesRead();
        written.add(noise(3_000_000, 99));
        writer.write(written.getLast());
        node.run(20 * SimNode.SECOND);
        assertThat(node.tail().standing().bytesRead()).isEqualTo(read);
        assertThat(node.tail().standing().caughtUp()).isFalse();
        Rebuilt rebuilt = settled();
        assertBytes(rebuilt.bytesOf(LIVE), all(written));
        assertThat(rebuilt.gaps()).isEmpty();
        assertThat(rebuilt.events(EventKind.BLOCKED)).hasSize(1);
        assertThat(rebuilt.events(EventKind.RESUMED)).hasSize(1);
        assertThat(node.tail().standing().blocked()).isFalse();
        assertThat(node.tail().standing().caughtUp()).isTrue();
    }

    @Test
    void whatIsDeletedMeanwhileIsHeldAndReadLater() throws Exception {
        node.start();
        List<byte[]> written = fill(files.open(LIVE));
        for (int i = 0; i < 300; i++) {
            String pod = PODS + "/ns_short-" + i + "_uid";
            files.mkdirs(pod + "/app");
            SimFiles.Writer writer = files.open(pod + "/app/0.log");
            writer.write(noise(5_000, i));
            node.run(50 * SimNode.MILLIS);
            writer.close();
            files.removeTree(pod);
        }
        node.run(30 * SimNode.SECOND);
        assertThat(kernel.openDescriptors()).isEqualTo(301);
        Rebuilt rebuilt = settled();
        assertBytes(rebuilt.bytesOf(LIVE), all(written));
        for (int i = 0; i < 300; i++) {
            assertBytes(rebuilt.bytesOf(PODS + "/ns_short-" + i + "_uid/app/0.log"), noise(5_000, i));
        }
        assertThat(rebuilt.gaps()).isEmpty();
        assertThat(kernel.openDescriptors()).isEqualTo(1);
    }

    @Test
    void anAgentThatEndsWhileItIsBlockedReadsTheRestWhenItComesBack() throws Exception {
        node.start();
        SimFiles.Writer writer = files.open(LIVE);
        List<byte[]> written = fill(writer);
        assertThat(node.stop()).isFalse();
        written.add(bytes("meanwhile\n"));
        writer.write(written.getLast());
        node.start().run(5 * SimNode.SECOND);
        assertThat(node.tail().standing().blocked()).isTrue();
        Rebuilt rebuilt = settled();
        assertBytes(rebuilt.bytesOf(LIVE), all(written));
        assertThat(rebuilt.of(LIVE)).hasSize(1);
    }

    @Test
    void aFloodOfFilesWhileItIsBlockedIsBounded() throws Exception {
        node.followAtMost(100_000);
        node.start();
        List<byte[]> written = fill(files.open(LIVE));
        for (int i = 0; i < 2000; i++) {
            files.write("%s/%s-%04d.log".formatted(CONTAINER, "f".repeat(200), i), bytes("file " + i + "\n"));
        }
        node.run(5 * SimNode.SECOND);
        Rebuilt rebuilt = settled();
        assertBytes(rebuilt.bytesOf(LIVE), all(written));
        assertThat(rebuilt.report().holds()).isTrue();
        // What takes part of a segment that restates is bounded by the ring's extents, and so is their number.
        assertThat(rebuilt.files()).hasSizeBetween(500, 1_900);
        assertThat(complaints(rebuilt)).hasSize(1);
    }

    /** Reading and sealing go round by round: no file waits for another to be read to its end. */
    @Test
    void aFloodInOneFileDoesNotKeepTheOthersWaiting() throws Exception {
        SimFiles.Writer flood = files.open(CONTAINER + "/flood.log");
        SimFiles.Writer quiet = files.open(CONTAINER + "/quiet.log");
        quiet.write(bytes("begun\n"));
        flood.write(noise(8_000_000, 1));
        node.start();
        for (int i = 0; i < 100; i++) {
            flood.write(noise(300_000, i));
            if (i % 10 == 5) {
                quiet.write(bytes("quiet " + i + "\n"));
            }
            node.turn();
            node.pass(60 * SimNode.MILLIS);
            node.sync();
            node.ship();
        }
        Rebuilt meanwhile = Rebuilt.from(node.collected());
        assertThat(meanwhile.of(CONTAINER + "/quiet.log").getFirst().text()).contains("quiet 85\n");
    }

    @Test
    void aFloodOfNamesDoesNotKeepTheFilesWaiting() throws Exception {
        node.followAtMost(5000);
        SimFiles.Writer writer = files.open(LIVE);
        for (int i = 0; i < 500; i++) {
            files.write(CONTAINER + "/old-" + i + ".log", bytes("old\n"));
        }
        node.start().run(10 * SimNode.SECOND);
        writer.write(noise(20_000_000, 1));
        for (int i = 0; i < 40; i++) {
            files.write(CONTAINER + "/new-" + i + ".log", bytes("new\n"));
            node.turn();
            node.pass(5 * SimNode.MILLIS);
            node.sync();
            node.ship();
        }
        assertThat(node.tail().standing().bytesRead()).isGreaterThan(19_000_000);
    }
}
