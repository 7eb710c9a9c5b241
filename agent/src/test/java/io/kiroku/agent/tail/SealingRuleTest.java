package io.kiroku.agent.tail;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.agent.simulation.Rebuilt;
import io.kiroku.agent.simulation.SimFiles;
import io.kiroku.agent.simulation.SimNode;
import io.kiroku.evidence.segment.Segment;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a segment is sealed: full, 16 KiB and 100 ms after the last, 1 s old, at once when a file in it ended, empty after 10 s. */
class SealingRuleTest extends OnANode {
    private SimFiles.Writer writer;
    private int before;

    /** An agent that has said its first words. */
    @BeforeEach
    void startQuietly() throws Exception {
        writer = files.open(LIVE);
        writer.write(bytes("begun\n"));
        node.start().run(5 * SimNode.SECOND);
        before = sealed().size();
    }

    private List<Segment> sealed() throws Exception {
        node.sync();
        node.ship();
        return Rebuilt.from(node.collected()).segments();
    }

    private List<Segment> newlySealed() throws Exception {
        List<Segment> all = sealed();
        return all.subList(before, all.size());
    }

    @Test
    void aLittleIsSealedAfterASecond() throws Exception {
        writer.write(bytes("a line\n"));
        node.run(900 * SimNode.MILLIS);
        assertThat(newlySealed()).isEmpty();
        node.run(200 * SimNode.MILLIS);
        assertThat(newlySealed()).hasSize(1);
    }

    @Test
    void theSecondBeginsWithTheFirstByte() throws Exception {
        node.run(5 * SimNode.SECOND - 300 * SimNode.MILLIS);
        writer.write(bytes("a line\n"));
        node.run(700 * SimNode.MILLIS);
        for (int i = 0; i < 10; i++) {
            writer.write(bytes("more\n"));
            node.run(30 * SimNode.MILLIS);
        }
        node.run(100 * SimNode.MILLIS);
        assertThat(newlySealed()).hasSize(1);
    }

    @Test
    void sixteenKibibytesAreSealedAtTheNextLook() throws Exception {
        writer.write(noise(16 << 10, 1));
        node.run(60 * SimNode.MILLIS);
        assertThat(newlySealed())
                .singleElement()
                .satisfies(segment -> assertThat(segment.header().rawLength()).isEqualTo(16 << 10));
    }

    @Test
    void noSegmentOfSixteenKibibytesIsSealedWithinATenthOfASecondOfTheLast() throws Exception {
        for (int i = 0; i < 100; i++) {
            writer.write(noise(16 << 10, i));
            node.run(10 * SimNode.MILLIS);
        }
        List<Segment> sealed = newlySealed();
        assertThat(sealed).hasSizeBetween(5, 11);
        for (int i = 1; i < sealed.size(); i++) {
            long passed = sealed.get(i).header().sealed().bootNanos()
                    - sealed.get(i - 1).header().sealed().bootNanos();
            assertThat(passed).isGreaterThanOrEqualTo(100 * SimNode.MILLIS);
        }
    }

    @Test
    void lessThanThatWaits() throws Exception {
        writer.write(noise((16 << 10) - 1, 1));
        node.run(800 * SimNode.MILLIS);
        assertThat(newlySealed()).isEmpty();
    }

    @Test
    void aFullOneIsSealedAtOnce() throws Exception {
        writer.write(noise(5 << 20, 1));
        node.run(60 * SimNode.MILLIS);
        assertThat(newlySealed())
                .hasSizeBetween(4, 5)
                .allSatisfy(
                        segment -> assertThat(segment.header().rawLength()).isBetween((1 << 20) - (16 << 10), 1 << 20));
    }

    @Test
    void theEndOfAFileIsSealedAtOnce() throws Exception {
        writer.write(bytes("last\n"));
        writer.close();
        files.removeTree(POD);
        node.run(110 * SimNode.MILLIS);
        assertThat(newlySealed()).hasSize(1);
        assertThat(Rebuilt.from(node.collected()).of(LIVE).getFirst().ended()).isTrue();
    }

    @Test
    void silenceIsSealedEveryTenSeconds() throws Exception {
        node.run(60 * SimNode.SECOND);
        List<Segment> heartbeats = newlySealed();
        assertThat(heartbeats).hasSize(6).allSatisfy(segment -> {
            assertThat(segment.header().rawLength()).isZero();
            assertThat(segment.header().manifestLength()).isZero();
        });
        for (int i = 1; i < heartbeats.size(); i++) {
            long passed = heartbeats.get(i).header().sealed().bootNanos()
                    - heartbeats.get(i - 1).header().sealed().bootNanos();
            assertThat(passed).isBetween(10 * SimNode.SECOND, 10 * SimNode.SECOND + 50 * SimNode.MILLIS);
        }
    }

    @Test
    void aSegmentSaysWhenItWasSealedOnBothClocks() throws Exception {
        node.stepWallClock(7200 * SimNode.SECOND);
        writer.write(bytes("a line\n"));
        node.run(1100 * SimNode.MILLIS);
        assertThat(newlySealed()).singleElement().satisfies(segment -> {
            assertThat(node.bootNanos() - segment.header().sealed().bootNanos()).isBetween(0L, 200 * SimNode.MILLIS);
            assertThat(node.wallNanos() - segment.header().sealed().wallNanos()).isBetween(0L, 200 * SimNode.MILLIS);
        });
    }

    @Test
    void everyExtentBeginsWithAllThatIsFollowed() throws Exception {
        for (int i = 0; i < 20; i++) {
            files.write(CONTAINER + "/" + i + ".log", noise(40_000, i));
        }
        for (int i = 0; i < 30; i++) {
            writer.write(noise(900_000, i));
            node.run(SimNode.SECOND);
            node.sync();
            node.ship();
        }
        long first = node.ring().newestRestating();
        Rebuilt rebuilt = settled();
        List<Segment> restating = rebuilt.segments().stream()
                .filter(segment -> segment.header().restates())
                .toList();
        assertThat(restating).hasSizeGreaterThan(5);
        assertThat(restating).extracting(segment -> segment.header().sequence()).contains(first);
        assertThat(rebuilt.epochs()).hasSameSizeAs(restating);
        assertThat(rebuilt.report().counts().epochs()).isEqualTo(1);
    }
}
