package io.kiroku.agent.tail;

import io.kiroku.agent.os.DirectoryEntry;
import io.kiroku.agent.os.Errno;
import io.kiroku.agent.os.ErrnoException;
import io.kiroku.agent.os.FileStat;
import io.kiroku.agent.os.Kernel;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Hard links in a directory of the agent's own that keep the bytes of followed files, whatever becomes of their names and
 * of the agent. A file is pinned when it is opened, and its pin is released once the collector has given its receipt for
 * the segment in which the file ended.
 *
 * <p>A pin is two names: {@code <file id>.of}, a symlink to the live path of the file's source, or to its own path if it is
 * compressed, and then {@code <file id>.pin}, the link itself. So a pin can be taken up even if the agent dies before the
 * chain was told of the file. Links cannot be made where the directory is on another mount or read-only, or where the kernel's protection
 * of hard links forbids it: then open descriptors alone hold the bytes, which die with the agent.
 */
final class Pins {
    private static final String LINK = ".pin";
    private static final String OF = ".of";

    /** Names read of the directory, at most: two for each file that may be followed, and as many awaiting receipts. */
    private static final int MOST_NAMES = 1 << 20;

    /**
     * A pin that an earlier run left.
     *
     * @param id of the file
     * @param pin the link
     * @param source the live path of the file's source
     * @param path of the file, if it is compressed; else the same as the source
     */
    record Left(int id, FilePath pin, FilePath source, FilePath path) {}

    /** A pin of a file that ended in that segment; its bytes count against the budget if it was the last name. */
    private record Released(int id, long sequence, long bytes) {}

    private final Kernel kernel;
    private final @Nullable FilePath directory;
    private final Complaints complaints;
    private final Map<FileIdentity, Integer> captured = new HashMap<>();
    private final List<Released> unsealed = new ArrayList<>();
    private final Deque<Released> released = new ArrayDeque<>();
    private long releasedBytes;
    private long pinned;
    private String refusal = "";

    /** @param directory where links are made; null for none */
    Pins(Kernel kernel, @Nullable FilePath directory, Complaints complaints) {
        this.kernel = kernel;
        this.directory = directory;
        this.complaints = complaints;
    }

    /** Files that are pinned now, those that await a receipt included. */
    long pinned() {
        return pinned;
    }

    /** Bytes that only pins of ended files hold. */
    long releasedBytes() {
        return releasedBytes;
    }

    /** Why some files are held by their descriptors alone, a sentence; empty if all are pinned. */
    String refusal() {
        return refusal;
    }

    /** Pins an open file, if that can be done. */
    void pin(LogFile file) {
        if (directory == null) {
            return;
        }
        try {
            say(file);
            link(file);
            file.pinned = true;
            pinned++;
        } catch (ErrnoException refused) {
            remove(path(file.id, OF));
            if (!refused.is(Errno.ENOENT) || !isThere()) {
                refused(file.source, refused);
            }
        }
    }

    /** ENOENT is said of a file without a name, which is no refusal, and of a directory that is not there. */
    private boolean isThere() {
        try {
            return directory != null && kernel.stat(directory).isDirectory();
        } catch (ErrnoException gone) {
            return false;
        }
    }

    private void refused(FilePath source, ErrnoException refused) {
        if (refusal.isEmpty()) {
            refusal = "%s and maybe others are held by open descriptors alone, as they cannot be pinned: %s"
                    .formatted(source, refused.getMessage());
        }
    }

    private void say(LogFile file) throws ErrnoException {
        FilePath name = path(file.id, OF);
        FilePath of = file.content.isCompressed() ? file.path : file.source;
        try {
            kernel.symlink(of, name);
        } catch (ErrnoException refused) {
            if (!refused.is(Errno.EEXIST)) {
                throw refused;
            }
            kernel.unlink(name);
            kernel.symlink(of, name);
        }
    }

    private void link(LogFile file) throws ErrnoException {
        FilePath name = path(file.id, LINK);
        try {
            kernel.link(file.fd, name);
        } catch (ErrnoException refused) {
            if (!refused.is(Errno.EEXIST)) {
                throw refused;
            }
            kernel.unlink(name);
            kernel.link(file.fd, name);
        }
    }

    /** The names that a file has beside its pin. */
    int namesOf(LogFile file, FileStat stat) {
        if (file.pinned && stat.links() == 1 && !isHere(file)) {
            // Somebody removed the pin: the one name that is left is the file's own.
            file.pinned = false;
            pinned--;
        }
        return stat.links() - (file.pinned ? 1 : 0);
    }

    private boolean isHere(LogFile file) {
        try {
            return kernel.stat(path(file.id, LINK)).inode() == file.identity.inode();
        } catch (ErrnoException gone) {
            return false;
        }
    }

    /** The file goes on under another id, and so does its pin. */
    void renumbered(LogFile file, int oldId) {
        if (file.pinned) {
            file.pinned = false;
            pinned--;
            pin(file);
            drop(oldId);
        }
    }

