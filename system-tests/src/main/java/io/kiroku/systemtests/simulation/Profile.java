package io.kiroku.systemtests.simulation;

import io.kiroku.agent.ring.WhenFull;
import java.util.SplittableRandom;

/**
 * What a seed is about: how large its world is, how busy, and which kinds of faults there are. Each kind is in some seeds
 * only, so that none hides what another would show.
 *
 * @param lifeMillis how long things happen
 * @param pauseMillis the longest time between two things that happen on a node, mostly
 * @param quietMillis the longest pause of a node
 * @param faultMillis the longest time between faults
 * @param longestWrite bytes written at once
 * @param cuts of a thousand things that happen, so many are a log that is cut
 * @param mostVolume bytes of a volume of the store
 * @param agentSyncMicros how long an agent's disk takes at most
 * @param collectorSyncMicros how long the collector's disk takes at most
 */
record Profile(
        int nodes,
        int lifeMillis,
        int pauseMillis,
        int quietMillis,
        int faultMillis,
        int longestWrite,
        int cuts,
        AgentLimits limits,
        long mostVolume,
        int agentSyncMicros,
        int collectorSyncMicros,
        boolean agentDeaths,
        boolean powerFailures,
        boolean collectorDeaths,
        boolean diskFaults,
        boolean networkFaults,
        boolean kernelFaults,
        boolean clockSteps,
        boolean collisions,
        boolean diskLosses,
        boolean ringLosses) {

    static Profile of(SplittableRandom random) {
        boolean floods = random.nextInt(6) == 0;
        boolean isCalm = random.nextInt(8) == 0;
        return new Profile(
                random.nextInt(3) == 0 ? random.nextInt(2, 4) : 1,
                random.nextInt(500, 4000),
                floods ? 30 : 60,
                random.nextInt(3) == 0 ? 5000 : 1000,
                random.nextInt(3) == 0 ? 60 : 600,
                floods ? 60_000 : random.nextInt(3) == 0 ? 20_000 : 3_000,
                random.nextInt(3) == 0 ? 30 : 0,
                limits(random, floods || random.nextInt(3) == 0 ? 4 : 8, random.nextInt(5) == 0),
                random.nextInt(3) == 0 ? 32 << 10 : 1 << 20,
                syncMicros(random),
                syncMicros(random),
                !isCalm && random.nextInt(2) == 0,
                !isCalm && random.nextInt(2) == 0,
                !isCalm && random.nextInt(2) == 0,
                !isCalm && random.nextInt(2) == 0,
                !isCalm && random.nextInt(2) == 0,
                !isCalm && random.nextInt(5) == 0,
                random.nextInt(5) == 0,
                random.nextInt(6) == 0,
                !isCalm && random.nextInt(8) == 0,
                !isCalm && random.nextInt(10) == 0);
    }

    private static AgentLimits limits(SplittableRandom random, int extents, boolean overwrites) {
        return new AgentLimits(
                64 << 10,
                extents,
                overwrites ? WhenFull.OVERWRITE : WhenFull.BLOCK,
                random.nextInt(10) == 0 ? random.nextInt(1, 8) : Integer.MAX_VALUE,
                random.nextInt(4) > 0,
                random.nextInt(10) == 0 ? random.nextInt(30_000) : Long.MAX_VALUE,
                random.nextBoolean() ? random.nextInt(1, 30) : 16_384,
                random.nextInt(4) == 0,
                random.nextInt(4) > 0,
                random.nextInt(3) == 0 ? 20 : 300);
    }

    private static int syncMicros(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> 20_000;
            case 1 -> 200_000;
            default -> 300;
        };
    }
}
