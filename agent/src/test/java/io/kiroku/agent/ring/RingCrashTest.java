package io.kiroku.agent.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.agent.simulation.ForgetfulFile;
import io.kiroku.agent.simulation.ForgetfulFile.Loss;
import io.kiroku.agent.simulation.Seeds;
import io.kiroku.evidence.record.MalformedException;
import java.io.IOException;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What was synced is there after any crash, unchanged and in order, and nothing stands behind the first torn record. */
class RingCrashTest {
    private static final int STEPS = 400;

    @Test
    void holdsWhatWasSyncedThroughRandomLives() {
        Seeds.each(12, seed -> {
            RandomGenerator random = new Random(seed);
            RingModel model = new RingModel(random);
            int fixed = random.nextBoolean() ? random.nextInt(20, 5000) : 0;
            for (int step = 0; step < STEPS; step++) {
                step(model, random, fixed);
            }
            model.sync();
            model.check();
            assertThat(model.newest()).isPositive();
        });
    }

    private static void step(RingModel model, RandomGenerator random, int fixed)
            throws IOException, MalformedException {
        switch (random.nextInt(20)) {
            case 0 -> model.crash(Loss.any(random));
            case 1 -> model.reopen();
            case 2 -> dieWhileAppending(model, random, fixed);
            case 3, 4, 5 -> model.sync();
            case 6, 7 -> model.acknowledge();
            case 8 -> model.acknowledgeAll();
            case 9 -> model.readSomewhere();
            default -> model.append(length(random, fixed));
        }
    }

    private static int length(RandomGenerator random, int fixed) {
        if (fixed > 0) {
            return fixed;
        }
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(20, 600);
            case 1 -> random.nextInt(20, 100_000);
            default -> random.nextInt(500_000, RingModel.LONGEST);
        };
    }

    private static void dieWhileAppending(RingModel model, RandomGenerator random, int fixed)
            throws IOException, MalformedException {
        model.disk.killAt(random.nextInt(3), random.nextBoolean());
        try {
            model.append(length(random, fixed));
            model.sync();
        } catch (ForgetfulFile.Killed killed) {
            // As intended.
        }
        model.crash(Loss.any(random));
    }

    @Test
    void wrapsAroundManyTimes() throws Exception {
        RandomGenerator random = new Random(3);
        RingModel model = new RingModel(random);
        for (int lap = 0; lap < 40; lap++) {
            while (model.append(random.nextInt(800_000, 1_100_000))) {
                // Until it is full.
            }
            model.sync();
            model.check();
            model.acknowledge();
            if (lap % 8 == 0) {
                model.acknowledgeAll();
                model.reopen();
            }
        }
        assertThat(model.newest()).isGreaterThan(100);
    }

    /** Records of one length lie in the same places in every life: what a crash left behind must not be taken up. */
    @Test
    void recordsOfAnEarlierLifeDoNotComeBack() {
        Seeds.each(20, seed -> {
            RandomGenerator random = new Random(seed);
            RingModel model = new RingModel(random);
            int length = random.nextInt(20, 3000);
            for (int life = 0; life < 12; life++) {
                int appended = random.nextInt(1, 6);
                for (int i = 0; i < appended; i++) {
                    model.append(length);
                    if (random.nextInt(4) == 0) {
                        model.sync();
                    }
                }
                model.crash(Loss.SECTOR_BY_SECTOR);
            }
        });
    }

    /** The same where the records cross from one extent into the next, and nothing is synced for long. */
    @Test
    void extentsOfAnEarlierLifeDoNotComeBack() {
        Seeds.each(12, seed -> {
            RandomGenerator random = new Random(seed);
            RingModel model = new RingModel(random);
            int length = random.nextInt(1_000_000, RingModel.LONGEST);
            for (int life = 0; life < 10; life++) {
                int appended = random.nextInt(1, 12);
                for (int i = 0; i < appended; i++) {
                    if (!model.append(length)) {
                        model.sync();
                        model.acknowledgeAll();
                    }
                }
                if (random.nextInt(3) == 0) {
                    model.sync();
                }
                if (random.nextInt(3) == 0) {
                    model.acknowledgeAll();
                }
                model.crash(Loss.SECTOR_BY_SECTOR);
            }
        });
    }
}
