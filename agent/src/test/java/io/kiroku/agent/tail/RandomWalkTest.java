package io.kiroku.agent.tail;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.agent.os.Errno;
import io.kiroku.agent.simulation.ForgetfulFile.Loss;
import io.kiroku.agent.simulation.Rebuilt;
import io.kiroku.agent.simulation.Seeds;
import io.kiroku.agent.simulation.SimInode;
import io.kiroku.agent.simulation.SimNode;
import io.kiroku.evidence.record.Entry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node does at random all that nodes do, between the agent's turns and in the middle of them, and the agent dies, the
 * power fails and calls are refused. Afterwards the files are put together from the collected segments: each is there as
 * it was written, byte for byte and once, or up to a gap that had a reason.
 */
class RandomWalkTest {
    @TempDir
    Path directory;

    /**
     * What happens in a walk.
     *
     * @param isOrderly whether each container has a log under its live name, nothing happens that no kubelet does, and the
     *     clock is not set back: then what was compressed is not captured again
     */
    private record Nature(
            boolean cuts, boolean deaths, boolean faults, boolean interrupts, boolean isOrderly, int longest) {
        static Nature of(RandomGenerator random) {
            return new Nature(
                    random.nextInt(3) == 0,
                    random.nextInt(2) == 0,
                    random.nextInt(3) == 0,
                    random.nextInt(3) > 0,
                    random.nextInt(2) == 0,
                    random.nextInt(4) == 0 ? 600_000 : 20_000);
        }
    }

    private static final class Walk {
        final RandomGenerator random;
        final Nature nature;
        final SimNode node;
        final PretendNode pretend;

        /** Files that an undisturbed agent had the time to see. */
        final Set<SimInode> seen = new HashSet<>();

        final Set<SimInode> unreadable = new HashSet<>();
        final boolean leases;
        final boolean budget;
        boolean shipping = true;

        Walk(long seed, Path keys) {
            this.random = new Random(seed);
            this.nature = Nature.of(random);
            this.node = new SimNode(seed, keys, PathPattern.below(PretendNode.PODS, "*/*/*.log"));
            this.pretend = new PretendNode(node.files, random, nature.longest());
            if (random.nextBoolean()) {
                node.kernel.limitEvents(random.nextInt(1, 30));
            }
            if (random.nextInt(4) == 0) {
                node.kernel.readShort(random);
            }
            budget = random.nextInt(6) == 0;
            if (budget) {
                node.followAtMost(random.nextInt(1, 8));
            }
            leases = random.nextInt(4) > 0;
            if (!leases) {
                node.kernel.withoutLeases();
            }
            if (random.nextBoolean()) {
                node.files.releaseWritersLate();
            }
            if (nature.interrupts()) {
                node.kernel.meanwhile(() -> {
                    if (random.nextInt(150) == 0) {
                        somethingHappens();
                    }
                });
            }
        }

        void go(int steps) throws IOException {
            node.start();
            for (int step = 0; step < steps; step++) {
                somethingHappens();
                agentLives();
            }
        }

        void somethingHappens() {
            switch (random.nextInt(40)) {
                case 0, 1 -> pretend.beginPod();
                case 2 -> pretend.deletePod();
                case 4, 5 -> pretend.reopen();
                case 6, 7 -> pretend.rotateAndReopen();
                case 8, 9 -> pretend.compress();
                case 3, 10, 15, 16, 17, 18 -> disorder();
                case 11 -> pretend.restartContainer();
                case 12 -> pretend.lateWrite();
                case 13, 14 -> pretend.lateClose();
                case 19 -> pretend.shortLivedPod();
                case 20 -> {
                    if (nature.cuts()) {
                        pretend.copyTruncate();
                    }
                }
                default -> pretend.write();
            }
        }

        /** After it, nobody can tell which of a container's files is the newest that was captured. */
        private void disorder() {
            if (nature.isOrderly()) {
                return;
            }
            switch (random.nextInt(6)) {
                case 5 -> pretend.rotate();
                case 0 -> pretend.renamePod();
                case 4 -> pretend.deleteOldest();
                case 1 -> pretend.hardLink();
                case 2 -> pretend.moveAway();
                default -> pretend.replaceAtOnce();
            }
        }

