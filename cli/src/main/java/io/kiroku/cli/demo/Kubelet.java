package io.kiroku.cli.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * What the kubelet does to log files, step by step as in pkg/kubelet/logs/container_log_manager.go, with its habits: the
 * time in a rotated file's name has a resolution of a second, so that names collide; a plain file whose compressed
 * namesake is there counts as done with and is removed unread; a compressed file may replace another.
 */
public final class Kubelet {
    /** The runtime's part in a rotation. */
    public interface Reopening {
        /**
         * Opens the live name anew and writes to nothing else from then on.
         *
         * @return false if the container runs no more, and nothing was opened
         */
        boolean reopen() throws IOException;
    }

    private static final DateTimeFormatter ROTATED = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);
    private static final String TEMPORARY = ".tmp";
    private static final String COMPRESSED = ".gz";

    private Kubelet() {}

    /**
     * Tidies the files rotated earlier, compresses what is plain among them, then rotates the live one. If the runtime does
     * not reopen it, it gets its name back.
     *
     * @param now the node's local time
     */
    public static void rotate(Path live, Rotation rotation, LocalDateTime now, Reopening runtime) throws IOException {
        List<Path> kept = removeExcess(removeUnused(rotated(live)), rotation.maxFiles() - 2);
        for (Path file : kept) {
            if (!file.toString().endsWith(COMPRESSED)) {
                compress(file);
            }
        }
        Path target = sibling(live, "." + ROTATED.format(now));
        try {
            Files.move(live, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (NoSuchFileException podRemoved) {
            return;
        }
        long until = System.nanoTime() + rotation.reopenGap().toNanos();
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
        try {
            if (!runtime.reopen()) {
                Files.move(target, live, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (NoSuchFileException podRemoved) {
            // Its directory went in between: there is nothing to write to any more.
        }
    }

    /** The files beside the live one whose names go on after its own and a dot, oldest name first. */
    private static List<Path> rotated(Path live) throws IOException {
        return named(live, live.getFileName() + ".");
    }

    private static List<Path> named(Path live, String prefix) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(directoryOf(live))) {
            files.filter(file -> nameOf(file).startsWith(prefix)).sorted().forEach(found::add);
        } catch (NoSuchFileException podRemoved) {
            return List.of();
        }
        return found;
    }

    /** Removes temporary files, and plain files of which there is a compressed one. */
    private static List<Path> removeUnused(List<Path> files) throws IOException {
        List<Path> used = new ArrayList<>();
        for (Path file : files) {
            String name = nameOf(file);
            boolean compressed = name.endsWith(COMPRESSED);
            boolean unused = !compressed && (name.endsWith(TEMPORARY) || files.contains(sibling(file, COMPRESSED)));
            if (unused) {
                Files.deleteIfExists(file);
            } else {
                used.add(file);
            }
        }
        return used;
    }

    private static List<Path> removeExcess(List<Path> files, int most) throws IOException {
        int excess = Math.max(0, files.size() - most);
        for (Path file : files.subList(0, excess)) {
            Files.deleteIfExists(file);
        }
        return files.subList(excess, files.size());
    }

    /** Compresses less than the kubelet does, so that a pretend node keeps pace with writers of its own machine. */
    private static final class FastGzip extends GZIPOutputStream {
        private FastGzip(OutputStream out) throws IOException {
            super(out, 64 << 10);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }

    private static void compress(Path file) throws IOException {
        Path temporary = sibling(file, TEMPORARY);
        try (InputStream in = Files.newInputStream(file);
                OutputStream out = new FastGzip(Files.newOutputStream(temporary))) {
            in.transferTo(out);
        } catch (NoSuchFileException podRemoved) {
            return;
        }
        try {
            Files.move(
                    temporary,
                    sibling(file, COMPRESSED),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (NoSuchFileException podRemoved) {
            return;
        }
        Files.deleteIfExists(file);
    }

    /** Removes the live file of a dead instance and all files rotated from it. */
    public static void removeLogs(Path live) throws IOException {
        for (Path file : named(live, nameOf(live))) {
            Files.deleteIfExists(file);
        }
    }

    /** Removes a directory with all in it, while others may still be at work there. */
    public static void removeTree(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static Path sibling(Path file, String suffix) {
        return file.resolveSibling(nameOf(file) + suffix);
    }

    private static Path directoryOf(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalArgumentException("expected a file in a directory, found " + file);
        }
        return parent;
    }

    private static String nameOf(Path file) {
        return String.valueOf(file.getFileName());
    }
}
