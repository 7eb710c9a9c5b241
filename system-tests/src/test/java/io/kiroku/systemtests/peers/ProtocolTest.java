package io.kiroku.systemtests.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

final class ProtocolTest {
    private final List<String> records = new ArrayList<>();
    private final Protocol.Records collect =
            (bytes, from, to, _) -> records.add(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));

    /** An entry with metadata as Fluent Bit makes it: [[time, {}], {"log": text}]. */
    private static byte[] entry(String text) {
        ByteBuffer out = ByteBuffer.allocate(40 + text.length());
        out.put(hex("92" + "92" + "d700" + "0102030405060708" + "80" + "81" + "a36c6f67" + "da"));
        out.putShort((short) text.length()).put(text.getBytes(StandardCharsets.ISO_8859_1));
        return Arrays.copyOf(out.array(), out.position());
    }

    /** [tag, entries as bin 32, {"size": 2, "compressed": "gzip"}]. */
    private static byte[] message(byte[] entries) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(hex("93" + "a3746167" + "c6"));
        out.write(ByteBuffer.allocate(4).putInt(entries.length).array());
        out.write(entries);
        out.write(hex("82" + "a473697a65" + "02" + "aa" + "636f6d70726573736564" + "a4" + "677a6970"));
        return out.toByteArray();
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    @Test
    void everyEntryIsARecord() throws IOException {
        byte[] packed = message(join(entry("one"), entry("two")));
        byte[] zipped = message(gzip(join(entry("three"), entry("x".repeat(20_000)))));
        byte[] both = join(packed, zipped);
        assertThat(new ForwardProtocol().cut(both, both.length, 0, collect)).isEqualTo(both.length);
        assertThat(records).hasSize(4);
        assertThat(records.get(0)).endsWith("one");
        assertThat(records.get(2)).endsWith("three");
    }

    @Test
    void aMessageThatIsNotWholeIsLeftWhereverItEnds() throws IOException {
        byte[] message = message(join(entry("one"), entry("two")));
        for (int length = 0; length < message.length; length++) {
            assertThat(new ForwardProtocol().cut(message, length, 0, collect)).isZero();
        }
        assertThat(records).isEmpty();
    }

    @Test
    void whatIsNoMessageIsRefused() {
        byte[] map = hex("81a16101");
        assertThatThrownBy(() -> new ForwardProtocol().cut(map, map.length, 0, collect))
                .isInstanceOf(IOException.class);
        byte[] notPacked = hex("92a3746167" + "c0");
        assertThatThrownBy(() -> new ForwardProtocol().cut(notPacked, notPacked.length, 0, collect))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("packed");
    }

    @Test
    void anEntryThatIsCutOffIsRefused() throws IOException {
        byte[] entry = entry("one");
        byte[] message = message(Arrays.copyOf(entry, entry.length - 1));
        assertThatThrownBy(() -> new ForwardProtocol().cut(message, message.length, 0, collect))
                .isInstanceOf(IOException.class);
    }

    @Test
    void everyTypeIsSkipped() {
        for (String value : List.of(
                "00",
                "7f",
                "ff",
                "c0",
                "c2",
                "c3",
                "a161",
                "d90161",
                "da000161",
                "db0000000161",
                "c40161",
                "c5000161",
                "c60000000161",
                "c7010561",
                "c800010561",
                "c9000000010561",
                "ca00000000",
                "cb0000000000000000",
                "cc00",
                "cd0000",
                "ce00000000",
                "cf0000000000000000",
                "d000",
                "d10000",
                "d200000000",
                "d30000000000000000",
                "d40561",
                "d5056161",
                "d60561616161",
                "d7056161616161616161",
                "d80561616161616161616161616161616161",
                "9100",
                "dc000100",
                "dd0000000100",
                "810000",
                "de00010000",
                "df000000010000",
                "80",
                "90",
                "92910081a161c0")) {
            ByteBuffer in = ByteBuffer.wrap(hex(value + "2a"));
            assertThat(MessagePack.skip(in)).as(value).isTrue();
            assertThat(in.remaining()).as(value).isEqualTo(1);
            ByteBuffer less = ByteBuffer.wrap(hex(value), 0, value.length() / 2 - 1);
            assertThat(MessagePack.skip(less)).as("%s, cut", value).isFalse();
        }
    }

    @Test
    void nestingAndLengthsThatPromiseMoreThanThereIsAreHarmless() {
        byte[] deep = new byte[1 << 20];
        Arrays.fill(deep, (byte) 0x91);
        assertThat(MessagePack.skip(ByteBuffer.wrap(deep))).isFalse();
        assertThat(MessagePack.skip(ByteBuffer.wrap(hex("ddffffffff")))).isFalse();
        assertThat(MessagePack.skip(ByteBuffer.wrap(hex("dfffffffff")))).isFalse();
        assertThat(MessagePack.skip(ByteBuffer.wrap(hex("dbffffffff")))).isFalse();
    }

    @Test
    void linesAreCutAtTheirNewlines() throws IOException {
        byte[] text = "one\n\ntwo\nthr".getBytes(StandardCharsets.US_ASCII);
        assertThat(Protocol.LINES.cut(text, text.length, 0, collect)).isEqualTo(9);
        assertThat(records).containsExactly("one", "two");
    }
}
