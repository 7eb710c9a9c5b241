package io.kiroku.evidence.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.Dice;
import io.kiroku.evidence.Property;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExportFormatTest {
    private static final String CURSOR = "s=1;i=2";
    private static final String HEAD =
            "__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=3\n__MONOTONIC_TIMESTAMP=4\n_BOOT_ID=b\n";

    private final ExportWriter writer = new ExportWriter();

    private byte[] entry(byte[]... fields) {
        writer.begin(CURSOR, 3, 4, "b");
        for (byte[] field : fields) {
            writer.field(ByteBuffer.wrap(field));
        }
        writer.end();
        return Arrays.copyOf(writer.array(), writer.length());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void writesTextAsTextAndTheRestWithItsLength() {
        assertThat(new String(
                        entry(
                                bytes("MESSAGE=grün\ttea"),
                                bytes("A="),
                                bytes("B=a\nb"),
                                latin("C=\u00ff"),
                                bytes("_BOOT_ID=c")),
                        StandardCharsets.ISO_8859_1))
                .isEqualTo(HEAD
                        + "MESSAGE=gr\u00c3\u00bcn\ttea\nA=\nB\n\3\0\0\0\0\0\0\0a\nb\nC\n\1\0\0\0\0\0\0\0\u00ff\n\n");
    }

    @Test
    void aFieldHasAName() {
        writer.begin(CURSOR, 3, 4, "b");
        assertThatThrownBy(() -> writer.field(ByteBuffer.wrap(bytes("no name"))))
                .hasMessage("a field is NAME=value, this one of 7 bytes is not");
        assertThatThrownBy(() -> writer.field(ByteBuffer.wrap(bytes("=7"))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** By RFC 3629, and the noncharacters that systemd counts among what is no text. */
    @Test
    void knowsWhatIsPrintable() {
        for (String printable :
                List.of("", "a b~", "09", "c2a0", "dfbf", "e0a080", "efbfbd", "ed9fbf", "f0908080", "f48fbfbd")) {
            byte[] bytes = printable.matches("([0-9a-f]{2})+") ? HexFormat.of().parseHex(printable) : bytes(printable);
            assertThat(PrintableLine.is(bytes, 0, bytes.length)).as(printable).isTrue();
        }
        for (String other : List.of(
                "0a",
                "00",
                "1f",
                "7f",
                "80",
                "c280",
                "c29f",
                "c1bf",
                "e09fbf",
                "eda080",
                "efb790",
                "efbfbe",
                "efbfbf",
                "f08fbfbf",
                "f4908080",
                "f8888080",
                "c2",
                "e0a0",
                "f09080",
                "c220",
                "f09fbfbf")) {
            byte[] bytes = HexFormat.of().parseHex(other);
            assertThat(PrintableLine.is(bytes, 0, bytes.length)).as(other).isFalse();
        }
    }

    @Test
    void ofALongerEntryNothingIsKeptButItsLength() {
        writer.begin(CURSOR, 3, 4, "b");
        byte[] big = new byte[ExportWriter.MOST];
        Arrays.fill(big, (byte) 'x');
        System.arraycopy(bytes("M="), 0, big, 0, 2);
        assertThat(writer.field(ByteBuffer.wrap(big))).isNegative();
        writer.end();
        assertThat(writer.tooLong()).isGreaterThan(ExportWriter.MOST);
        assertThat(entry()).asString(StandardCharsets.US_ASCII).isEqualTo(HEAD + "\n");
        assertThat(writer.tooLong()).isZero();
    }

    private static List<byte[]> read(ExportReader reader, byte[] all, Dice dice) {
        List<byte[]> entries = new ArrayList<>();
        int at = 0;
        while (at < all.length) {
            int to = Math.min(all.length, at + dice.between(1, 50));
            reader.add(all, at, to);
            for (ExportEntry entry = reader.next(); entry != null; entry = reader.next()) {
                entries.add(Arrays.copyOfRange(entry.array(), entry.from(), entry.to()));
            }
            at = to;
        }
        return entries;
    }

    private List<byte[]> some(Dice dice) {
        List<byte[]> written = new ArrayList<>();
        for (int i = dice.between(1, 6); i > 0; i--) {
            byte[][] fields = new byte[dice.below(5)][];
            for (int j = 0; j < fields.length; j++) {
                ByteArrayOutputStream field = new ByteArrayOutputStream();
                field.writeBytes(bytes("F" + j + "="));
                field.writeBytes(dice.oneIn(2) ? bytes(dice.text(40).replace('\0', 'x')) : dice.bytes(dice.below(60)));
                fields[j] = field.toByteArray();
            }
            written.add(entry(fields));
        }
        return written;
    }

    private static byte[] joined(List<byte[]> entries) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        entries.forEach(all::writeBytes);
        return all.toByteArray();
    }

    @Test
    void whatWasWrittenIsReadInWhateverPieces() {
        Property.holdsForSomeTime(dice -> {
            List<byte[]> written = some(dice);
            assertThat(read(new ExportReader(), joined(written), dice)).containsExactlyElementsOf(written);
        });
    }

    @Test
    void fromWithinAnEntryTheNextIsFound() {
        Property.holdsForSomeTime(dice -> {
            List<byte[]> written = List.of(entry(bytes("A=1")), entry(bytes("B=2\n\n3")), entry(bytes("C=3")));
            byte[] all = joined(written);
            int start = dice.between(1, written.getFirst().length - 2);
            assertThat(read(new ExportReader(), Arrays.copyOfRange(all, start, all.length), dice))
                    .containsExactly(written.get(1), written.get(2));
        });
    }

    @Test
    void nothingThatIsReadStopsIt() {
        Property.holdsForSomeTime(dice -> {
            byte[] spoilt = dice.spoil(joined(some(dice)));
            ExportReader reader = new ExportReader();
            read(reader, spoilt, dice);
            assertThat(read(reader, dice.bytes(dice.below(200)), dice)).isNotNull();
        });
    }

    @Test
    void findsFieldsByTheirName() {
        ExportReader reader = new ExportReader();
        byte[] entry = entry(bytes("MESSAGE_ID=7"), bytes("MESSAGE=a\nb"), bytes("MESSAGE=second"));
        reader.add(entry, 0, entry.length);
        ExportEntry read = reader.next();
        assertThat(read).isNotNull();
        int message = read.find("MESSAGE");
        assertThat(new String(
                        read.array(),
                        read.valueFrom(message),
                        read.valueTo(message) - read.valueFrom(message),
                        StandardCharsets.US_ASCII))
                .isEqualTo("a\nb");
        assertThat(read.find("MESS")).isNegative();
        assertThat(read.fields()).isEqualTo(7);
    }

    private boolean isOf(String unit, String... fields) {
        byte[][] all = Arrays.stream(fields).map(ExportFormatTest::bytes).toArray(byte[][]::new);
        byte[] entry = entry(all);
        ExportReader reader = new ExportReader();
        reader.add(entry, 0, entry.length);
        ExportEntry read = reader.next();
        return read != null && read.is(new UnitMatch(List.of(unit)));
    }

    @Test
    void anEntryIsOfTheUnitThatJournaldVouchesFor() {
        assertThat(isOf("kubelet.service", "_SYSTEMD_UNIT=kubelet.service")).isTrue();
        assertThat(isOf("kubelet", "_SYSTEMD_UNIT=kubelet.service")).isTrue();
        assertThat(isOf("kubelet.service", "_SYSTEMD_UNIT=kubelet.service.d")).isFalse();
        assertThat(isOf("kubelet.service", "UNIT=kubelet.service")).isFalse();
        assertThat(isOf("kubelet.service", "UNIT=kubelet.service", "_PID=1")).isTrue();
        assertThat(isOf("kubelet.service", "UNIT=kubelet.service", "_PID=11")).isFalse();
        assertThat(isOf("kubelet.service", "COREDUMP_UNIT=kubelet.service", "_UID=0"))
                .isTrue();
        assertThat(isOf("kubelet.service", "MESSAGE=x\n_SYSTEMD_UNIT=kubelet.service"))
                .isFalse();
        assertThat(isOf("kernel", "_TRANSPORT=kernel")).isTrue();
        assertThatThrownBy(() -> new UnitMatch(List.of("a/b")))
                .hasMessage("expected the name of a unit, as kubelet.service, or kernel, found \"a/b\"");
    }
}
