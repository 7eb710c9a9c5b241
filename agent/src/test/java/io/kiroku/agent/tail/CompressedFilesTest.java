package io.kiroku.agent.tail;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.agent.simulation.Rebuilt;
import io.kiroku.agent.simulation.SimFiles;
import io.kiroku.agent.simulation.SimInode;
import io.kiroku.agent.simulation.SimNode;
import io.kiroku.evidence.record.Entry.GapCause;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Files that the agent could not read as long as they were plain. */
class CompressedFilesTest extends OnANode {
    private static final String LATER = LIVE + ".20250101-000002";

    private List<String> captured(Rebuilt rebuilt) {
        return rebuilt.of(LIVE).stream().map(Rebuilt.File::text).toList();
    }

    private SimFiles.Writer rotate(SimFiles.Writer writer, String rotated) {
        files.rename(LIVE, rotated);
        writer.close();
        return files.open(LIVE);
    }

    /** A rotated file that the agent may not open, and a live one that it follows. */
    private SimFiles.Writer refused() throws Exception {
        SimFiles.Writer writer = files.open(LIVE);
        writer.write(bytes("refused\n"));
        writer.inode().deny(true);
        writer = rotate(writer, ROTATED);
        writer.write(bytes("followed\n"));
        node.start().run(3 * SimNode.SECOND);
        return writer;
    }

    @Test
    void whatCouldNotBeOpenedIsReadOnceItIsCompressed() throws Exception {
        refused();
        files.gzip(ROTATED);
        Rebuilt rebuilt = settled();
        assertThat(captured(rebuilt)).containsExactlyInAnyOrder("refused\n", "followed\n");
        assertThat(rebuilt.gaps()).isEmpty();
    }

    @Test
    void whatCouldNotBeOpenedAndWasCompressedWhileNoAgentRanIsReadByTheNext() throws Exception {
        SimFiles.Writer writer = refused();
        node.sync();
        node.kill();
        node.pass(SimNode.SECOND);
        files.gzip(ROTATED);
        rotate(writer, LATER).write(bytes("newest\n"));
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(captured(rebuilt)).containsExactlyInAnyOrder("refused\n", "followed\n", "newest\n");
        assertThat(rebuilt.gaps()).isEmpty();
        node.kill();
        node.start();
        assertThat(captured(settled())).as("after another restart").hasSize(3);
    }

