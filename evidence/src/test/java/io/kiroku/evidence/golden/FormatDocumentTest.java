package io.kiroku.evidence.golden;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.log.EntryBundle;
import io.kiroku.evidence.log.MerkleTree;
import io.kiroku.evidence.log.MlDsaKey;
import io.kiroku.evidence.log.SignatureType;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.ManifestWriter;
import io.kiroku.evidence.segment.SegmentFormat;
import io.kiroku.evidence.segment.SegmentHeader;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/FORMAT.md says nothing that is not so: its numbers are the code's, its bytes those of the golden vector. */
class FormatDocumentTest {
    private static final Path DOCUMENT = Path.of("../docs/FORMAT.md");
    private static final Pattern DUMP = Pattern.compile("[0-9a-f]{8}: .*");

    private static List<String> lines() throws IOException {
        return Files.readAllLines(DOCUMENT);
    }

    private static Set<String> dump(byte[] bytes) {
        Set<String> lines = new HashSet<>();
        for (int at = 0; at < bytes.length; at += 16) {
            StringBuilder hex = new StringBuilder();
            StringBuilder text = new StringBuilder();
            for (int i = at; i < Math.min(at + 16, bytes.length); i++) {
                hex.append(HexFormat.of().toHexDigits(bytes[i])).append(i % 2 == 1 ? " " : "");
                text.append(bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char) bytes[i] : '.');
            }
            lines.add("%08x: %-40s %s".formatted(at, hex, text));
        }
        return lines;
    }

    @Test
    void theBytesShownAreThoseOfTheGoldenVector() throws IOException {
        Set<String> golden = new HashSet<>();
        for (int number : GoldenStream.NUMBERS) {
            golden.addAll(dump(Files.readAllBytes(GoldenVectorTest.file(number))));
        }
        List<String> shown = lines().stream().filter(DUMP.asMatchPredicate()).toList();
        assertThat(shown).hasSizeGreaterThan(30);
        assertThat(golden).containsAll(shown);
    }

    @Test
    void everyConstantStandsInItsTable() throws IOException {
        List<String> rows = new ArrayList<>();
        for (Entry.Coded[] constants :
                List.<Entry.Coded[]>of(Entry.EpochReason.values(), Entry.GapCause.values(), Entry.EventKind.values())) {
            for (Entry.Coded constant : constants) {
                rows.add("| %d | %s |".formatted(constant.code(), constant));
            }
        }
        for (Frame.RefusalCode code : Frame.RefusalCode.values()) {
            rows.add("| %d | %s |".formatted(code.code(), code));
        }
        List<String> lines = lines();
        assertThat(rows).allSatisfy(row -> assertThat(lines).anyMatch(line -> line.startsWith(row)));
        assertThat(lines.stream().filter(line -> line.matches("\\| [0-9]+ \\| [A-Z_]{3,} \\|.*")))
                .hasSameSizeAs(rows);
    }

    @Test
    void theBoundsAreThoseOfTheCode() throws IOException {
        String document = String.join("\n", lines());
        assertThat(document)
                .contains("| manifest, M | 0 | %s bytes |".formatted(decimal(ManifestWriter.MOST)))
                .contains("| log bytes in a segment | 0 | %s bytes |".formatted(decimal(SegmentHeader.MOST_RAW)))
                .contains("| segment | %s | %s bytes |"
                        .formatted(decimal(SegmentFormat.LEAST_SEGMENT), decimal(SegmentFormat.MOST_SEGMENT)))
                .contains("the length is at most %s, from a collector %s"
                        .formatted(decimal(FrameCodec.MOST_FROM_AGENT), decimal(FrameCodec.MOST_FROM_COLLECTOR)));
    }

    @Test
    void theBoundsOfTheLogAreThoseOfTheCode() throws IOException {
        String document = String.join(" ", lines());
        assertThat(document)
                .contains("An entry is bytes, at most %s;".formatted(decimal(EntryBundle.MOST_ENTRY)))
                .contains("A proof has at most %d hashes".formatted(MerkleTree.MOST_PROOF))
                .contains("A note has at most %s bytes and %d signatures"
                        .formatted(decimal(SignedNote.MOST_BYTES), SignedNote.MOST_SIGNATURES))
                .contains("at most %s characters: `<name>+".formatted(decimal(VerifierKey.MOST_TEXT)))
                .contains("for type `0x06` %s.".formatted(decimal(MlDsaKey.PUBLIC_LENGTH)))
                .contains("%s bytes, ML-DSA-44 (FIPS 204)".formatted(decimal(MlDsaKey.SIGNATURE_LENGTH)));
        for (SignatureType type : SignatureType.values()) {
            assertThat(document).contains("| `0x%02x` | ".formatted(type.code()));
        }
    }

    private static String decimal(int number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
