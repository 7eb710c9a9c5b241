package io.kiroku.agent.tail;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.agent.simulation.Rebuilt;
import io.kiroku.agent.simulation.SimFiles;
import io.kiroku.agent.simulation.SimInode;
import io.kiroku.agent.simulation.SimNode;
import io.kiroku.evidence.record.Entry.EventKind;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Files as the kubelet and the runtime treat them. */
class RotationTest extends OnANode {
    @Test
    void aPodIsCapturedFromItsFirstByteToItsLast() throws Exception {
        node.start().run(SimNode.SECOND);
        files.mkdirs(PODS + "/ns_other_uid/app");
        SimFiles.Writer writer = files.open(PODS + "/ns_other_uid/app/0.log");
        writer.write(bytes("first\n"));
        node.run(SimNode.SECOND);
        writer.write(bytes("last\n"));
        writer.close();
        files.removeTree(PODS + "/ns_other_uid");
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.files()).singleElement().satisfies(file -> {
            assertThat(file.text()).isEqualTo("first\nlast\n");
            assertThat(file.ended()).isTrue();
            assertThat(file.gap()).isNull();
        });
        assertThat(rebuilt.events(EventKind.DELETED)).hasSize(1);
        assertThat(kernel.openDescriptors()).isZero();
    }

    @Test
    void rotationAsTheKubeletDoesIt() throws Exception {
        node.start();
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        SimFiles.Writer writer = files.open(LIVE);
        for (int round = 1; round <= 6; round++) {
            byte[] before = noise(30_000, round);
            writer.write(before);
            node.run(400 * SimNode.MILLIS);
            String rotated = "%s.20250101-%06d".formatted(LIVE, round);
            files.rename(LIVE, rotated);
            node.run(round * 30L * SimNode.MILLIS);
            byte[] late = bytes("written to the renamed file in round " + round + "\n");
            writer.write(late);
            writer.close();
            writer = files.open(LIVE);
            written.writeBytes(before);
            written.writeBytes(late);
            if (round > 1) {
                files.gzip("%s.20250101-%06d".formatted(LIVE, round - 1));
            }
            if (round > 3) {
                files.unlink("%s.20250101-%06d.gz".formatted(LIVE, round - 3));
            }
        }
        Rebuilt rebuilt = settled();
        assertBytes(rebuilt.bytesOf(LIVE), written.toByteArray());
        assertThat(rebuilt.of(LIVE)).hasSize(7);
        assertThat(rebuilt.files()).hasSize(7);
        assertThat(rebuilt.gaps()).isEmpty();
        assertThat(rebuilt.events(EventKind.ROTATED)).hasSize(6);
        assertThat(rebuilt.events(EventKind.ENDED)).hasSize(5);
    }

    @Test
    void severalRotationsBetweenTwoTurns() throws Exception {
        node.start();
        SimFiles.Writer writer = files.open(LIVE);
        writer.write(bytes("0\n"));
        node.run(SimNode.SECOND);
        for (int i = 1; i <= 5; i++) {
            files.rename(LIVE, "%s.20250101-%06d".formatted(LIVE, i));
            writer.write(bytes("late in " + i + "\n"));
            writer.close();
            writer = files.open(LIVE);
            writer.write(bytes(i + "\n"));
        }
        Rebuilt rebuilt = settled();
        assertThat(new String(rebuilt.bytesOf(LIVE), StandardCharsets.UTF_8))
                .isEqualTo("0\nlate in 1\n1\nlate in 2\n2\nlate in 3\n3\nlate in 4\n4\nlate in 5\n5\n");
        assertThat(rebuilt.of(LIVE)).hasSize(6);
    }

    @Test
    void whatWasOpenedIsReadAfterItsDeletion() throws Exception {
        node.start();
        SimFiles.Writer writer = files.open(LIVE);
        byte[] content = noise(3_000_000, 9);
        writer.write(content);
        node.turn();
        writer.close();
        files.removeTree(POD);
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE)).singleElement().satisfies(file -> {
            assertBytes(file, content);
            assertThat(file.ended()).isTrue();
        });
        assertThat(kernel.openDescriptors()).isZero();
    }

    @Test
    void aDeletedFileEndsWithItsLastWriter() throws Exception {
        node.start();
        SimFiles.Writer writer = files.open(LIVE);
        writer.write(bytes("a\n"));
        node.run(SimNode.SECOND);
        files.removeTree(POD);
        node.run(20 * SimNode.SECOND);
        writer.write(bytes("b\n"));
        node.run(20 * SimNode.SECOND);
        assertThat(sound(settledSoFar()).of(LIVE).getFirst().ended()).isFalse();
        writer.write(bytes("c\n"));
        writer.close();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE)).singleElement().satisfies(file -> {
            assertThat(file.text()).isEqualTo("a\nb\nc\n");
            assertThat(file.ended()).isTrue();
        });
    }

    private Rebuilt settledSoFar() throws Exception {
        return Rebuilt.from(node.settle());
    }

    /** Linux tells of the close before it counts one writer less. */
    @Test
    void theEndIsSeenAlsoIfTheWriterIsCountedForAWhile() throws Exception {
        node.start();
        files.releaseWritersLate();
        SimFiles.Writer writer = files.open(LIVE);
        writer.write(bytes("a\n"));
        node.run(SimNode.SECOND);
        files.removeTree(POD);
        node.run(10 * SimNode.SECOND);
        writer.close();
        node.turn();
        node.turn();
        assertThat(settled().of(LIVE).getFirst().ended()).isTrue();
        assertThat(kernel.openDescriptors()).isZero();
    }

    /** Between any two calls of the agent, such as its question for writers and the watch it places then. */
    @Test
    void theEndIsSeenWheneverItComes() throws Exception {
        int reached = Integer.MAX_VALUE;
        for (int at = 1; at <= reached; at++) {
            makeNode();
            node.start();
            SimFiles.Writer writer = files.open(LIVE);
            writer.write(bytes("a\n"));
            node.run(SimNode.SECOND);
            files.removeTree(POD);
            int[] calls = {0};
            int closeAt = at;
            kernel.meanwhile(() -> {
                if (++calls[0] == closeAt) {
                    writer.close();
                }
            });
            node.run(8 * SimNode.SECOND);
            reached = calls[0];
            assertThat(kernel.openDescriptors()).as("closed at call " + at).isEqualTo(at <= reached ? 0 : 1);
        }
        assertThat(reached).isGreaterThan(50);
    }

    @Test
    void withoutLeasesADeletedFileEndsAfterTenQuietSeconds() throws Exception {
        kernel.withoutLeases();
        node.start();
        SimFiles.Writer writer = files.open(LIVE);
        writer.write(bytes("a\n"));
        node.run(SimNode.SECOND);
        files.removeTree(POD);
        node.run(8 * SimNode.SECOND);
        assertThat(kernel.openDescriptors()).isEqualTo(1);
        writer.write(bytes("b\n"));
        node.run(9 * SimNode.SECOND);
        assertThat(kernel.openDescriptors()).isEqualTo(1);
        node.run(2 * SimNode.SECOND);
        assertThat(kernel.openDescriptors()).isZero();
        assertThat(settled().of(LIVE))
                .singleElement()
                .satisfies(file -> assertThat(file.text()).isEqualTo("a\nb\n"));
    }

    @Test
    void anInodeThatIsUsedAgainIsAnotherFile() throws Exception {
        node.withoutPins();
        node.start();
        SimInode first = files.write(LIVE, bytes("first\n"));
        node.run(SimNode.SECOND);
        files.unlink(LIVE);
        node.run(SimNode.SECOND);
        SimInode second = files.write(LIVE, bytes("second\n"));
        assertThat(second.number()).isEqualTo(first.number());
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE)).extracting(Rebuilt.File::text).containsExactly("first\n", "second\n");
    }

    @Test
    void aFileThatTakesTheNameOfAnotherIsAnother() throws Exception {
        node.start();
        files.write(LIVE, bytes("old\n"));
        node.run(SimNode.SECOND);
        files.write(CONTAINER + "/new.tmp", bytes("new\n"));
        files.rename(CONTAINER + "/new.tmp", LIVE);
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE)).extracting(Rebuilt.File::text).containsExactly("old\n", "new\n");
        assertThat(rebuilt.of(LIVE).getFirst().ended()).isTrue();
    }

    @Test
    void twoFilesThatSwapTheirNamesStayThemselves() throws Exception {
        node.start();
        SimFiles.Writer a = files.open(CONTAINER + "/a.log");
        SimFiles.Writer b = files.open(CONTAINER + "/b.log");
        a.write(bytes("a\n"));
        b.write(bytes("b\n"));
        node.run(SimNode.SECOND);
        files.rename(CONTAINER + "/a.log", CONTAINER + "/c");
        files.rename(CONTAINER + "/b.log", CONTAINER + "/a.log");
        files.rename(CONTAINER + "/c", CONTAINER + "/b.log");
        a.write(bytes("more a\n"));
        b.write(bytes("more b\n"));
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.files()).extracting(Rebuilt.File::text).containsExactly("a\nmore a\n", "b\nmore b\n");
        assertThat(rebuilt.events(EventKind.ROTATED)).hasSize(2);
    }

    @Test
    void aFileThatMovesWithItsPodStaysTheSame() throws Exception {
        node.start();
        SimFiles.Writer writer = files.open(LIVE);
        writer.write(bytes("a\n"));
        node.run(SimNode.SECOND);
        files.rename(POD, PODS + "/ns_moved_uid");
        node.run(SimNode.SECOND);
        writer.write(bytes("b\n"));
        files.rename(PODS + "/ns_moved_uid/app/0.log", PODS + "/ns_moved_uid/app/0.log.20250101-000001");
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.files())
                .singleElement()
                .satisfies(file -> assertThat(file.text()).isEqualTo("a\nb\n"));
        assertThat(rebuilt.events(EventKind.ROTATED))
                .extracting(event -> event.detail())
                .containsExactly(PODS + "/ns_moved_uid/app/0.log", PODS + "/ns_moved_uid/app/0.log.20250101-000001");
    }

    @Test
    void aFileMovedOutOfTheTreeIsFollowedToItsEnd() throws Exception {
        node.start();
        files.mkdirs("/archive");
        SimFiles.Writer writer = files.open(LIVE);
        writer.write(bytes("a\n"));
        node.run(SimNode.SECOND);
        files.rename(LIVE, "/archive/old");
        node.run(SimNode.SECOND);
        writer.write(bytes("b\n"));
        writer.close();
        node.run(SimNode.SECOND);
        files.unlink("/archive/old");
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE)).singleElement().satisfies(file -> {
            assertThat(file.text()).isEqualTo("a\nb\n");
            assertThat(file.ended()).isTrue();
        });
        assertThat(kernel.openDescriptors()).isZero();
    }

    @Test
    void rotatedFilesThatWereThereBeforeAreReadFirst() throws Exception {
        files.write(LIVE, bytes("live\n"));
        files.write(LIVE + ".20250101-000002", bytes("second\n"));
        files.write(LIVE + ".20250101-000001", bytes("first\n"));
        files.write(LIVE + ".20241231-000000", bytes("compressed\n"));
        files.gzip(LIVE + ".20241231-000000");
        files.write(LIVE + ".20250101-000002.tmp", bytes("unfinished"));
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE))
                .extracting(Rebuilt.File::text)
                .containsExactly("compressed\n", "first\n", "second\n", "live\n");
        assertThat(rebuilt.files()).hasSize(4);
    }

    @Test
    void whateverIsInAFileIsCapturedAsItIs() throws Exception {
        node.start();
        files.write(CONTAINER + "/empty.log", new byte[0]);
        files.write(CONTAINER + "/nuls.log", new byte[70_000]);
        byte[] line = noise(5_000_000, 3);
        for (int i = 0; i < line.length; i++) {
            line[i] = line[i] == '\n' ? (byte) 'x' : line[i];
        }
        files.write(CONTAINER + "/line.log", line);
        files.write(CONTAINER + "/unended.log", bytes("no newline"));
        byte[] mixed = new byte[500_000];
        mixed[250_000] = '\n';
        files.write(CONTAINER + "/mixed.log", mixed);
        Rebuilt rebuilt = settled();
        assertBytes(rebuilt.bytesOf(CONTAINER + "/empty.log"), new byte[0]);
        assertBytes(rebuilt.bytesOf(CONTAINER + "/nuls.log"), new byte[70_000]);
        assertBytes(rebuilt.bytesOf(CONTAINER + "/line.log"), line);
        assertBytes(rebuilt.bytesOf(CONTAINER + "/unended.log"), bytes("no newline"));
        assertBytes(rebuilt.bytesOf(CONTAINER + "/mixed.log"), mixed);
        assertThat(rebuilt.files()).hasSize(5);
    }

    @Test
    void aHardLinkIsTheSameFile() throws Exception {
        node.start();
        SimFiles.Writer writer = files.open(LIVE);
        writer.write(bytes("a\n"));
        files.link(LIVE, CONTAINER + "/same.log");
        files.mkdirs(POD + "/other");
        files.link(LIVE, POD + "/other/0.log");
        node.run(3 * SimNode.SECOND);
        files.unlink(LIVE);
        node.run(3 * SimNode.SECOND);
        writer.write(bytes("b\n"));
        node.run(3 * SimNode.SECOND);
        files.unlink(CONTAINER + "/same.log");
        writer.write(bytes("c\n"));
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.files())
                .singleElement()
                .satisfies(file -> assertThat(file.text()).isEqualTo("a\nb\nc\n"));
        assertThat(kernel.openDescriptors()).isEqualTo(1);
    }
}
