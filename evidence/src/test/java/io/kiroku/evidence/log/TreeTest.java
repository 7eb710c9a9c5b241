package io.kiroku.evidence.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.Dice;
import io.kiroku.evidence.Property;
import io.kiroku.evidence.record.Octets;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TreeTest {
    /** Beyond a full tile of the second level's first hash, so that every kind of tile is there. */
    private static final int MOST = 300;

    @Test
    void rootsAndProofsOfEverySizeAreThoseOfTheDefinition() throws Exception {
        MemoryLog log = new MemoryLog();
        for (int size = 0; size <= MOST; size++) {
            if (size > 0) {
                log.append(MemoryLog.entry(size)).publish();
            }
            List<Octets> leaves = log.leaves();
            TreeReader tree = log.reader();
            assertThat(log.edge().root()).isEqualTo(DefinedTree.root(leaves));
            assertThat(tree.root(size)).isEqualTo(log.edge().root());
            assertThat(tree.edge().root()).isEqualTo(log.edge().root());
            for (int other = 1; other <= size; other += size < 40 ? 1 : 23) {
                assertThat(tree.inclusion(other - 1, size)).isEqualTo(DefinedTree.inclusion(other - 1, leaves));
                assertThat(tree.consistency(other, size)).isEqualTo(DefinedTree.consistency(other, leaves));
                assertThat(tree.leafHash(other - 1)).isEqualTo(leaves.get(other - 1));
            }
        }
    }

    @Test
    void everyProofHolds() throws Exception {
        TreeReader tree = MemoryLog.of(MOST).reader();
        for (int size = 1; size <= MOST; size += size < 70 ? 1 : 19) {
            Octets root = tree.root(size);
            for (int index = 0; index < size; index++) {
                List<Octets> path = tree.inclusion(index, size);
                assertThat(ProofCheck.inclusion(index, size, tree.leafHash(index), path, root))
                        .as("entry %d of %d", index, size)
                        .isTrue();
                assertThat(ProofCheck.consistency(
                                index + 1, size, tree.root(index + 1), root, tree.consistency(index + 1, size)))
                        .as("from %d to %d", index + 1, size)
                        .isTrue();
            }
        }
    }

    private record Inclusion(long index, long size, Octets leaf, List<Octets> path, Octets root) {
        boolean holds() {
            return ProofCheck.inclusion(index, size, leaf, path, root);
        }
    }

    private record Consistency(long from, long to, Octets fromRoot, Octets toRoot, List<Octets> path) {
        boolean holds() {
            return ProofCheck.consistency(from, to, fromRoot, toRoot, path);
        }
    }

    /** Flipped, cut, grown, emptied: never the same path. */
    private static List<Octets> spoil(Dice dice, List<Octets> path) {
        List<Octets> out = new ArrayList<>(path);
        int at = path.isEmpty() ? 0 : dice.below(path.size());
        switch (path.isEmpty() ? 0 : dice.below(6)) {
            case 0 -> out.add(dice.between(0, path.size()), dice.octets(MerkleTree.HASH));
            case 1 -> out.remove(at);
            case 2 -> out.clear();
            case 3 -> out.add(out.get(at));
            case 4 -> out.set(at, dice.octets(dice.below(MerkleTree.HASH)));
            default -> out.set(at, flip(dice, out.get(at)));
        }
        return out;
    }

    private static Octets flip(Dice dice, Octets hash) {
        byte[] bytes = hash.toArray();
        bytes[dice.below(bytes.length)] ^= (byte) (1 << dice.below(8));
        return Octets.of(bytes);
    }

    @Test
    void spoiledInclusionsAreFalse() throws Exception {
        TreeReader tree = MemoryLog.of(MOST).reader();
        Property.holdsForSomeTime(dice -> {
            int size = dice.between(1, MOST);
            int index = dice.below(size);
            Inclusion valid =
                    new Inclusion(index, size, tree.leafHash(index), tree.inclusion(index, size), tree.root(size));
            assertThat(valid.holds()).isTrue();
            Inclusion spoiled = switch (dice.below(4)) {
                case 0 -> new Inclusion(index, size, flip(dice, valid.leaf), valid.path, valid.root);
                case 1 -> new Inclusion(index, size, valid.leaf, valid.path, flip(dice, valid.root));
                case 2 -> new Inclusion(otherThan(index, dice), size, valid.leaf, valid.path, valid.root);
                default -> new Inclusion(index, size, valid.leaf, spoil(dice, valid.path), valid.root);
            };
            assertThat(spoiled.holds()).as("%s", spoiled).isFalse();
        });
    }

    @Test
    void spoiledConsistenciesAreFalse() throws Exception {
        TreeReader tree = MemoryLog.of(MOST).reader();
        Property.holdsForSomeTime(dice -> {
            int to = dice.between(1, MOST);
            int from = dice.between(1, to);
            Consistency valid = new Consistency(from, to, tree.root(from), tree.root(to), tree.consistency(from, to));
            assertThat(valid.holds()).isTrue();
            Consistency spoiled = switch (dice.below(3)) {
                case 0 -> new Consistency(from, to, flip(dice, valid.fromRoot), valid.toRoot, valid.path);
                case 1 -> new Consistency(from, to, valid.fromRoot, flip(dice, valid.toRoot), valid.path);
                default -> new Consistency(from, to, valid.fromRoot, valid.toRoot, spoil(dice, valid.path));
            };
            assertThat(spoiled.holds()).as("%s", spoiled).isFalse();
        });
    }

    private static long otherThan(long number, Dice dice) {
        long other = dice.oneIn(2) ? dice.number() : dice.below(MOST);
        return other == number ? number + 1 : other;
    }

    @Test
    void whateverIsShownIsAnsweredWithoutAnException() {
        Property.holdsForSomeTime(dice -> {
            List<Octets> path = new ArrayList<>();
            for (int i = dice.below(70); i > 0; i--) {
                path.add(dice.octets(dice.oneIn(20) ? dice.below(40) : MerkleTree.HASH));
            }
            Octets some = dice.octets(MerkleTree.HASH);
            assertThat(ProofCheck.inclusion(dice.number(), dice.number(), some, path, MerkleTree.EMPTY))
                    .isFalse();
            assertThat(ProofCheck.consistency(dice.number(), dice.numberFrom(3), MerkleTree.EMPTY, some, path))
                    .isFalse();
        });
    }

    @Test
    void theEdgesOfConsistency() throws Exception {
        TreeReader tree = MemoryLog.of(8).reader();
        Octets four = tree.root(4);
        Octets eight = tree.root(8);
        assertThat(ProofCheck.consistency(8, 8, eight, eight, List.of())).isTrue();
        assertThat(ProofCheck.consistency(8, 8, eight, eight, List.of(eight))).isFalse();
        assertThat(ProofCheck.consistency(8, 8, four, eight, List.of())).isFalse();
        assertThat(ProofCheck.consistency(8, 4, eight, four, List.of())).isFalse();
        assertThat(ProofCheck.consistency(4, 8, four, eight, List.of())).isFalse();
        assertThat(ProofCheck.consistency(0, 8, MerkleTree.EMPTY, eight, List.of()))
                .isFalse();
        assertThat(ProofCheck.consistency(0, 0, MerkleTree.EMPTY, MerkleTree.EMPTY, List.of()))
                .isFalse();
        assertThat(ProofCheck.consistency(-1, 8, four, eight, tree.consistency(4, 8)))
                .isFalse();
        assertThat(MerkleTree.EMPTY).hasToString("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    @Test
    void aTreeGoesOnAfterARestartAtAnySize() throws Exception {
        MemoryLog whole = MemoryLog.of(0);
        MemoryLog resumed = MemoryLog.of(0);
        for (int i = 0; i < 600; i++) {
            whole.append(MemoryLog.entry(i)).publish();
            resumed.restart().append(MemoryLog.entry(i)).publish();
        }
        assertThat(resumed.files()).isEqualTo(whole.files());
    }

    /** Nothing is written twice when many entries come between two checkpoints, and no partial tile between them. */
    @Test
    void aBatchWritesFullTilesAndTheLastPartialOnes() {
        assertThat(MemoryLog.of(70_000).files().keySet().stream().filter(path -> !path.isBundle()))
                .hasSize(273 + 1 + 1 + 1 + 1)
                .contains(
                        new TilePath(0, 272, 256),
                        new TilePath(0, 273, 112),
                        new TilePath(1, 0, 256),
                        new TilePath(1, 1, 17),
                        new TilePath(2, 0, 1));
        assertThat(MemoryLog.of(256).files().keySet())
                .containsExactly(
                        new TilePath(0, 0, 256), new TilePath(1, 0, 1), new TilePath(TilePath.ENTRIES, 0, 256));
        assertThat(MemoryLog.of(256).publish().publish().files()).hasSize(3);
    }

    /** A hundred million entries cost no more per entry than the first: two nodes on average, and one tile in memory. */
    @Test
    void anEntryCostsTheSameInATreeOfAnySize() throws Exception {
        TileSource zeros = path -> Octets.zero(path.width() * MerkleTree.HASH);
        int entries = 20_000;
        for (long size : new long[] {0, 100_000_000, Long.MAX_VALUE - entries}) {
            TreeReader tree = new TreeReader(size, zeros);
            RightEdge edge = tree.edge();
            TileWriter tiles = TileWriter.resume(tree);
            long nodes = 0;
            long written = 0;
            for (int i = 0; i < entries; i++) {
                Growth growth = edge.append(MerkleTree.EMPTY);
                edge = growth.edge();
                tiles.add(growth);
                nodes += growth.complete().size();
                if (i % 100 == 99) {
                    written += tiles.take().stream()
                            .mapToLong(tile -> tile.bytes().length())
                            .sum();
                }
            }
            assertThat(edge.size()).isEqualTo(size + entries);
            assertThat(nodes).as("nodes, from %d entries", size).isLessThanOrEqualTo(2L * entries + 64);
            assertThat(written).as("bytes, from %d entries", size).isLessThan(200L * entries);
        }
        RightEdge full = new TreeReader(Long.MAX_VALUE, zeros).edge();
        assertThatThrownBy(() -> full.append(MerkleTree.EMPTY))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a tree has at most 2^63 - 1 entries");
    }

    /** A tree whose entries are all the same, so that all nodes of a level are: it may be as large as it likes. */
    private static Octets uniformTile(TilePath path) {
        Octets hash = MerkleTree.EMPTY;
        for (int level = 0; level < path.level() * TilePath.HEIGHT; level++) {
            hash = MerkleTree.nodeHash(hash, hash);
        }
        ByteBuffer out = ByteBuffer.allocate(path.width() * MerkleTree.HASH);
        for (int i = 0; i < path.width(); i++) {
            hash.writeTo(out);
        }
        return Octets.of(out.array());
    }

    @Test
    void proofsInTheLargestTreesHold() throws Exception {
        long most = 1L << 62;
        TreeReader tree = new TreeReader(most, TreeTest::uniformTile);
        assertThat(tree.edge().root()).isEqualTo(tree.root(most));
        Property.holds(50, dice -> {
            long size = 1 + (dice.number() & (most - 1));
            long index = Math.floorMod(dice.number(), size);
            assertThat(ProofCheck.inclusion(
                            index, size, MerkleTree.EMPTY, tree.inclusion(index, size), tree.root(size)))
                    .isTrue();
            assertThat(ProofCheck.consistency(
                            index + 1, size, tree.root(index + 1), tree.root(size), tree.consistency(index + 1, size)))
                    .isTrue();
        });
    }

    @Test
    void proofsOfWhatIsNotThereAreRefused() {
        TreeReader tree = MemoryLog.of(10).reader();
        assertThatThrownBy(() -> tree.inclusion(10, 10)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> tree.inclusion(3, 11)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> tree.consistency(0, 10)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> tree.consistency(6, 5)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> tree.root(11)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> RightEdge.of(3, List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
