package io.kiroku.systemtests.simulation;

import io.kiroku.collector.store.StorageDirectory;
import io.kiroku.evidence.durable.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A file system whose disk forgets what was not synced, fails, fills up and takes its time. It outlives the processes
 * that use it: one that is killed leaves all it wrote, a power failure takes what was not synced.
 */
final class SimDisk {
    private static final long MICRO = 1_000L;
    private static final int SMALL = 64;

    private final Scheduler scheduler;
    private final RandomGenerator random;
    private final Map<String, SimContent> files = new TreeMap<>();

    private long room = Long.MAX_VALUE;
    private int mostSyncMicros = 300;
    private int stallMicros;
    private int failingWrites;
    private int failingReads;
    private int failingSyncs;
    private long faults;
    private int stepsToKill = Integer.MAX_VALUE;
    private @Nullable Runnable killer;

    SimDisk(Scheduler scheduler, RandomGenerator random) {
        this.scheduler = scheduler;
        this.random = random;
    }

    /** From now on it takes so many bytes more. */
    void fill(long bytesLeft) {
        room = bytesLeft;
        faults++;
    }

    /** A sync takes up to so long from now on. */
    void slow(int micros) {
        mostSyncMicros = micros;
    }

    /** The next sync takes so much longer. */
    void stall(int micros) {
        stallMicros = micros;
    }

    private void takeTime() {
        int micros = random.nextInt(20, 20 + mostSyncMicros) + stallMicros;
        stallMicros = 0;
        scheduler.await(MICRO * micros);
    }

    /** The next so many calls of a kind fail, each once in a while. */
    void failWrites(int times) {
        failingWrites = times;
        faults++;
    }

    void failReads(int times) {
        failingReads = times;
        faults++;
    }

    void failSyncs(int times) {
        failingSyncs = times;
        faults++;
    }

    /** How many faults it was given so far: without any, no call may fail. */
    long faults() {
        return faults;
    }

    /** The n-th write or sync from now on is not survived: half of it is done, then {@code kill} ends the process. */
    void killAt(int step, Runnable kill) {
        stepsToKill = step;
        killer = kill;
    }

    void heal() {
        room = Long.MAX_VALUE;
        failingWrites = 0;
        failingReads = 0;
        failingSyncs = 0;
        stepsToKill = Integer.MAX_VALUE;
    }

    /** The power fails. */
    void crash() {
        SimContent.Loss loss = switch (random.nextInt(3)) {
            case 0 -> SimContent.Loss.ALL;
            case 1 -> SimContent.Loss.NOTHING;
            default -> SimContent.Loss.ANY;
        };
        files.values().forEach(content -> content.crash(loss, random));
    }

    /** What is on it, as a power failure would leave it at worst. */
    Map<String, byte[]> copy() {
        Map<String, byte[]> copy = new TreeMap<>();
        files.forEach((name, content) -> copy.put(name, content.durable()));
        return copy;
    }

    /** It holds that, and nothing else. */
    void restore(Map<String, byte[]> copy) {
        files.clear();
        copy.forEach((name, bytes) -> files.put(name, new SimContent(bytes)));
    }

    /** All that is on it is gone. */
    void wipe() {
        files.clear();
    }

    boolean exists(String name) {
        return files.containsKey(name);
    }

    void remove(String name) {
        files.remove(name);
    }

    /** What is in a file; null if there is none. */
    @Nullable
    SimContent content(String name) {
        return files.get(name);
    }

    /** The names that begin so, in order. */
    List<String> names(String prefix) {
        return files.keySet().stream().filter(name -> name.startsWith(prefix)).toList();
    }

    /** A file of that length, made and synced. */
    StorageFile allocate(String name, long length) {
        SimContent content = new SimContent(new byte[0]);
        content.truncate(Math.toIntExact(length));
        content.sync();
        files.put(name, content);
        return new File(content);
    }

    StorageFile open(String name) throws NoSuchFileException {
        SimContent content = files.get(name);
        if (content == null) {
            throw new NoSuchFileException(name);
        }
        return new File(content);
    }

    StorageDirectory directory(String name) {
        return new Directory(name + "/");
    }

    private boolean strikes(int left) {
        return left > 0 && random.nextInt(3) == 0;
    }

    /** Whether the process is to die in the middle of this call. */
    private boolean isLastStep() {
        return stepsToKill != Integer.MAX_VALUE && stepsToKill-- == 0;
    }

    private void kill() {
        stepsToKill = Integer.MAX_VALUE;
        if (killer != null) {
            killer.run();
        }
        scheduler.check();
    }