        private void agentLives() throws IOException {
            switch (random.nextInt(40)) {
                case 0 -> node.run(random.nextLong(5 * SimNode.SECOND));
                case 1, 2 -> node.run(random.nextLong(200 * SimNode.MILLIS));
                case 3, 4, 5, 6 -> node.turn();
                case 7 -> node.sync();
                case 8, 9 -> {
                    if (shipping) {
                        node.sync();
                        node.ship();
                    }
                }
                case 10 -> shipping = !shipping;
                case 11 -> quietly();
                case 12 -> {
                    if (nature.deaths()) {
                        die();
                    }
                }
                case 13 -> {
                    if (nature.faults()) {
                        fault();
                    }
                }
                case 14 -> node.stepWallClock(random.nextLong(nature.isOrderly() ? 0 : -3, 4) * SimNode.SECOND);
                default -> {}
            }
        }

        /** The agent has time, and nothing else happens: what is there now is captured from now on. */
        private void quietly() throws IOException {
            heal();
            boolean wasShipping = shipping;
            shipping = true;
            node.kernel.meanwhile(() -> {});
            node.sync();
            node.ship();
            node.run(3 * SimNode.SECOND);
            seen.addAll(pretend.wanted());
            if (nature.interrupts()) {
                node.kernel.meanwhile(() -> {
                    if (random.nextInt(150) == 0) {
                        somethingHappens();
                    }
                });
            }
            shipping = wasShipping;
        }

        /** What was not sealed yet is lost with the agent: files that go meanwhile may never be heard of. */
        private void die() throws IOException {
            seen.clear();
            switch (random.nextInt(3)) {
                case 0 -> node.kill();
                case 1 -> node.stop();
                default -> node.powerFailure(Loss.any(random));
            }
            int meanwhile = random.nextInt(8);
            for (int i = 0; i < meanwhile; i++) {
                somethingHappens();
            }
            if (random.nextInt(4) == 0) {
                node.files.reboot();
            }
            node.start();
        }

        private void fault() {
            switch (random.nextInt(6)) {
                case 0 -> {
                    List<SimInode> all = List.copyOf(pretend.wanted());
                    if (!all.isEmpty()) {
                        SimInode inode = all.get(random.nextInt(all.size()));
                        inode.failReadsWith(Errno.EIO);
                        unreadable.add(inode);
                    }
                }
                case 1 -> node.kernel.limitDescriptors(node.kernel.openDescriptors() + random.nextInt(2));
                case 2 -> node.kernel.limitWatches(node.kernel.watches());
                case 3 -> node.kernel.failListsWith(random.nextBoolean() ? Errno.EIO : Errno.EMFILE);
                case 4 -> {
                    for (SimInode inode : pretend.wanted()) {
                        inode.deny(random.nextInt(3) == 0);
                    }
                }
                default -> heal();
            }
        }

        private void heal() {
            node.files.everyFile().forEach(inode -> {
                inode.failReadsWith(null);
                inode.deny(false);
            });
            node.kernel.limitDescriptors(Integer.MAX_VALUE);
            node.kernel.limitWatches(Integer.MAX_VALUE);
            node.kernel.failListsWith(null);
        }

        /** Nothing more happens, and the agent comes to its end. */
        void settle() throws IOException {
            quietly();
            node.kernel.meanwhile(() -> {});
            node.settle();
            node.run(12 * SimNode.SECOND);
            check(Rebuilt.from(node.settle()), true);
            pretend.endEverything();
            node.run(15 * SimNode.SECOND);
            Rebuilt ended = Rebuilt.from(node.settle());
            check(ended, false);
            assertThat(node.kernel.openDescriptors())
                    .as("descriptors left open")
                    .isZero();
            assertThat(node.tail().standing().openFiles()).isZero();
            assertThat(node.tail().standing().bytesPending()).isZero();
            assertThat(node.tail().standing().sources()).isZero();
        }