    @Test
    void whatCouldNotBeOpenedIsAGapWhenAnotherFileTakesItsInode() throws Exception {
        SimFiles.Writer writer = refused();
        SimInode refused = files.at(ROTATED);
        files.unlink(ROTATED);
        SimFiles.Writer another = rotate(writer, LATER);
        assertThat(another.inode().number()).as("the number is used again").isEqualTo(refused.number());
        another.write(bytes("another\n"));
        Rebuilt rebuilt = settled();
        assertThat(captured(rebuilt)).contains("followed\n", "another\n");
        assertThat(rebuilt.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.cause()).isEqualTo(GapCause.READ_ERROR);
            assertThat(gap.detail()).contains(ROTATED).contains("Permission denied");
        });
    }

    @Test
    void anAgentThatIsHeldUpForARotationAndItsCompressionReadsWhatWasCompressed() throws Exception {
        files.open(LIVE).write(bytes("the container before\n"));
        node.start().run(2 * SimNode.SECOND);
        kernel.limitEvents(1);
        String next = CONTAINER + "/1.log";
        for (int i = 1; i <= 3; i++) {
            SimFiles.Writer writer = files.open(next);
            writer.write(bytes("file %d\n".formatted(i)));
            writer.close();
            files.rename(next, next + ".20250101-00000" + i);
            node.pass(20 * SimNode.SECOND);
        }
        files.gzip(next + ".20250101-000001");
        files.gzip(next + ".20250101-000002");
        files.open(next).write(bytes("file 4\n"));
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(next).stream().map(Rebuilt.File::text))
                .containsExactly("file 1\n", "file 2\n", "file 3\n", "file 4\n");
        assertThat(rebuilt.gaps()).isEmpty();
    }

    @Test
    void aFileThatWasRotatedAndCompressedBetweenTwoLooksIsNotReadAgain() throws Exception {
        SimFiles.Writer writer = files.open(LIVE);
        writer.write(bytes("followed\n"));
        node.start().run(2 * SimNode.SECOND);
        writer = rotate(writer, ROTATED);
        files.gzip(ROTATED);
        writer.write(bytes("next\n"));
        assertThat(captured(settled())).containsExactly("followed\n", "next\n");
        node.kill();
        node.start();
        assertThat(captured(settled())).as("after a restart").containsExactly("followed\n", "next\n");
    }

    @Test
    void whatWasCapturedIsNoGapIfItCannotBeOpenedOnceItIsCompressed() throws Exception {
        SimFiles.Writer writer = files.open(LIVE);
        writer.write(bytes("captured\n"));
        node.start().run(2 * SimNode.SECOND);
        rotate(writer, ROTATED);
        node.run(SimNode.SECOND);
        files.gzip(ROTATED);
        files.at(ROTATED + ".gz").deny(true);
        assertThat(settled().gaps()).isEmpty();
    }

    @Test
    void aRotatedFileMayHaveTheNameThatACompressedOneHadBefore() throws Exception {
        SimFiles.Writer writer = files.open(LIVE);
        writer.write(bytes("in the first run\n"));
        node.start().run(2 * SimNode.SECOND);
        node.sync();
        node.kill();
        writer = rotate(writer, ROTATED);
        writer.write(bytes("compressed\n"));
        files.gzip(ROTATED);
        writer = rotate(writer, LATER);
        files.gzip(LATER);
        writer.write(bytes("of the same second\n"));
        writer = rotate(writer, LATER);
        writer.write(bytes("live\n"));
        node.start();
        assertThat(captured(settled()))
                .containsExactly("in the first run\n", "compressed\n", "of the same second\n", "live\n");
    }

    /** Rotated several times a second, all plain files may be gone by their names when the agent comes back. */
    @Test
    void whatWasCapturedIsNotReadAgainThoughAllThatIsKnownIsGone() throws Exception {
        SimFiles.Writer writer = files.open(LIVE);
        writer.write(bytes("captured\n"));
        node.start().run(2 * SimNode.SECOND);
        writer = rotate(writer, ROTATED);
        node.run(SimNode.SECOND);
        files.gzip(ROTATED);
        node.pass(SimNode.SECOND);
        writer = rotate(writer, LATER);
        writer.write(bytes("pinned\n"));
        node.run(3 * SimNode.SECOND);
        node.sync();
        node.kill();
        files.unlink(LATER);
        writer = rotate(writer, LATER);
        files.unlink(LATER);
        writer.write(bytes("new\n"));
        node.start();
        assertThat(captured(settled()).stream().filter(text -> !text.isEmpty()))
                .containsExactly("captured\n", "pinned\n", "new\n");
    }

    /** The kubelet's names collide within a second, and file systems give out the lowest free inode. */
    @Test
    void aCompressedFileIsAnotherThoughNameAndInodeAreThoseOfTheOneBefore() throws Exception {
        List<String> others = List.of(CONTAINER + "/other-1", CONTAINER + "/other-2");
        others.forEach(other -> files.write(other, bytes("takes a low inode\n")));
        SimFiles.Writer writer = files.open(LIVE);
        writer.write(bytes("first\n"));
        node.start().run(2 * SimNode.SECOND);
        writer = rotate(writer, ROTATED);
        files.gzip(ROTATED);
        writer.write(bytes("second\n"));
        node.run(3 * SimNode.SECOND);
        SimInode before = files.at(ROTATED + ".gz");
        kernel.limitEvents(1);
        for (int i = 0; i < others.size(); i++) {
            node.pass(SimNode.SECOND);
            files.unlink(others.get(i));
            writer = rotate(writer, ROTATED);
            files.gzip(ROTATED);
            writer.write(bytes("next %d\n".formatted(i)));
        }
        SimInode after = files.at(ROTATED + ".gz");
        assertThat(after).isNotSameAs(before);
        assertThat(after.number()).as("inode").isEqualTo(before.number());
        assertThat(captured(settled())).containsExactlyInAnyOrder("first\n", "second\n", "next 0\n", "next 1\n");
    }

    /** Rotated while a directory is looked at, a file is found by what was compressed of it, after others. */
    @Test
    void filesAreCapturedInTheOrderInWhichTheyWereWrittenWheneverTheyAreRotated() throws Exception {
        for (int at = 1; at < 60; at++) {
            makeNode();
            SimFiles.Writer writer = files.open(LIVE);
            writer.write(bytes("one\n"));
            rotate(writer, ROTATED).write(bytes("two\n"));
            long rotateAt = kernel.calls() + at;
            kernel.meanwhile(() -> {
                if (kernel.calls() == rotateAt) {
                    files.gzip(ROTATED);
                    files.rename(LIVE, ROTATED);
                    files.open(LIVE).write(bytes("three\n"));
                }
            });
            node.start();
            assertThat(captured(settled()))
                    .as("rotated before call %d", at)
                    .containsExactly("one\n", "two\n", "three\n");
        }
    }

    @Test
    void aCompressedFileWhosePlainOneIsStillThereIsNotReadAsWell() throws Exception {
        SimFiles.Writer writer = files.open(LIVE);
        writer.write(bytes("both\n"));
        SimInode plain = writer.inode();
        writer = rotate(writer, ROTATED);
        writer.write(bytes("live\n"));
        files.gzip(ROTATED);
        files.write(ROTATED, plain.content());
        node.start();
        assertThat(captured(settled())).containsExactly("both\n", "live\n");
    }
}
