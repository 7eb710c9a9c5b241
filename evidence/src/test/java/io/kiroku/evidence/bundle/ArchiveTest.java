package io.kiroku.evidence.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.Dice;
import io.kiroku.evidence.Property;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive's one form: others read it, and whatever has another form is refused in one sentence. */
class ArchiveTest {
    @TempDir
    private Path directory;

    private Path file(String name) {
        return directory.resolve(name);
    }

    private static ZipReader read(Path file) throws IOException, MalformedException {
        try (FileChannel channel = FileChannel.open(file)) {
            return ZipReader.open(channel);
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Path two() throws IOException {
        SortedMap<String, byte[]> files = new TreeMap<>();
        files.put("a", text("first"));
        files.put("b/c", text("second"));
        Repacking.zip(file("two"), files);
        return file("two");
    }

    private Path changed(byte[] archive, int at, int... octets) throws IOException {
        byte[] copy = archive.clone();
        for (int i = 0; i < octets.length; i++) {
            copy[at + i] = (byte) octets[i];
        }
        return Files.write(file("changed"), copy);
    }

    private void assertRefused(Path archive, String sentence) {
        assertThatThrownBy(() -> read(archive))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void othersReadIt() throws Exception {
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(Files.readAllBytes(two())))) {
            ZipEntry first = zip.getNextEntry();
            assertThat(first.getName()).isEqualTo("a");
            assertThat(zip.readAllBytes()).asString().isEqualTo("first");
            assertThat(zip.getNextEntry().getName()).isEqualTo("b/c");
            assertThat(zip.readAllBytes()).asString().isEqualTo("second");
            assertThat(zip.getNextEntry()).isNull();
        }
        try (FileChannel channel = FileChannel.open(two())) {
            assertThat(ZipReader.open(channel).files())
                    .extracting(BundleFile::name)
                    .containsExactly("a", "b/c");
        }
    }

    @Test
    void numbersThatNeedMoreBitsHaveThem() throws Exception {
        SortedMap<String, byte[]> many = new TreeMap<>();
        for (int i = 0; i < 70_000; i++) {
            many.put("%06d".formatted(i), new byte[0]);
        }
        Repacking.zip(file("many"), many);
        assertThat(read(file("many")).files()).hasSize(70_000);
        try (ZipFile zip = new ZipFile(file("many").toFile())) {
            assertThat(zip.size()).isEqualTo(70_000);
        }

        // Holes in the file take no room.
        SortedMap<String, Long> large = new TreeMap<>();
        large.put("a", 5L << 30);
        large.put("b", 7L);
        try (FileChannel channel = FileChannel.open(
                file("large"), StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            ZipWriter zip = new ZipWriter(channel, large);
            zip.write("b", 0, ByteBuffer.wrap(text("7 bytes")));
            zip.close("b");
            zip.finish();
            ZipReader reader = ZipReader.open(channel);
            assertThat(reader.files()).extracting(BundleFile::length).containsExactly(5L << 30, 7L);
            assertThat(reader.bytes("b", 7)).asString().isEqualTo("7 bytes");
        }
        try (ZipFile zip = new ZipFile(file("large").toFile())) {
            assertThat(zip.getEntry("a").getSize()).isEqualTo(5L << 30);
            assertThat(zip.getInputStream(zip.getEntry("b")).readAllBytes())
                    .asString()
                    .isEqualTo("7 bytes");
        }
    }

    @Test
    void otherFormsAreRefused() throws Exception {
        byte[] good = Files.readAllBytes(two());
        int directoryAt = new String(good, StandardCharsets.ISO_8859_1).indexOf("PK\u0001\u0002");
        int second = new String(good, StandardCharsets.ISO_8859_1).lastIndexOf("PK\u0001\u0002");
        assertRefused(Files.write(file("cut"), Arrays.copyOf(good, 20)), "at least 22 bytes");
        assertRefused(Files.write(file("cut"), Arrays.copyOf(good, good.length - 1)), "the end of a ZIP archive");
        assertRefused(Files.write(file("long"), Arrays.copyOf(good, good.length + 1)), "the end of a ZIP archive");
        assertRefused(changed(good, 0, 'X'), "local header of a");
        assertRefused(changed(good, directoryAt + 10, 8), "it compressed");
        assertRefused(changed(good, directoryAt + 12, 1), "no time, flags, attributes");
        assertRefused(changed(good, second + 42, 0), "it overlaps or leaves a hole");
        assertRefused(changed(good, second + 24, 0xff, 0xff, 0xff, 0x7f), "a length of 2147483647");
        assertRefused(changed(good, second + 46, '.', '.', '/'), "archive: expected a name");
        assertRefused(changed(good, second + 46, 'a'), "local header of a/c");
        assertRefused(changed(good, second + 28, 0xff, 0xff), "a name of at most 512 bytes");
        assertRefused(changed(good, good.length - 14, 1, 0, 1, 0), "its directory right behind the last file");
        assertRefused(changed(good, good.length - 14, 3, 0, 3, 0), "3 files in its directory");
        assertRefused(changed(good, good.length - 6, 0xff, 0xff), "its directory within");
    }

    @Test
    void namesThatLeadElsewhereOrStandTwiceAreRefused() throws Exception {
        for (String name : new String[] {"../a", "a/../b", "/a", "a//b", "a/", "a\\b", "a\u001b", ""}) {
            SortedMap<String, byte[]> files = new TreeMap<>();
            files.put(name, text("x"));
            Repacking.zip(file("names"), files);
            assertRefused(file("names"), "archive: expected a name");
        }
        SortedMap<String, byte[]> files = new TreeMap<>();
        files.put("a", text("x"));
        files.put("b", text("x"));
        Repacking.zip(file("names"), files);
        byte[] twice = new String(Files.readAllBytes(file("names")), StandardCharsets.ISO_8859_1)
                .replace("b", "a")
                .getBytes(StandardCharsets.ISO_8859_1);
        assertRefused(Files.write(file("twice"), twice), "each once, found a behind a");
    }

    @Test
    void aBombIsRefused() throws Exception {
        try (OutputStream out = Files.newOutputStream(file("bomb"));
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("manifest.json"));
            for (int i = 0; i < 16; i++) {
                zip.write(new byte[1 << 20]);
            }
        }
        assertRefused(file("bomb"), "stored as it is, found it compressed");
    }

    @Test
    void anEnemysArchiveIsJudgedAndNothingElse() throws Exception {
        Handover handover = Handover.small();
        byte[] valid = Files.readAllBytes(handover.write(file("valid")));
        Path spoilt = file("spoilt");
        Property.holdsForSomeTime(dice -> {
            byte[] bytes = dice.spoil(valid);
            Files.write(spoilt, bytes);
            BundleVerdict verdict = Handover.check(spoilt);
            assertThat(verdict.report().holds()).isEqualTo(Arrays.equals(bytes, valid));
        });
    }

    @Test
    void anEnemysManifestIsReadOrRefused() throws Exception {
        Handover handover = Handover.small();
        Path valid = handover.write(file("valid"));
        SortedMap<String, byte[]> files = Handover.unpack(valid);
        byte[] manifest;
        try (FileChannel channel = FileChannel.open(valid)) {
            manifest = ZipReader.open(channel).bytes(BundleManifest.NAME, 1 << 20);
        }
        Property.holdsForSomeTime(dice -> {
            byte[] bytes = dice.oneIn(4) ? json(dice) : dice.spoil(manifest);
            files.put(BundleManifest.NAME, bytes);
            Repacking.zip(file("spoilt"), files);
            try {
                Handover.manifest(file("spoilt"));
            } catch (MalformedException malformed) {
                assertThat(malformed).hasMessageContaining("expected");
                assertThat(String.valueOf(malformed.getMessage())).hasSizeLessThan(700);
            }
            Handover.check(file("spoilt"));
        });
    }

    private static byte[] json(Dice dice) {
        StringBuilder out = new StringBuilder();
        String[] parts = {"{", "}", "[", "]", "\"", ":", ",", "9", "\\u", "\"format\": \"kiroku-bundle-1\""};
        for (int i = dice.below(200); i > 0; i--) {
            out.append(dice.pick(parts));
        }
        return text(out.toString().toLowerCase(Locale.ROOT));
    }

    @Test
    void aManifestThatIsWrittenIsReadAgain() throws Exception {
        Handover handover = Handover.small();
        BundleManifest manifest = Handover.manifest(handover.write(file("valid")));
        assertThat(manifest.purpose()).isEqualTo("a \"test\"");
        BundleManifest odd = new BundleManifest(
                "t",
                "\u0001\n\\\u007f\u0085 案件 \uD83D\uDD0D",
                "",
                manifest.selection(),
                manifest.origin(),
                manifest.tree(),
                manifest.streams(),
                manifest.logs(),
                List.of(
                        new BundleManifest.Listed("a", 1, Octets.zero(32)),
                        new BundleManifest.Listed("b", 0, Octets.zero(32))));
        SortedMap<String, byte[]> files = new TreeMap<>();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        odd.writeTo(out);
        files.put(BundleManifest.NAME, out.toByteArray());
        Repacking.zip(file("odd"), files);
        try (FileChannel channel = FileChannel.open(file("odd"))) {
            BundleManifest read = BundleCheck.manifest(channel);
            assertThat(read).usingRecursiveComparison().ignoringFields("files").isEqualTo(odd);
            assertThat(read.files()).containsExactlyElementsOf(odd.files());
            assertThat(read.files()).hasSize(2);
        }
    }
}
