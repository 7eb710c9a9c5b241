package io.kiroku.collector.store;

import io.kiroku.evidence.durable.StorageFile;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A directory in memory whose disk forgets, fails and fills up. After a crash, of each write that was not synced all, a
 * part, or nothing is there, whatever became of those before and behind it.
 */
public final class ForgetfulDirectory implements StorageDirectory {
    /** What happens to a file before it is synced. */
    private sealed interface Change {
        record Write(long at, Octets bytes) implements Change {}

        record Truncate(long size) implements Change {}
    }

    private static final class Content {
        private byte[] durable;
        private byte[] now;
        private final List<Change> unsynced = new ArrayList<>();

        private Content(byte[] bytes) {
            durable = bytes.clone();
            now = bytes.clone();
        }
    }

    private final Map<String, Content> files = new TreeMap<>();
    private long room = Long.MAX_VALUE;
    private @Nullable String failingSync;
    private int syncs;

    /** From now on the disk takes so many bytes more. */
    public void fill(long bytesLeft) {
        room = bytesLeft;
    }

    /** From now on syncs fail with that message; null ends it. */
    public void failSyncs(@Nullable String message) {
        failingSync = message;
    }

    int syncs() {
        return syncs;
    }

    /** What is there after the power has failed. */
    public ForgetfulDirectory afterCrash(Random random) {
        ForgetfulDirectory after = new ForgetfulDirectory();
        files.forEach((name, content) -> {
            byte[] bytes = content.durable;
            for (Change change : content.unsynced) {
                bytes = survived(bytes, change, random);
            }
            after.files.put(name, new Content(bytes));
        });
        return after;
    }

    private static byte[] survived(byte[] before, Change change, Random random) {
        return switch (change) {
            case Change.Truncate(long size) -> random.nextBoolean() ? Arrays.copyOf(before, (int) size) : before;
            case Change.Write(long at, Octets octets) -> {
                byte[] bytes = octets.toArray();
                yield switch (random.nextInt(4)) {
                    case 0 -> before;
                    case 1 -> write(before, at, Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)));
                    case 2 -> write(before, at, new byte[bytes.length]);
                    default -> write(before, at, bytes);
                };
            }
        };
    }

    private static byte[] write(byte[] before, long at, byte[] bytes) {
        byte[] after = Arrays.copyOf(before, Math.max(before.length, (int) at + bytes.length));
        System.arraycopy(bytes, 0, after, (int) at, bytes.length);
        return after;
    }

    /** A copy in which everything is as it is here, synced. */
    ForgetfulDirectory copy() {
        ForgetfulDirectory copy = new ForgetfulDirectory();
        files.forEach((name, content) -> copy.files.put(name, new Content(content.now)));
        return copy;
    }

    public byte[] bytes(String name) {
        return content(name).now.clone();
    }

    public void put(String name, byte[] bytes) {
        files.put(name, new Content(bytes));
    }

    public void remove(String name) {
        files.remove(name);
    }

    private Content content(String name) {
        Content content = files.get(name);
        if (content == null) {
            throw new AssertionError("no file " + name);
        }
        return content;
    }

    @Override
    public List<String> names() {
        return List.copyOf(files.keySet());
    }

    @Override
    public StorageFile open(String name) throws IOException {
        Content content = files.get(name);
        if (content == null) {
            throw new NoSuchFileException(name);
        }
        return new File(content);
    }

    @Override
    public StorageFile openForReading(String name) throws IOException {
        return open(name);
    }

    @Override
    public void create(String name, byte[] content) throws IOException {
        if (files.containsKey(name)) {
            throw new FileAlreadyExistsException(name);
        }
        spend(content.length);
        checkSync();
        files.put(name, new Content(content));
    }

    @Override
    public void overwrite(String name, byte[] content) throws IOException {
        spend(content.length);
        checkSync();
        files.put(name, new Content(content));
    }

    @Override
    public void write(String name, byte[] content) throws IOException {
        files.put(name, new Content(new byte[0]));
        try (StorageFile file = open(name)) {
            file.write(ByteBuffer.wrap(content), 0);
        }
    }

    @Override
    public void delete(String name) {
        files.remove(name);
    }

    @Override
    public void rename(String from, String to) {
        files.put(to, content(from));
        files.remove(from);
    }

    @Override
    public long freeBytes() {
        return room;
    }

    private void spend(long bytes) throws IOException {
        if (bytes > room) {
            throw new IOException("No space left on device");
        }
        room -= bytes;
    }

    private void checkSync() throws IOException {
        if (failingSync != null) {
            throw new IOException(failingSync);
        }
    }

    private final class File implements StorageFile {
        private final Content content;

        private File(Content content) {
            this.content = content;
        }

        @Override
        public void write(ByteBuffer bytes, long at) throws IOException {
            byte[] all = new byte[bytes.remaining()];
            bytes.get(all);
            byte[] fits = Arrays.copyOf(all, (int) Math.min(all.length, room));
            content.now = ForgetfulDirectory.write(content.now, at, fits);
            content.unsynced.add(new Change.Write(at, Octets.of(fits)));
            boolean full = fits.length < all.length;
            spend(fits.length);
            if (full) {
                throw new IOException("No space left on device");
            }
        }

        @Override
        public int read(ByteBuffer into, long at) {
            int length = Math.clamp(content.now.length - at, 0, into.remaining());
            if (length > 0) {
                into.put(content.now, (int) at, length);
            }
            return length;
        }

        @Override
        public long size() {
            return content.now.length;
        }

        @Override
        public void sync() throws IOException {
            checkSync();
            syncs++;
            content.durable = content.now.clone();
            content.unsynced.clear();
        }

        @Override
        public void truncate(long size) {
            if (size < content.now.length) {
                room = Math.min(Long.MAX_VALUE - content.now.length, room) + content.now.length - size;
                content.now = Arrays.copyOf(content.now, (int) size);
                content.unsynced.add(new Change.Truncate(size));
            }
        }

        @Override
        public void close() {}
    }
}