    private static IOException failed() {
        return new IOException("Input/output error");
    }

    private final class File implements StorageFile {
        private final SimContent content;

        private File(SimContent content) {
            this.content = content;
        }

        @Override
        public void write(ByteBuffer bytes, long at) throws IOException {
            scheduler.check();
            int length = bytes.remaining();
            int from = Math.toIntExact(at);
            int growth = Math.max(0, from + length - content.size());
            boolean lastStep = isLastStep();
            boolean struck = strikes(failingWrites);
            boolean full = growth > room;
            byte[] all = new byte[length];
            bytes.get(all);
            int fitting = full ? (int) Math.max(0, length - (growth - room)) : length;
            int taken = fitting;
            if (struck) {
                taken = random.nextInt(fitting + 1);
            } else if (lastStep) {
                // What is written within a page is written at once, whatever becomes of the process.
                taken = length > SMALL ? random.nextInt(fitting + 1) : random.nextBoolean() ? fitting : 0;
            }
            room -= room == Long.MAX_VALUE ? 0 : Math.max(0, from + taken - content.size());
            content.write(from, all, taken);
            if (lastStep) {
                kill();
            }
            if (struck) {
                failingWrites--;
                throw failed();
            }
            if (full) {
                throw new IOException("No space left on device");
            }
        }

        @Override
        public int read(ByteBuffer into, long at) throws IOException {
            scheduler.check();
            if (strikes(failingReads)) {
                failingReads--;
                throw failed();
            }
            return content.read(into, at);
        }

        @Override
        public long size() {
            return content.size();
        }

        @Override
        public void sync() throws IOException {
            scheduler.check();
            boolean lastStep = isLastStep();
            SimContent.Mark mark = content.mark();
            takeTime();
            if (lastStep && random.nextBoolean()) {
                kill();
            }
            if (strikes(failingSyncs)) {
                failingSyncs--;
                content.failSync(random);
                throw failed();
            }
            content.sync(mark);
            if (lastStep) {
                kill();
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            scheduler.check();
            if (isLastStep()) {
                kill();
            }
            if (size < content.size()) {
                room += room == Long.MAX_VALUE ? 0 : content.size() - size;
                content.truncate(Math.toIntExact(size));
            }
        }

        @Override
        public void close() {}
    }

    private final class Directory implements StorageDirectory {
        private final String prefix;

        private Directory(String prefix) {
            this.prefix = prefix;
        }

        @Override
        public List<String> names() {
            return SimDisk.this.names(prefix).stream()
                    .map(name -> name.substring(prefix.length()))
                    .toList();
        }

        @Override
        public StorageFile open(String name) throws IOException {
            return SimDisk.this.open(prefix + name);
        }

        @Override
        public StorageFile openForReading(String name) throws IOException {
            return SimDisk.this.open(prefix + name);
        }

        @Override
        public void create(String name, byte[] bytes) throws IOException {
            if (files.containsKey(prefix + name)) {
                throw new FileAlreadyExistsException(name);
            }
            put(name, bytes);
        }

        @Override
        public void overwrite(String name, byte[] bytes) throws IOException {
            put(name, bytes);
        }

        /** Its content is on the disk before it has the name. */
        private void put(String name, byte[] bytes) throws IOException {
            scheduler.check();
            boolean lastStep = isLastStep();
            takeTime();
            if (lastStep && random.nextBoolean()) {
                kill();
            }
            if (strikes(failingSyncs)) {
                failingSyncs--;
                throw failed();
            }
            if (bytes.length > room) {
                throw new IOException("No space left on device");
            }
            room -= room == Long.MAX_VALUE ? 0 : bytes.length;
            files.put(prefix + name, new SimContent(bytes));
            if (lastStep) {
                kill();
            }
        }

        @Override
        public void write(String name, byte[] bytes) throws IOException {
            scheduler.check();
            SimContent content = new SimContent(new byte[0]);
            new File(content).write(ByteBuffer.wrap(bytes), 0);
            files.put(prefix + name, content);
        }

        @Override
        public void delete(String name) {
            scheduler.check();
            if (isLastStep()) {
                kill();
            }
            files.remove(prefix + name);
        }

        @Override
        public void rename(String from, String to) throws NoSuchFileException {
            SimContent content = files.remove(prefix + from);
            if (content == null) {
                throw new NoSuchFileException(from);
            }
            files.put(prefix + to, content);
        }

        @Override
        public long freeBytes() {
            return room;
        }

        @Override
        public String toString() {
            return prefix;
        }
    }
}
