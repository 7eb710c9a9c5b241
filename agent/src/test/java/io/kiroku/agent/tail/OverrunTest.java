package io.kiroku.agent.tail;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.agent.ring.WhenFull;
import io.kiroku.agent.simulation.Accounts;
import io.kiroku.agent.simulation.ForgetfulFile;
import io.kiroku.agent.simulation.Seeds;
import io.kiroku.agent.simulation.SimFiles;
import io.kiroku.agent.simulation.SimNode;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Entry.GapCause;
import io.kiroku.evidence.verify.Report;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A ring that is overwritten, and a collector that lost what it had: each byte is captured, or declared lost. */
class OverrunTest extends OnANode {
    private final Map<String, ByteArrayOutputStream> written = new LinkedHashMap<>();
    private final Map<String, SimFiles.Writer> writers = new HashMap<>();
    private final Map<String, Integer> generations = new HashMap<>();
    private long noises;

    /** Each time that a pod ends, the next of its name is another. */
    private String pod(String name) {
        return PODS + "/ns_%s_uid%d/app/0.log".formatted(name, generations.getOrDefault(name, 0));
    }

    private void write(String pod, int bytes) {
        String path = pod(pod);
        SimFiles.Writer writer = writers.computeIfAbsent(pod, _ -> {
            files.mkdirs(path.substring(0, path.lastIndexOf('/')));
            return files.open(path);
        });
        byte[] noise = noise(bytes, noises++);
        writer.write(noise);
        written.computeIfAbsent(path, _ -> new ByteArrayOutputStream()).writeBytes(noise);
    }

    private void end(String pod) {
        SimFiles.Writer writer = writers.remove(pod);
        if (writer != null) {
            writer.close();
            files.removeTree(pod(pod).substring(0, pod(pod).indexOf("/app/")));
            generations.merge(pod, 1, Integer::sum);
        }
    }

    private void go() throws IOException {
        node.run(300 * SimNode.MILLIS);
        node.sync();
    }

    private void writeMegabytes(String pod, int megabytes) throws IOException {
        for (int i = 0; i < megabytes; i++) {
            write(pod, 1_000_000);
            go();
        }
    }

    private Accounts accounts() throws IOException {
        node.settle();
        Map<String, byte[]> bytes = new HashMap<>();
        written.forEach((path, all) -> bytes.put(path, all.toByteArray()));
        return new Accounts(node.collected(), bytes);
    }

    private static boolean isExact(Accounts accounts) {
        return accounts.report().counts().unknownGaps() == 0;
    }

    private void startOverwriting() {
        node.whenFull(WhenFull.OVERWRITE);
        node.start();
    }

    @Test
    void theOldestIsGivenUpAndDeclaredToTheByte() throws Exception {
        startOverwriting();
        write("long", 5_000);
        go();
        node.ship();
        write("ends-early", 30_000);
        go();
        end("ends-early");
        writeMegabytes("long", 6);
        write("short", 10_000);
        go();
        end("short");
        go();
        writeMegabytes("long", 45);
        assertThat(node.tail().standing().blocked()).isFalse();
        Accounts accounts = accounts().balance();
        assertThat(isExact(accounts)).isTrue();
        assertThat(accounts.lostBytes()).isBetween(30_000_000L, 51_000_000L);
        assertThat(accounts.report().gaps())
                .allMatch(gap -> gap.gap().cause() == GapCause.RING_OVERRUN)
                .extracting(gap -> String.valueOf(gap.source()))
                .containsExactlyInAnyOrder(
                        pod("long"), PODS + "/ns_ends-early_uid0/app/0.log", PODS + "/ns_short_uid0/app/0.log");
        assertThat(accounts.report().counts().gapBytes()).isEqualTo(accounts.lostBytes());
        assertThat(node.losses().counts()).containsKey(GapCause.RING_OVERRUN);
    }

