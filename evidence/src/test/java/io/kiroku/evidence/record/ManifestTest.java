package io.kiroku.evidence.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.Property;
import io.kiroku.evidence.RandomEvidence;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestTest {
    private static final Octets KEY = Octets.parse("01".repeat(32));
    private static final Fingerprint FINGERPRINT = new Fingerprint(1024, Octets.parse("0f".repeat(32)));
    private static final FilePath PATH = FilePath.of(new byte[] {'/', (byte) 0xff});

    @Test
    void everyEntryIsWrittenAsDocumented() {
        assertThat(hex(new Entry.Epoch(Entry.EpochReason.KEY_LOST, 5, KEY, Octets.parse("02".repeat(64)), "n1")))
                .isEqualTo("01" + "0069" + "01" + "00000005" + "01".repeat(32) + "02".repeat(64) + "0002" + "6e31");
        assertThat(hex(new Entry.File(7, PATH, FilePath.of("/a"), new FileIdentity(8, 9, 10), 11, FINGERPRINT)))
                .isEqualTo("02" + "0050" + "00000007" + "0000000000000008" + "0000000000000009" + "000000000000000a"
                        + "000000000000000b" + "00000400" + "0f".repeat(32) + "0002" + "2fff" + "0002" + "2f61");
        assertThat(hex(new Entry.Chunk(7, 11, 3)))
                .isEqualTo("03" + "0010" + "00000007" + "000000000000000b" + "00000003");
        assertThat(hex(new Entry.FingerprintTaken(7, FINGERPRINT)))
                .isEqualTo("04" + "0028" + "00000007" + "00000400" + "0f".repeat(32));
        assertThat(hex(new Entry.Gap(0, 14, Entry.UNKNOWN, Entry.GapCause.VANISHED, 15, "é")))
                .isEqualTo("05" + "0021" + "00000000" + "000000000000000e" + "ffffffffffffffff" + "01"
                        + "000000000000000f" + "0002" + "c3a9");
        assertThat(hex(new Entry.Event(Entry.EventKind.ENDED, 7, 16, "")))
                .isEqualTo("06" + "000f" + "05" + "00000007" + "0000000000000010" + "0000");
        assertThat(hex(new Entry.SegmentGap(
                        3, 4, Entry.GapCause.RING_OVERRUN, 5, 6, FilePath.of("/a"), 7, Entry.UNKNOWN, true)))
                .isEqualTo("07" + "0032" + "0000000000000003" + "0000000000000004" + "03" + "0000000000000005"
                        + "00000006" + "0000000000000007" + "ffffffffffffffff" + "01" + "0002" + "2f61");
        assertThat(hex(new Entry.SegmentGap(3, 4, Entry.GapCause.COLLECTOR_LOST, 5, Entry.NO_FILE, null, 0, 8, false)))
                .isEqualTo("07" + "0030" + "0000000000000003" + "0000000000000004" + "07" + "0000000000000005"
                        + "00000000" + "0000000000000000" + "0000000000000008" + "00" + "0000");
        assertThat(hex(new Entry.Clock(-2, 3, 4, KEY)))
                .isEqualTo(
                        "08" + "0038" + "fffffffffffffffe" + "0000000000000003" + "0000000000000004" + "01".repeat(32));
    }

    /** The numbers are the format: a constant may be added with a number of its own, and none is ever moved. */
    @Test
    void enumerationsKeepTheirNumbers() {
        assertThat(numbered(Entry.EpochReason.values()))
                .containsExactly("0 FIRST", "1 KEY_LOST", "2 RING_LOST", "3 CONTINUES", "4 HANDED_OVER");
        assertThat(numbered(Entry.GapCause.values()))
                .containsExactly(
                        "0 TRUNCATED",
                        "1 VANISHED",
                        "2 READ_ERROR",
                        "3 RING_OVERRUN",
                        "4 BUDGET",
                        "5 VACUUMED",
                        "6 BEFORE_CAPTURE",
                        "7 COLLECTOR_LOST",
                        "8 RING_LOST");
        assertThat(numbered(Entry.EventKind.values()))
                .containsExactly(
                        "0 AGENT_STARTED",
                        "1 AGENT_STOPPED",
                        "2 ROTATED",
                        "3 DELETED",
                        "4 TRUNCATED",
                        "5 ENDED",
                        "6 UNREADABLE",
                        "7 BLOCKED",
                        "8 RESUMED",
                        "9 CLOCK_STEPPED",
                        "10 QUEUE_OVERFLOWED");
    }

    private static List<String> numbered(Entry.Coded[] constants) {
        return Arrays.stream(constants)
                .map(constant -> constant.code() + " " + constant)
                .toList();
    }

    @Test
    void whatIsWrittenIsRead() {
        Property.holds(2000, dice -> {
            List<Entry> entries = RandomEvidence.entries(dice, 6);
            assertThat(ManifestReader.read(ByteBuffer.wrap(RandomEvidence.manifest(entries))))
                    .isEqualTo(entries);
        });
    }

    @Test
    void readingLeavesTheBufferAsItIs() throws MalformedException {
        ByteBuffer bytes = ByteBuffer.allocate(40);
        bytes.position(5).put(RandomEvidence.manifest(List.of(new Entry.Chunk(1, 0, 1))));
        bytes.flip().position(5);
        assertThat(ManifestReader.read(bytes)).containsExactly(new Entry.Chunk(1, 0, 1));
        assertThat(bytes.position()).isEqualTo(5);
        assertThat(bytes.limit()).isEqualTo(24);
    }

    @Test
    void anEmptyManifestHasNoEntries() throws MalformedException {
        assertThat(ManifestReader.read(ByteBuffer.allocate(0))).isEmpty();
    }

    @Test
    void aManifestCutShortIsRefusedUnlessItEndsBetweenEntries() throws MalformedException {
        List<Entry> entries = List.of(
                new Entry.Epoch(Entry.EpochReason.FIRST, 1, KEY, Octets.parse("02".repeat(64)), "n1"),
                new Entry.File(7, PATH, PATH, new FileIdentity(8, 9, 10), 11, FINGERPRINT),
                new Entry.Chunk(7, 11, 3),
                new Entry.FingerprintTaken(7, FINGERPRINT),
                new Entry.Gap(7, 14, 15, Entry.GapCause.VANISHED, 15, "why"),
                new Entry.SegmentGap(3, 4, Entry.GapCause.RING_OVERRUN, 5, 7, PATH, 1, 2, true),
                new Entry.Clock(-1, 2, 3, KEY),
                new Entry.Event(Entry.EventKind.ENDED, 7, 16, "so"));
        byte[] whole = RandomEvidence.manifest(entries);
        int wholeEntries = 0;
        for (int length = 0; length < whole.length; length++) {
            ByteBuffer cut = ByteBuffer.wrap(whole, 0, length);
            if (length == RandomEvidence.manifest(entries.subList(0, wholeEntries)).length) {
                assertThat(ManifestReader.read(cut)).isEqualTo(entries.subList(0, wholeEntries));
                wholeEntries++;
            } else {
                assertThatThrownBy(() -> ManifestReader.read(cut))
                        .as("%d of %d bytes", length, whole.length)
                        .isInstanceOf(MalformedException.class)
                        .hasMessageContaining("manifest: expected");
            }
        }
        assertThat(wholeEntries).isEqualTo(entries.size());
    }

    @ParameterizedTest(name = "{1}: {0}")
    @CsvSource(delimiter = '|', textBlock = """
        000000                                              | expected an entry of type 1 to 8, found type 0
        090000                                              | expected an entry of type 1 to 8, found type 9
        070000                                              | expected lost segments of 48 bytes, found only 0 bytes
        070030 0000000000000000 0000000000000002 03 0000000000000000 00000000 0000000000000000 0000000000000000 00 0000 | expected a range of sequences from 1, found 0 to 2
        070030 0000000000000003 0000000000000002 03 0000000000000000 00000000 0000000000000000 0000000000000000 00 0000 | expected a range of sequences from 1, found 3 to 2
        070030 0000000000000001 0000000000000002 03 0000000000000000 00000000 0000000000000000 fffffffffffffffe 00 0000 | expected an end from the start 0 on, or -1, found -2
        070030 0000000000000001 0000000000000002 03 0000000000000000 00000000 0000000000000001 0000000000000002 00 0000 | expected bytes from 0 on of no file
        070030 0000000000000001 0000000000000002 03 0000000000000000 00000000 0000000000000000 0000000000000002 01 0000 | expected bytes from 0 on of no file
        070030 0000000000000001 0000000000000002 03 0000000000000000 00000000 0000000000000000 0000000000000002 02 0000 | expected 0 or 1, whether the file ended, found 2
        070030 0000000000000001 0000000000000002 03 0000000000000000 00000001 0000000000000000 0000000000000002 00 0000 | expected a path, found a path has 1 to 4095 bytes
        070031 0000000000000001 0000000000000002 03 0000000000000000 00000000 0000000000000000 0000000000000002 00 0001 61 | expected bytes from 0 on of no file
        080038 4000000000000001 0000000000000000 0000000000000000 0000000000000000000000000000000000000000000000000000000000000000 | expected an offset from -2^62 to 2^62, found 4611686018427387905
        080038 0000000000000001 ffffffffffffffff 0000000000000000 0000000000000000000000000000000000000000000000000000000000000000 | expected an uncertainty from 0 to 2^62, found -1
        ff0000                                              | expected an entry of type 1 to 8, found type 255
        0300                                                | expected an entry's type and length of 3 bytes, found only 2 bytes
        030010000000010000000000000000                      | expected the body of an entry of 16 bytes, found only 12 bytes
        03000f000000010000000000000000000000                | expected a chunk of 16 bytes, found only 15 bytes
        030011000000010000000000000000000000 01 00          | expected the entry's end, found 1 more bytes
        030010 00000000 0000000000000000 00000001           | expected a file's id from 1, found 0
        030010 ffffffff 0000000000000000 00000001           | expected a file's id from 1, found -1
        030010 00000001 ffffffffffffffff 00000001           | expected an offset from 0, found -1
        030010 00000001 0000000000000000 00000000           | expected a chunk of at least one byte, found 0 bytes
        030010 00000001 0000000000000000 80000000           | expected a chunk of at least one byte, found -2147483648 bytes
        030010 00000001 7fffffffffffffff 00000001           | expected an end of the chunk below 2^63
        05001f 00000001 0000000000000005 0000000000000005 00 0000000000000000 0000 | expected a gap's end beyond its start 5, or -1, found 5
        05001f 00000001 0000000000000005 fffffffffffffffe 00 0000000000000000 0000 | expected a gap's end beyond its start 5, or -1, found -2
        05001f 00000001 0000000000000005 0000000000000006 09 0000000000000000 0000 | expected a cause below 9, found 9
        05001f ffffffff 0000000000000005 0000000000000006 00 0000000000000000 0000 | expected a file's id from 0, found -1
        06000f 0b 00000001 0000000000000000 0000            | expected a kind of event below 11, found 11
        06000f 00 80000000 0000000000000000 0000            | expected a file's id from 0, found -2147483648
        06000f 00 00000001 0000000000000000 0001            | expected a text of at most 8192 bytes at offset 16, found 1 with 0 left
        060010 00 00000001 0000000000000000 0001 ff         | expected UTF-8 in the text at offset 16
        060011 00 00000001 0000000000000000 0002 c080       | expected UTF-8 in the text at offset 16
        060012 00 00000001 0000000000000000 0003 eda080     | expected UTF-8 in the text at offset 16
        """)
    void whatDoesNotFollowTheFormatIsRefused(String hex, String sentence) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        assertThatThrownBy(() -> ManifestReader.read(ByteBuffer.wrap(bytes)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void boundsOfTextsArePartOfTheFormat() {
        assertThatThrownBy(() -> ManifestReader.read(gapWithDetail(1025)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("at most 1024 bytes");
        assertThatThrownBy(() -> ManifestReader.read(epochWithNode(254)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("at most 253 bytes");
    }

    @Test
    void aTextAtItsBoundIsRead() throws MalformedException {
        assertThat(ManifestReader.read(gapWithDetail(1024))).hasSize(1);
        assertThat(ManifestReader.read(epochWithNode(253))).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4096, 65535})
    void aPathOfNoOrTooManyBytesIsRefused(int length) {
        ByteBuffer entry = ByteBuffer.allocate(3 + 72 + 2 + length + 3);
        int body = Math.min(65535, entry.capacity() - 3);
        entry.put((byte) 2).putShort((short) body).putInt(1).position(3 + 72).putShort((short) length);
        Arrays.fill(entry.array(), 77, 77 + length, (byte) 'a');
        assertThatThrownBy(() -> ManifestReader.read(entry.clear().limit(3 + body)))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void aPathWithNulIsRefused() {
        byte[] bytes = RandomEvidence.manifest(
                List.of(new Entry.File(1, PATH, PATH, new FileIdentity(0, 0, 0), 0, Fingerprint.NONE)));
        bytes[bytes.length - 1] = 0;
        assertThatThrownBy(() -> ManifestReader.read(ByteBuffer.wrap(bytes)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("NUL");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1025, Integer.MAX_VALUE})
    void aFingerprintOfAnImpossibleLengthIsRefused(int length) {
        byte[] bytes = RandomEvidence.manifest(List.of(new Entry.FingerprintTaken(1, FINGERPRINT)));
        ByteBuffer.wrap(bytes).putInt(7, length);
        assertThatThrownBy(() -> ManifestReader.read(ByteBuffer.wrap(bytes)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("expected a fingerprint of 0 to 1024 bytes, found " + length);
        assertThatThrownBy(() -> new Fingerprint(length, KEY)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aFingerprintIsASha256() {
        assertThatThrownBy(() -> new Fingerprint(1, Octets.zero(31)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("31");
    }

    @Test
    void theWriterGrowsToItsBoundAndNoFurther() {
        ManifestWriter writer = new ManifestWriter();
        int most = ManifestWriter.MOST / 19;
        for (int i = 0; i < most; i++) {
            writer.chunk(1, i, 1);
        }
        assertThat(writer.length()).isEqualTo(most * 19);
        assertThatThrownBy(() -> writer.chunk(1, most, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a manifest has at most 8388608 bytes");
        writer.clear();
        assertThat(writer.length()).isZero();
        assertThat(writer.written().hasRemaining()).isFalse();
    }

    private static ByteBuffer gapWithDetail(int length) {
        ByteBuffer out = ByteBuffer.allocate(3 + 31 + length);
        out.put((byte) 5).putShort((short) (31 + length)).putInt(1).putLong(0).putLong(1);
        return out.put((byte) 0).putLong(0).putShort((short) length).clear();
    }

    private static ByteBuffer epochWithNode(int length) {
        ByteBuffer out = ByteBuffer.allocate(3 + 103 + length);
        out.put((byte) 1)
                .putShort((short) (103 + length))
                .put((byte) 0)
                .putInt(1)
                .position(3 + 101);
        return out.putShort((short) length).clear();
    }

    private static String hex(Entry entry) {
        return HexFormat.of().formatHex(RandomEvidence.manifest(List.of(entry)));
    }
}
