package io.kiroku.agent.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.kiroku.evidence.record.FilePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class LinuxKernelWatchTest {
    private static final long LONG = TimeUnit.SECONDS.toNanos(30);

    @TempDir
    Path dir;

    private LinuxKernel kernel;

    @BeforeEach
    void open() throws IOException {
        kernel = LinuxKernel.open();
    }

    @AfterEach
    void close() {
        kernel.close();
    }

    @Test
    void seesWhatIsMadeAndRemovedInADirectory() throws IOException, InterruptedException {
        int watch = kernel.watch(path(dir), WatchMask.CREATE | WatchMask.DELETE | WatchMask.ONLY_DIRECTORY);
        Files.createDirectory(dir.resolve("container"));
        Shell.run(dir, "touch $'\\xff\\n'; rmdir container");

        assertThat(kernel.await(LONG)).isTrue();
        List<WatchEvent> events = drain();
        assertThat(events)
                .containsExactly(
                        new WatchEvent(watch, WatchMask.CREATE | WatchMask.DIRECTORY, 0, FilePath.of("container")),
                        new WatchEvent(watch, WatchMask.CREATE, 0, FilePath.of(new byte[] {(byte) 0xff, '\n'})),
                        new WatchEvent(watch, WatchMask.DELETE | WatchMask.DIRECTORY, 0, FilePath.of("container")));
        assertThat(events.getFirst().isDirectory()).isTrue();
        assertThat(events.getFirst().isCreated()).isTrue();
        assertThat(kernel.await(0)).isFalse();
        assertThat(drain()).isEmpty();
    }

    @Test
    void bothHalvesOfARenameHaveOneCookie() throws IOException {
        Path from = Files.createDirectory(dir.resolve("from"));
        Path to = Files.createDirectory(dir.resolve("to"));
        Files.createFile(from.resolve("0.log"));
        int mask = WatchMask.MOVED_FROM | WatchMask.MOVED_TO;
        int left = kernel.watch(path(from), mask);
        int right = kernel.watch(path(to), mask);
        Files.move(from.resolve("0.log"), to.resolve("0.log.20250101-000000"));

        List<WatchEvent> events = drain();
        assertThat(events).hasSize(2);
        int cookie = events.getFirst().cookie();
        assertThat(cookie).isNotZero();
        assertThat(events)
                .containsExactly(
                        new WatchEvent(left, WatchMask.MOVED_FROM, cookie, FilePath.of("0.log")),
                        new WatchEvent(right, WatchMask.MOVED_TO, cookie, FilePath.of("0.log.20250101-000000")));
        assertThat(events.getFirst().isMovedFrom()).isTrue();
        assertThat(events.getLast().isMovedTo()).isTrue();
    }

    @Test
    void oneShotOnADescriptorFiresAfterRenameAndUnlink() throws IOException {
        Path file = Files.createFile(dir.resolve("0.log"));
        int fd = kernel.open(path(file));
        try (FileChannel writer = FileChannel.open(file, StandardOpenOption.WRITE)) {
            Path renamed = Files.move(file, dir.resolve("0.log.20250101-000000"));
            expectOneShot(fd, writer);
            Files.delete(renamed);
            expectOneShot(fd, writer);
        }
        kernel.close(fd);
    }

    private void expectOneShot(int fd, FileChannel writer) throws IOException {
        int watch = kernel.watch(fd, WatchMask.MODIFY | WatchMask.ONE_SHOT);
        assertThat(kernel.await(0)).isFalse();
        writer.write(ByteBuffer.wrap(new byte[1]));
        writer.write(ByteBuffer.wrap(new byte[1]));

        assertThat(kernel.await(LONG)).isTrue();
        List<WatchEvent> events = drain();
        assertThat(events)
                .containsExactly(
                        new WatchEvent(watch, WatchMask.MODIFY, 0, null),
                        new WatchEvent(watch, WatchMask.IGNORED, 0, null));
        assertThat(events.getFirst().isModified()).isTrue();
        assertThat(events.getLast().isIgnored()).isTrue();
        kernel.unwatch(watch);
        assertThat(drain()).isEmpty();
    }

    @Test
    void anInodeHasOneWatchByWhateverName() throws IOException {
        Path file = Files.createFile(dir.resolve("0.log"));
        Files.createLink(dir.resolve("pin"), file);
        int fd = kernel.open(path(dir.resolve("pin")));
        int watch = kernel.watch(path(file), WatchMask.ATTRIB);

        assertThat(kernel.watch(fd, WatchMask.MODIFY)).isEqualTo(watch);
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> kernel.watch(fd, WatchMask.ATTRIB | WatchMask.MASK_CREATE))
                .satisfies(e -> assertThat(e.is(Errno.EEXIST)).isTrue());
        Files.delete(file);
        assertThat(drain()).as("the second watch took the place of the first").isEmpty();
        kernel.watch(fd, WatchMask.ATTRIB | WatchMask.MASK_ADD);
        Files.writeString(dir.resolve("pin"), "x");
        Files.delete(dir.resolve("pin"));
        assertThat(drain())
                .contains(
                        new WatchEvent(watch, WatchMask.MODIFY, 0, null),
                        new WatchEvent(watch, WatchMask.ATTRIB, 0, null));
        kernel.close(fd);
    }

    @Test
    void unwatchEndsItAndMayComeLate() throws IOException {
        Path gone = Files.createDirectory(dir.resolve("gone"));
        int watch = kernel.watch(path(gone), WatchMask.DELETE_SELF);
        Files.delete(gone);
        assertThat(drain())
                .containsExactly(
                        new WatchEvent(watch, WatchMask.DELETE_SELF, 0, null),
                        new WatchEvent(watch, WatchMask.IGNORED, 0, null));
        kernel.unwatch(watch);

        int other = kernel.watch(path(dir), WatchMask.CREATE);
        assertThat(other).isNotEqualTo(watch);
        kernel.unwatch(other);
        Files.createFile(dir.resolve("unseen"));
        assertThat(drain()).containsExactly(new WatchEvent(other, WatchMask.IGNORED, 0, null));
    }

    @Test
    void refusesToWatchWhatIsNotThere() throws IOException {
        FilePath nothing = path(dir.resolve("nothing"));
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> kernel.watch(nothing, WatchMask.CREATE))
                .satisfies(e -> assertThat(e.isNotFound()).isTrue())
                .withMessage("inotify_add_watch " + nothing + ": No such file or directory (ENOENT)");
        Path file = Files.createFile(dir.resolve("file"));
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> kernel.watch(path(file), WatchMask.CREATE | WatchMask.ONLY_DIRECTORY))
                .satisfies(e -> assertThat(e.is(Errno.ENOTDIR)).isTrue());
        assertThatExceptionOfType(ErrnoException.class).isThrownBy(() -> kernel.watch(1_000_000_000, WatchMask.MODIFY));
    }

    /** Writes to two files in turn, because the queue joins an event with an equal one before it. */
    @Test
    void saysThatTheQueueOverflowed() throws IOException, InterruptedException {
        int bound = Integer.parseInt(Shell.run(dir, "cat /proc/sys/fs/inotify/max_queued_events"));
        assumeThat(bound).as("max_queued_events").isLessThanOrEqualTo(200_000);
        kernel.watch(path(dir), WatchMask.MODIFY);
        try (FileChannel a =
                        FileChannel.open(dir.resolve("a"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                FileChannel b =
                        FileChannel.open(dir.resolve("b"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.allocateDirect(1);
            for (int i = 0; i < bound / 2 + 10; i++) {
                a.write(bytes.clear(), 0);
                b.write(bytes.clear(), 0);
            }
        }
        List<WatchEvent> events = drain();
        assertThat(events).hasSize(bound + 1);
        assertThat(events.getLast()).isEqualTo(new WatchEvent(-1, WatchMask.OVERFLOW, 0, null));
        assertThat(events).filteredOn(WatchEvent::isOverflow).hasSize(1);
    }

    @Test
    void drainsABoundedPortionAndKeepsTheRest() throws IOException {
        kernel.watch(path(dir), WatchMask.CREATE);
        int files = 3_000;
        for (int i = 0; i < files; i++) {
            Files.createFile(dir.resolve("%020d".formatted(i)));
        }
        List<WatchEvent> events = new ArrayList<>();
        int first = kernel.drain(events::add);
        assertThat(first).isEqualTo(65_536 / (16 + 32)).isEqualTo(events.size());
        assertThat(kernel.await(0)).isTrue();
        events.addAll(drain());
        assertThat(events).hasSize(files).doesNotHaveDuplicates();
    }

    @Test
    void aConsumerThatThrowsLosesNoOtherEvent() throws IOException {
        kernel.watch(path(dir), WatchMask.CREATE);
        for (String name : new String[] {"a", "b", "c"}) {
            Files.createFile(dir.resolve(name));
        }
        assertThatIllegalStateException()
                .isThrownBy(() -> kernel.drain(event -> {
                    throw new IllegalStateException("at " + event.name());
                }))
                .withMessage("at a");
        assertThat(kernel.await(0)).isTrue();
        assertThat(drain()).extracting(WatchEvent::name).containsExactly(FilePath.of("b"), FilePath.of("c"));
    }

    @Test
    void awaitEndsWhenTheTimeIsUp() {
        long start = System.nanoTime();
        assertThat(kernel.await(5_000_000)).isFalse();
        assertThat(kernel.await(500_000)).isFalse();
        assertThat(System.nanoTime() - start).isBetween(5_500_000L, LONG);
        assertThat(kernel.await(-1)).isFalse();
    }

    @Test
    void anotherThreadWakesIt() throws InterruptedException {
        int rounds = 1_000;
        Semaphore turn = new Semaphore(0);
        Thread waker = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < rounds; i++) {
                turn.acquireUninterruptibly();
                kernel.wake();
            }
        });
        for (int i = 0; i < rounds; i++) {
            turn.release();
            assertThat(kernel.await(LONG)).isTrue();
        }
        waker.join();
        assertThat(kernel.await(0)).as("every wake-up was taken").isFalse();
        assertThat(drain()).isEmpty();
    }

    @Test
    void wakeUpsBeforeAnAwaitCountOnce() {
        kernel.wake();
        kernel.wake();
        assertThat(kernel.await(LONG)).isTrue();
        assertThat(kernel.await(0)).isFalse();
    }

    @Test
    void wakingAClosedKernelDoesNothing() throws IOException {
        kernel.close();
        Path file = dir.resolve("next");
        try (FileChannel next = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                FileChannel another = FileChannel.open(file, StandardOpenOption.WRITE)) {
            kernel.wake();
            assertThat(next.size()).isZero();
            assertThat(another.size()).isZero();
        }
        assertThatIllegalStateException().isThrownBy(() -> kernel.await(0));
    }

    private List<WatchEvent> drain() {
        List<WatchEvent> events = new ArrayList<>();
        int before = -1;
        while (events.size() > before) {
            before = events.size();
            assertThat(kernel.drain(events::add)).isEqualTo(events.size() - before);
        }
        return events;
    }

    private static FilePath path(Path path) {
        return FilePath.of(path.toString());
    }
}