    @Test
    void whatIsDeclaredIsNotForgottenWhenTheAgentStartsAgain() throws Exception {
        startOverwriting();
        write("a", 5_000);
        go();
        node.ship();
        for (int i = 0; i < 8; i++) {
            writeMegabytes("a", 5);
            if (i % 2 == 0) {
                node.kill();
                node.start();
            } else {
                node.powerFailure(ForgetfulFile.Loss.NOTHING);
                node.start();
            }
        }
        Accounts accounts = accounts().balance();
        assertThat(isExact(accounts)).isTrue();
        assertThat(accounts.lostBytes()).isPositive();
        assertThat(accounts.report().counts().epochs()).isGreaterThan(1);
    }

    /** The collector has passed the hole, and the segments that declare it are given up before it gets them. */
    @Test
    void aDeclarationThatIsGivenUpItselfIsStatedAgain() throws Exception {
        startOverwriting();
        write("a", 5_000);
        go();
        node.ship();
        writeMegabytes("a", 22);
        assertThat(node.losses().counts()).containsKey(GapCause.RING_OVERRUN);
        node.ship(8);
        writeMegabytes("a", 5);
        node.kill();
        node.start();
        writeMegabytes("a", 25);
        assertThat(isExact(accounts().balance())).isTrue();
    }

    /** The collector is slow, not gone: it gets the beginning of an extent before the rest is given up. */
    @Test
    void aCollectorThatIsTooSlowGetsWhatItCan() throws Exception {
        startOverwriting();
        for (int i = 0; i < 60; i++) {
            write("a", 1_000_000);
            write("b" + i % 7, 3_000);
            go();
            if (i % 7 == 6) {
                end("b" + i % 5);
            }
            if (i % 3 == 0) {
                node.ship(1);
            }
        }
        Accounts accounts = accounts().balance();
        assertThat(isExact(accounts)).isTrue();
        assertThat(accounts.lostBytes()).isPositive();
    }

    @Test
    void moreFilesThanCanBeNamedAreCounted() throws Exception {
        startOverwriting();
        go();
        node.ship();
        for (int i = 0; i < 4_000; i++) {
            write("pod-%04d-%s".formatted(i, "x".repeat(60)), 100);
            if (i % 100 == 99) {
                go();
                writers.keySet().stream().toList().forEach(this::end);
                go();
            }
        }
        writeMegabytes("long", 40);
        Report report = accounts().report();
        assertThat(report.counts().unknownGaps()).isZero();
        assertThat(report.counts().gapBytes() + report.counts().rawBytes()).isEqualTo(4_000 * 100 + 40_000_000L);
    }

    @Test
    void aCollectorThatLostItsDiskGetsAgainWhatTheRingHas() throws Exception {
        node.start();
        writeMegabytes("a", 5);
        node.ship();
        node.collectorKeeps(0);
        Accounts all = accounts().balance();
        assertThat(all.report().counts().gaps()).isZero();
        node.collectorKeeps(3);
        writeMegabytes("a", 2);
        assertThat(accounts().balance().report().counts().gaps()).isZero();
    }

    @Test
    void whatTheRingHasNoMoreEitherIsDeclared() throws Exception {
        node.start();
        for (int i = 0; i < 30; i++) {
            writeMegabytes("a", 1);
            node.ship();
        }
        write("b", 77);
        go();
        end("b");
        go();
        node.ship();
        node.collectorKeeps(4);
        Accounts accounts = accounts().balance();
        assertThat(accounts.lostBytes()).isPositive();
        assertThat(accounts.report().gaps())
                .extracting(Report.DeclaredGap::gap)
                .allMatch(gap -> gap.cause() == GapCause.COLLECTOR_LOST)
                .anyMatch(gap -> gap.file() == Entry.NO_FILE && gap.to() == Entry.UNKNOWN)
                .anyMatch(gap -> gap.file() == 1 && gap.length() > 3_000_000);
    }

    @Test
    void aCollectorThatLostEverythingKnowsWhatItLacks() throws Exception {
        node.start();
        for (int i = 0; i < 30; i++) {
            writeMegabytes("a", 1);
            node.ship();
        }
        node.collectorKeeps(0);
        Accounts accounts = accounts().balance();
        assertThat(accounts.lostBytes()).isPositive();
        assertThat(accounts.report().gaps()).allMatch(gap -> gap.gap().cause() == GapCause.COLLECTOR_LOST);
    }

