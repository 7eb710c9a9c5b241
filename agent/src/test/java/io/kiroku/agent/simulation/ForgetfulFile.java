package io.kiroku.agent.simulation;

import io.kiroku.evidence.durable.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A file in memory that behaves as a disk does when the power fails: each sector that was written since the last sync
 * holds afterwards what it held at the sync, or any of what was written to it since, one sector independently of the
 * next. It can also be told to fail, so that its user dies between two steps.
 */
public final class ForgetfulFile implements StorageFile {
    private static final int SECTOR = 512;

    /** What a step is to fail with. */
    public static final class Killed extends IOException {
        private static final long serialVersionUID = 1L;

        Killed(String step) {
            super("killed at " + step);
        }
    }

    /** How much of what was not synced a crash leaves. */
    public enum Loss {
        ALL,
        NOTHING,
        SECTOR_BY_SECTOR;

        public static Loss any(RandomGenerator random) {
            return switch (random.nextInt(3)) {
                case 0 -> ALL;
                case 1 -> NOTHING;
                default -> SECTOR_BY_SECTOR;
            };
        }
    }

    private final byte[] stable;
    private final byte[] now;
    private final BitSet unsynced = new BitSet();
    private final Map<Integer, List<byte[]>> between = new HashMap<>();
    private int stepsLeft = Integer.MAX_VALUE;
    private boolean killAfterwards;
    private long syncs;

    public ForgetfulFile(long size) {
        this.stable = new byte[Math.toIntExact(size)];
        this.now = new byte[stable.length];
    }

    /**
     * The n-th write or sync from now on fails, counted from 0.
     *
     * @param afterwards whether what it was to do is done first
     */
    public synchronized void killAt(int step, boolean afterwards) {
        stepsLeft = step;
        killAfterwards = afterwards;
    }

    /** Nothing fails any more. */
    public synchronized void heal() {
        stepsLeft = Integer.MAX_VALUE;
    }

    public synchronized long syncs() {
        return syncs;
    }

    /** The power fails and comes back. */
    public synchronized void crash(Loss loss, RandomGenerator random) {
        heal();
        for (int sector = unsynced.nextSetBit(0); sector >= 0; sector = unsynced.nextSetBit(sector + 1)) {
            int at = sector * SECTOR;
            int length = Math.min(SECTOR, now.length - at);
            List<byte[]> others = between.getOrDefault(sector, List.of());
            int kept = switch (loss) {
                case ALL -> 0;
                case NOTHING -> others.size() + 1;
                case SECTOR_BY_SECTOR -> random.nextInt(others.size() + 2);
            };
            if (kept == others.size() + 1) {
                System.arraycopy(now, at, stable, at, length);
            } else if (kept > 0) {
                System.arraycopy(others.get(kept - 1), 0, stable, at, length);
            }
            System.arraycopy(stable, at, now, at, length);
        }
        unsynced.clear();
        between.clear();
    }

    /** The medium changes one byte behind everybody's back. */
    public synchronized void damage(long at) {
        now[(int) at] ^= 0x5a;
        stable[(int) at] ^= 0x5a;
    }

    /** The bytes as a reader sees them now. */
    public synchronized byte[] content() {
        return now.clone();
    }

    @Override
    public synchronized void write(ByteBuffer bytes, long at) throws IOException {
        boolean killed = stepsLeft-- == 0;
        if (!killed || killAfterwards) {
            int from = Math.toIntExact(at);
            int length = bytes.remaining();
            for (int sector = from / SECTOR; sector * SECTOR < from + length; sector++) {
                if (unsynced.get(sector)) {
                    byte[] before = Arrays.copyOfRange(now, sector * SECTOR, (sector + 1) * SECTOR);
                    between.computeIfAbsent(sector, _ -> new ArrayList<>()).add(before);
                }
                unsynced.set(sector);
            }
            bytes.get(now, from, length);
        }
        if (killed) {
            throw new Killed("write");
        }
    }

    @Override
    public synchronized int read(ByteBuffer into, long at) {
        int length = Math.clamp(now.length - at, 0, into.remaining());
        into.put(now, (int) at, length);
        return length;
    }

    @Override
    public synchronized long size() {
        return now.length;
    }

    @Override
    public synchronized void sync() throws IOException {
        boolean killed = stepsLeft-- == 0;
        if (!killed || killAfterwards) {
            for (int sector = unsynced.nextSetBit(0); sector >= 0; sector = unsynced.nextSetBit(sector + 1)) {
                int at = sector * SECTOR;
                System.arraycopy(now, at, stable, at, Math.min(SECTOR, now.length - at));
            }
            unsynced.clear();
            between.clear();
            syncs++;
        }
        if (killed) {
            throw new Killed("sync");
        }
    }

    @Override
    public void truncate(long size) {
        throw new UnsupportedOperationException("a ring is never cut");
    }

    @Override
    public void close() {}
}