        private void check(Rebuilt rebuilt, boolean stillThere) {
            assertThat(rebuilt.report().integrity().toString()).isEqualTo("Holds[]");
            assertThat(rebuilt.report().completeness().toString()).isEqualTo("Holds[]");
            Set<SimInode> capturedCompressed = new HashSet<>();
            for (SimInode inode : node.files.everyFile()) {
                check(inode, rebuilt.of(inode), stillThere);
                SimInode plain = inode.plain();
                if (plain != null && !rebuilt.of(inode).isEmpty()) {
                    capturedCompressed.add(plain);
                }
                if (plain != null && !rebuilt.of(inode).isEmpty() && nature.isOrderly() && !budget) {
                    assertThat(rebuilt.of(plain))
                            .as(describe(inode, rebuilt.of(inode)) + ": captured before it was compressed, too")
                            .allSatisfy(file -> assertThat(file.bytes()).isEmpty());
                }
            }
            if (!stillThere) {
                long unheardOf = seen.stream()
                        .filter(inode -> rebuilt.of(inode).isEmpty() && !capturedCompressed.contains(inode))
                        .count();
                long refused = rebuilt.gaps().stream()
                        .filter(gap -> gap.cause() == Entry.GapCause.BUDGET)
                        .count();
                assertThat(unheardOf).as("files that the budget forced out").isLessThanOrEqualTo(refused);
            }
        }

        private void check(SimInode inode, List<Rebuilt.File> captured, boolean stillThere) {
            String what = describe(inode, captured);
            if (captured.isEmpty()) {
                assertThat(seen.contains(inode) && !budget)
                        .as(what + " was seen and not captured")
                        .isFalse();
                return;
            }
            List<byte[]> generations = inode.generations();
            int generation = -1;
            for (Rebuilt.File file : captured) {
                generation = next(generations, generation + 1, file.bytes());
                assertThat(generation)
                        .as(what + ", file " + file.id() + ": captured bytes that were not written so, or twice")
                        .isNotNegative();
                if (file.gap() != null) {
                    checkReason(inode, file.gap(), generations.size() - generation > 1, what);
                }
            }
            Rebuilt.File last = captured.getLast();
            // Without leases nobody can know that somebody still writes to a file that was deleted and quiet for long.
            if (last.gap() == null && (leases || !last.ended())) {
                assertThat(Arrays.equals(last.bytes(), generations.getLast()))
                        .as(what + ", to its end")
                        .isTrue();
            }
            if (stillThere && pretend.wanted().contains(inode)) {
                assertThat(last.gap()).as(what + " is there, and given up").isNull();
            }
        }

        private static String describe(SimInode inode, List<Rebuilt.File> captured) {
            StringBuilder what =
                    new StringBuilder("inode %d born %d with".formatted(inode.number(), inode.birthNanos()));
            for (byte[] written : inode.generations()) {
                what.append(" %d".formatted(written.length));
            }
            what.append(" bytes written, captured as");
            for (Rebuilt.File file : captured) {
                what.append(" file %d (%s) with %d bytes%s%s;"
                        .formatted(
                                file.id(),
                                file.path(),
                                file.bytes().length,
                                file.ended() ? ", ended" : "",
                                file.gap() == null ? "" : ", gap " + file.gap().cause()));
            }
            return what.toString();
        }

        /** The content that these bytes are the beginning of. */
        private static int next(List<byte[]> generations, int from, byte[] captured) {
            for (int i = from; i < generations.size(); i++) {
                byte[] written = generations.get(i);
                if (captured.length <= written.length
                        && Arrays.equals(written, 0, captured.length, captured, 0, captured.length)) {
                    return i;
                }
            }
            return -1;
        }

        private void checkReason(SimInode inode, Entry.Gap gap, boolean wasCut, String what) {
            switch (gap.cause()) {
                case TRUNCATED -> assertThat(wasCut).as(what + " was never cut").isTrue();
                case VANISHED ->
                    assertThat(nature.deaths())
                            .as(what + " vanished from a living agent")
                            .isTrue();
                case READ_ERROR -> assertThat(unreadable).contains(inode);
                default -> throw new AssertionError(what + ": " + gap);
            }
        }
    }

    @Test
    void everyByteIsCapturedOnceOrInAGap() {
        Seeds.each(16, seed -> {
            Walk walk = new Walk(seed, directory.resolve("keys-" + seed));
            walk.go(400);
            walk.settle();
        });
    }
}