    @Test
    void aNodeThatLosesItsRingGoesOnInANewEpoch() throws Exception {
        node.start();
        writeMegabytes("a", 3);
        node.ship();
        writeMegabytes("a", 2);
        node.kill();
        node.loseRing();
        node.start();
        writeMegabytes("a", 1);
        Accounts accounts = accounts().balance();
        assertThat(accounts.report().counts().epochs()).isEqualTo(2);
        assertThat(accounts.report().gaps())
                .extracting(Report.DeclaredGap::gap)
                .singleElement()
                .satisfies(gap -> {
                    assertThat(gap.cause()).isEqualTo(GapCause.RING_LOST);
                    assertThat(gap.to()).isEqualTo(Entry.UNKNOWN);
                });
        assertThat(accounts.capturedBytes()).isBetween(8_000_000L, 9_000_000L);
    }

    @Test
    void aNodeThatLosesItsRingBeforeTheCollectorHasAnythingBeginsItsStream() throws Exception {
        node.start();
        writeMegabytes("a", 1);
        node.kill();
        node.loseRing();
        node.start();
        assertThat(accounts().balance().report().counts().epochs()).isEqualTo(1);
    }

    @Test
    void aRingThatIsLostTwiceBeforeItHoldsAnythingAsksAgain() throws Exception {
        node.start();
        writeMegabytes("a", 1);
        node.ship();
        for (int i = 0; i < 3; i++) {
            node.kill();
            node.loseRing();
            node.start();
        }
        assertThat(accounts().balance().report().counts().epochs()).isEqualTo(2);
    }

    /** What it had acknowledged, it does not have: nothing of it may be overwritten until it does. */
    @Test
    void theRingBlocksForWhatIsToBeSentAgain() throws Exception {
        node.start();
        writeMegabytes("a", 12);
        node.ship();
        node.collectorKeeps(0);
        node.ship(1);
        writeMegabytes("a", 12);
        assertThat(node.tail().standing().blocked()).isTrue();
        assertThat(accounts().balance().report().counts().gaps()).isZero();
    }

    @Test
    void whateverHappensEachByteIsAccountedFor() throws Exception {
        Seeds.each(8, seed -> {
            written.clear();
            writers.clear();
            generations.clear();
            node = new SimNode(seed, directory.resolve("walk-" + seed), PathPattern.below(PODS, "*/*/*.log"));
            files = node.files;
            files.mkdirs(PODS);
            walk(new Random(seed));
        });
    }

    private void walk(Random random) throws IOException {
        node.whenFull(random.nextInt(4) == 0 ? WhenFull.BLOCK : WhenFull.OVERWRITE);
        node.start();
        go();
        for (int i = 0; i < 90; i++) {
            switch (random.nextInt(12)) {
                case 0 -> node.ship();
                case 1, 2 -> node.ship(random.nextInt(1, 5));
                case 3 -> write("pod" + random.nextInt(5), random.nextInt(1, 50_000));
                case 4 -> {
                    // What a power failure takes together with the file itself, nobody can know of.
                    node.run(2 * SimNode.SECOND);
                    node.sync();
                    if (node.tail().standing().caughtUp()) {
                        end("pod" + random.nextInt(5));
                    }
                }
                case 5 -> {
                    if (random.nextBoolean()) {
                        node.kill();
                        if (random.nextInt(4) == 0) {
                            node.loseRing();
                        }
                    } else {
                        node.powerFailure(ForgetfulFile.Loss.any(random));
                    }
                    node.start();
                }
                case 6 -> {
                    if (random.nextInt(4) == 0) {
                        node.collectorKeeps(random.nextInt(node.collected().size() + 1));
                    }
                }
                default -> write("long" + random.nextInt(2), random.nextInt(1, 2_000_000));
            }
            node.run(300 * SimNode.MILLIS);
            if (random.nextInt(3) > 0) {
                node.sync();
            }
        }
        accounts().balance();
    }
}
