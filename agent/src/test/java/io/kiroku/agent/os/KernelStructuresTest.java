package io.kiroku.agent.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.kiroku.agent.os.DirectoryEntry.Kind;
import io.kiroku.evidence.record.FilePath;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Bytes as the kernel lays them out, and bytes as it never would. */
class KernelStructuresTest {
    @Test
    void takesEventsOneAfterAnother() {
        ByteBuffer bytes = buffer(128);
        event(bytes, 7, WatchMask.CREATE | WatchMask.DIRECTORY, 0, "pod\0\0\0\0\0\0\0\0\0\0\0\0\0");
        event(bytes, 7, WatchMask.MOVED_TO, -2, "sixteen-bytes-n\0");
        event(bytes, -1, WatchMask.OVERFLOW, 0, "");
        bytes.flip();

        assertThat(InotifyEvents.next(bytes))
                .isEqualTo(new WatchEvent(7, WatchMask.CREATE | WatchMask.DIRECTORY, 0, FilePath.of("pod")));
        assertThat(InotifyEvents.next(bytes))
                .isEqualTo(new WatchEvent(7, WatchMask.MOVED_TO, -2, FilePath.of("sixteen-bytes-n")));
        WatchEvent overflow = InotifyEvents.next(bytes);
        assertThat(overflow).isEqualTo(new WatchEvent(-1, WatchMask.OVERFLOW, 0, null));
        assertThat(overflow.isOverflow()).isTrue();
        assertThat(bytes.hasRemaining()).isFalse();
    }

    @Test
    void takesANameWithoutPaddingAndNoNameInPaddingAlone() {
        ByteBuffer bytes = buffer(64);
        event(bytes, 1, WatchMask.CREATE, 0, "four");
        event(bytes, 1, WatchMask.CREATE, 0, "\0\0\0\0");
        bytes.flip();
        assertThat(InotifyEvents.next(bytes).name()).isEqualTo(FilePath.of("four"));
        assertThat(InotifyEvents.next(bytes).name()).isNull();
    }

    @Test
    void stopsAtAnEventThatIsNotWhole() {
        assertThatIllegalStateException()
                .isThrownBy(() -> InotifyEvents.next(buffer(15)))
                .withMessage("an inotify event has at least 16 bytes, found 15");
        ByteBuffer beyond = buffer(20).putInt(12, 5);
        assertThatIllegalStateException()
                .isThrownBy(() -> InotifyEvents.next(beyond))
                .withMessage("an inotify event names 5 bytes of name, found 4");
        ByteBuffer negative = buffer(20).putInt(12, -1);
        assertThatIllegalStateException()
                .isThrownBy(() -> InotifyEvents.next(negative))
                .withMessage("an inotify event names 4294967295 bytes of name, found 4");
    }

    @Test
    void takesDirectoryEntriesOneAfterAnother() {
        ByteBuffer bytes = buffer(256);
        entry(bytes, 2, 24, 4, ".\0");
        entry(bytes, 1, 24, 4, "..\0");
        entry(bytes, 3, 32, 8, "0.log\0");
        entry(bytes, -1, 24, 0, "...\0");
        entry(bytes, 5, 24, 12, "abcde");
        bytes.flip();

        assertThat(Dirents.next(bytes)).isNull();
        assertThat(Dirents.next(bytes)).isNull();
        assertThat(Dirents.next(bytes)).isEqualTo(new DirectoryEntry(FilePath.of("0.log"), 3, Kind.REGULAR));
        assertThat(Dirents.next(bytes)).isEqualTo(new DirectoryEntry(FilePath.of("..."), -1, Kind.UNKNOWN));
        assertThat(Dirents.next(bytes))
                .as("a name that nothing closes ends with its entry")
                .isEqualTo(new DirectoryEntry(FilePath.of("abcde"), 5, Kind.OTHER));
        assertThat(bytes.hasRemaining()).isFalse();
    }

    @Test
    void stopsAtADirectoryEntryThatIsNotWhole() {
        assertThatIllegalStateException().isThrownBy(() -> Dirents.next(buffer(19)));
        assertThatIllegalStateException().isThrownBy(() -> Dirents.next(buffer(24)));
        ByteBuffer beyond = buffer(24).putShort(16, (short) 25);
        assertThatIllegalStateException()
                .isThrownBy(() -> Dirents.next(beyond))
                .withMessage("a directory entry of 25 bytes does not fit the 24 bytes found");
    }

    @Test
    void statTakesEveryFieldFromItsPlace() {
        ByteBuffer bytes = buffer(Statx.SIZE);
        bytes.putInt(0, Statx.WANTED);
        bytes.putInt(16, 2).putInt(20, -2).putInt(24, 100).putShort(28, (short) 0x81a4);
        bytes.putLong(32, -3).putLong(40, 1L << 33).putLong(48, 9);
        bytes.putLong(80, 1_700_000_000).putInt(88, 999_999_999);
        bytes.putLong(112, -1).putInt(120, 1);
        bytes.putInt(136, 259).putInt(140, -1);

        assertThat(parse(bytes))
                .isEqualTo(new FileStat(
                        (259L << 32) | 0xffff_ffffL,
                        -3,
                        1_700_000_000_999_999_999L,
                        1L << 33,
                        0x81a4,
                        2,
                        -999_999_999,
                        -2,
                        100));
        assertThat(Statx.allocated(MemorySegment.ofBuffer(bytes))).isEqualTo(9 * 512);
    }

    @Test
    void birthIsZeroWhereTheFileSystemHasNone() {
        ByteBuffer bytes = buffer(Statx.SIZE);
        bytes.putInt(0, Statx.WANTED & ~Statx.BIRTH).putLong(80, 1_700_000_000);
        assertThat(parse(bytes).birthNanos()).isZero();
    }

    @Test
    void timesBeyondALongOfNanosecondsStayAtItsEnds() {
        ByteBuffer bytes = buffer(Statx.SIZE);
        bytes.putInt(0, Statx.WANTED).putLong(80, 10_000_000_000L).putLong(112, Long.MIN_VALUE);
        assertThat(parse(bytes).birthNanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(parse(bytes).modifiedNanos()).isEqualTo(Long.MIN_VALUE);
    }

    private static FileStat parse(ByteBuffer statx) {
        return Statx.parse(MemorySegment.ofBuffer(statx));
    }

    private static void event(ByteBuffer into, int watch, int mask, int cookie, String name) {
        into.putInt(watch).putInt(mask).putInt(cookie).putInt(name.length());
        into.put(name.getBytes(StandardCharsets.US_ASCII));
    }

    private static void entry(ByteBuffer into, long inode, int length, int type, String name) {
        int start = into.position();
        into.putLong(inode).putLong(99).putShort((short) length).put((byte) type);
        into.put(name.getBytes(StandardCharsets.US_ASCII)).position(start + length);
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
    }
}