    /**
     * The file ended: its pin goes once the segment that will say so has its receipt. That of a compressed file stays as long
     * as the file has another name: by it a later run knows that the file was captured.
     */
    void release(LogFile file) {
        if (file.pinned && file.content.isCompressed()) {
            captured.put(file.identity, file.id);
        } else if (file.pinned) {
            unsealed.add(new Released(file.id, Long.MAX_VALUE, file.deleted ? file.offset : 0));
        }
    }

    /** A pin of a file that the chain says has ended, in that segment or before it. */
    void release(Left left, long sequence) throws ErrnoException {
        pinned++;
        if (left.path().equals(left.source())) {
            keepUntil(new Released(left.id(), sequence, 0));
        } else {
            captured.put(FileSet.identityOf(kernel.stat(left.pin())), left.id());
        }
    }

    /** Whether it is a compressed file that was captured to its end. */
    boolean isCaptured(FileStat stat) {
        return captured.containsKey(FileSet.identityOf(stat));
    }

    /** Removes the pins of captured compressed files that have no other name any more. */
    void dropUnnamed() {
        captured.values().removeIf(id -> {
            boolean unnamed = isUnnamed(path(id, LINK));
            if (unnamed) {
                pinned--;
                drop(id);
            }
            return unnamed;
        });
    }

    private boolean isUnnamed(FilePath pin) {
        try {
            return kernel.stat(pin).links() == 1;
        } catch (ErrnoException refused) {
            return refused.isNotFound();
        }
    }

    /** What was released up to now is told in segments up to this one. */
    void sealed(long sequence) {
        unsealed.forEach(each -> keepUntil(new Released(each.id(), sequence, each.bytes())));
        unsealed.clear();
    }

    private void keepUntil(Released pin) {
        released.add(pin);
        releasedBytes += pin.bytes();
    }

    /**
     * The collector has all segments up to this one: drops pins of files that ended in them.
     *
     * @param most how many at most
     * @return whether there are more of them
     */
    boolean acknowledged(long sequence, int most) {
        for (int i = 0; i < most && isDroppable(sequence); i++) {
            dropOldestReleased();
        }
        return isDroppable(sequence);
    }

    private boolean isDroppable(long sequence) {
        Released oldest = released.peek();
        return oldest != null && oldest.sequence() <= sequence;
    }

    boolean hasReleased() {
        return !released.isEmpty();
    }

    /** Does without the oldest pin of an ended file: its bytes are in the ring, and nowhere else from now on. */
    void dropOldestReleased() {
        Released oldest = released.remove();
        releasedBytes -= oldest.bytes();
        pinned--;
        drop(oldest.id());
    }

    /** The file was taken up from a pin that an earlier run left. */
    void takenUp(LogFile file, Left left) {
        if (file.id == left.id()) {
            file.pinned = true;
            pinned++;
        } else {
            pin(file);
            drop(left.id());
        }
    }

    /** The file is followed no longer, and its bytes need not be kept. */
    void drop(LogFile file) {
        if (file.pinned) {
            file.pinned = false;
            pinned--;
            drop(file.id);
        }
    }

    /** Removes a pin. The link goes first: alone it could not be taken up again. */
    void drop(int id) {
        remove(path(id, LINK));
        remove(path(id, OF));
    }

    private void remove(FilePath name) {
        try {
            kernel.unlink(name);
        } catch (ErrnoException refused) {
            if (!refused.isNotFound()) {
                complaints.about(name, "it cannot be removed: " + refused.getMessage());
            }
        }
    }

    /**
     * The pins that are there, lowest id first. A name that is no pin's is left alone.
     *
     * @throws ErrnoException if they cannot be found now
     */
    List<Left> left() throws ErrnoException {
        List<Left> left = new ArrayList<>();
        if (directory == null) {
            return left;
        }
        Set<Integer> said = new TreeSet<>();
        for (DirectoryEntry entry : kernel.list(directory, MOST_NAMES).entries()) {
            int id = idOf(entry.name(), LINK);
            if (id > 0) {
                FilePath of = kernel.readlink(path(id, OF));
                FilePath live = RotatedName.livePathOfCompressed(of);
                left.add(new Left(id, path(id, LINK), live == null ? of : live, of));
            }
            said.add(idOf(entry.name(), OF));
        }
        left.sort(Comparator.comparingInt(Left::id));
        // An agent that dies between the two names leaves the first.
        left.forEach(pin -> said.remove(pin.id()));
        said.stream().filter(id -> id > 0).forEach(id -> remove(path(id, OF)));
        return left;
    }

    private FilePath path(int id, String kind) {
        if (directory == null) {
            throw new IllegalStateException("there is no directory for pins");
        }
        return directory.resolve(FilePath.of(String.format(Locale.ROOT, "%010d%s", id, kind)));
    }

    /** The id of a pin by its name of that kind; 0 for any other name. */
    private static int idOf(FilePath name, String kind) {
        String text = new String(name.bytes(), StandardCharsets.ISO_8859_1);
        if (!text.endsWith(kind) || !text.matches("\\d{10}\\.[a-z]+")) {
            return 0;
        }
        long id = Long.parseLong(text, 0, 10, 10);
        return id > Integer.MAX_VALUE ? 0 : (int) id;
    }
}
