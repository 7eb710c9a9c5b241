package io.kiroku.systemtests.simulation;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * What is in a file, and what of it a power failure can take: of each sector that was written to since the last sync, any
 * of the versions since then may be there afterwards, one sector independently of the next; and any of the lengths.
 */
final class SimContent {
    private static final int SECTOR = 512;

    /** How much of what was not synced a power failure takes. */
    enum Loss {
        ALL,
        NOTHING,
        ANY
    }

    /** What a sector held before the write of that number. */
    private static final class Version {
        private final long write;
        private final byte[] before;

        private Version(long write, byte[] before) {
            this.write = write;
            this.before = before;
        }
    }

    /** A sector that may differ from what is on the disk. */
    private static final class Unsynced {
        /** What is on the disk, then what was there in between; what is there now is in the file. */
        private final List<Version> versions = new ArrayList<>(1);

        /** After a sync that failed, the kernel takes it for clean: only another write brings it to the disk. */
        private boolean forgotten;
    }

    /** What a sync that begins now will have brought to the disk when it ends. */
    record Mark(long writes, int size, int sizes) {}

    private byte[] now;
    private int size;
    private int durableSize;
    private final List<Integer> sizesBetween = new ArrayList<>();
    private final Map<Integer, Unsynced> unsynced = new TreeMap<>();
    private long writes;
    private long synced;
    private int lowestChange = Integer.MAX_VALUE;

    /** A file with that content, all of it on the disk. */
    SimContent(byte[] bytes) {
        now = bytes.clone();
        size = bytes.length;
        durableSize = size;
    }

    int size() {
        return size;
    }

    void write(int at, byte[] bytes, int length) {
        if (length == 0) {
            return;
        }
        touch(at, at + length);
        System.arraycopy(bytes, 0, now, at, length);
        resize(Math.max(size, at + length));
    }

    void truncate(int length) {
        if (length < size) {
            touch(length, size);
            Arrays.fill(now, length, size, (byte) 0);
        }
        reserve(length);
        resize(length);
    }

    private void resize(int length) {
        if (length != size) {
            sizesBetween.add(size);
            size = length;
        }
    }

    private void reserve(int length) {
        if (length > now.length) {
            now = Arrays.copyOf(now, Math.max(length, Math.max(4 * SECTOR, 2 * now.length)));
        }
    }

    /** The sectors of that range are about to change. */
    private void touch(int from, int to) {
        reserve((to + SECTOR - 1) / SECTOR * SECTOR);
        writes++;
        lowestChange = Math.min(lowestChange, from);
        for (int sector = from / SECTOR; sector * SECTOR < to; sector++) {
            Unsynced changed = unsynced.computeIfAbsent(sector, _ -> new Unsynced());
            changed.versions.add(new Version(writes, Arrays.copyOfRange(now, sector * SECTOR, (sector + 1) * SECTOR)));
            changed.forgotten = false;
        }
    }

    int read(ByteBuffer into, long at) {
        int length = (int) Math.clamp(size - at, 0L, into.remaining());
        if (length > 0) {
            into.put(now, (int) at, length);
        }
        return length;
    }

    Mark mark() {
        return new Mark(writes, size, sizesBetween.size());
    }

    void sync() {
        sync(mark());
    }

    /** What was written before the mark is on the disk now. */
    void sync(Mark mark) {
        unsynced.values().removeIf(sector -> {
            if (!sector.forgotten) {
                sector.versions.removeIf(version -> version.write <= mark.writes());
            }
            return sector.versions.isEmpty();
        });
        if (mark.writes() >= synced) {
            synced = mark.writes();
            durableSize = mark.size();
            sizesBetween.subList(0, Math.min(mark.sizes(), sizesBetween.size())).clear();
        }
    }

    /** A sync fails: nobody knows what was written, and the kernel does not try it again. */
    void failSync(RandomGenerator random) {
        unsynced.values().forEach(sector -> sector.forgotten |= random.nextBoolean());
    }

    /** Whether any power failure would leave that range as it is now. */
    boolean isDurable(int from, int to) {
        if (to > durableSize || to > size || sizesBetween.stream().anyMatch(length -> to > length)) {
            return false;
        }
        for (int sector = from / SECTOR; sector * SECTOR < to; sector++) {
            Unsynced changed = unsynced.get(sector);
            int start = sector * SECTOR;
            int first = Math.max(0, from - start);
            int last = Math.min(SECTOR, to - start);
            if (changed != null
                    && changed.versions.stream()
                            .anyMatch(version ->
                                    !Arrays.equals(version.before, first, last, now, start + first, start + last))) {
                return false;
            }
        }
        return true;
    }

    /** What a power failure that takes all it can would leave. */
    byte[] durable() {
        byte[] bytes = Arrays.copyOf(now, Math.max(now.length, durableSize));
        unsynced.forEach((sector, changed) ->
                System.arraycopy(changed.versions.getFirst().before, 0, bytes, sector * SECTOR, SECTOR));
        return Arrays.copyOf(bytes, durableSize);
    }

    /** The lowest offset that changed since this was asked last; beyond all files if none did. */
    int takeLowestChange() {
        int lowest = lowestChange;
        lowestChange = Integer.MAX_VALUE;
        return lowest;
    }

    void crash(Loss loss, RandomGenerator random) {
        List<Integer> sizes = new ArrayList<>(sizesBetween);
        sizes.add(size);
        int left = switch (loss) {
            case ALL -> durableSize;
            case NOTHING -> size;
            case ANY -> random.nextInt(3) == 0 ? durableSize : sizes.get(random.nextInt(sizes.size()));
        };
        unsynced.forEach((sector, changed) -> {
            int versions = changed.versions.size();
            int kept = switch (loss) {
                case ALL -> 0;
                case NOTHING -> versions;
                case ANY -> random.nextInt(versions + 1);
            };
            if (changed.forgotten && kept == versions) {
                kept = 0;
            }
            if (kept < versions) {
                System.arraycopy(changed.versions.get(kept).before, 0, now, sector * SECTOR, SECTOR);
            }
        });
        reserve(left);
        Arrays.fill(now, Math.min(left, now.length), now.length, (byte) 0);
        size = left;
        durableSize = left;
        lowestChange = 0;
        unsynced.clear();
        sizesBetween.clear();
    }
}
