package io.kiroku.evidence.golden;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentHeader;
import io.kiroku.evidence.segment.Sha256;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;

/** The fields of the golden segments in words: EXPECTED.md. */
final class GoldenText {
    private static final String INTRODUCTION = """
        # Golden vector

        The fields of the four segments beside this file. `docs/FORMAT.md` says what they mean.
        Segments 4 and 5 are lost, and segment 6 declares it.
        Hexadecimal where it is long, decimal where it is a number.

        Nothing in them is random. Write `D(label)` for the SHA-256 of the label in ASCII and eight zero bytes:

        - the private key of the identity is `D("kiroku golden identity")`, that of segment n is
          `D("kiroku golden key n")`
        - the boot id is the first half of `D("kiroku golden boot id")`
        - the salt of segment n, and of segment 6 as if it were the fourth, is the SHA-256 of `kiroku golden salt` and n - 1
          in eight bytes, big-endian
        - the hash that segment 6 names as its predecessor's is `D("kiroku golden lost segment")`
        """;

    private final StringBuilder out = new StringBuilder(INTRODUCTION);

    private GoldenText() {}

    static String of(List<byte[]> segments) throws MalformedException {
        GoldenText text = new GoldenText();
        for (int i = 0; i < segments.size(); i++) {
            text.segment(GoldenStream.NUMBERS.get(i), segments.get(i));
        }
        return text.out.toString();
    }

    private void segment(int number, byte[] bytes) throws MalformedException {
        Segment segment = Segment.of(ByteBuffer.wrap(bytes));
        SegmentHeader header = segment.header();
        out.append("\n## %08d.lz4\n\n| field | value |\n|---|---|\n".formatted(number));
        row("length", bytes.length);
        row("file_sha256", Sha256.of(ByteBuffer.wrap(bytes)));
        row("header_hash", segment.hash());
        row("stream", header.stream());
        row("epoch", header.epoch());
        row("sequence", header.sequence());
        row("previous", header.previous());
        row("wall_nanos", header.sealed().wallNanos());
        row("boot_nanos", header.sealed().bootNanos());
        row("boot_id", header.bootId());
        row("manifest_length", header.manifestLength());
        row("payload_length", header.payloadLength());
        row("raw_length", header.rawLength());
        row("flags", header.flags());
        row("manifest_digest", header.manifestDigest());
        row("payload_digest", header.payloadDigest());
        row("key", header.key());
        row("next_key", header.nextKey());
        row("signature", header.signature());
        row("log_sha256", Sha256.of(ByteBuffer.wrap(GoldenStream.log(number))));
        out.append("\nManifest:\n\n");
        for (Entry entry : segment.entries()) {
            out.append("- ").append(entry(entry)).append('\n');
        }
    }

    private void row(String field, Object value) {
        out.append("| ").append(field).append(" | ").append(value).append(" |\n");
    }

    private static String entry(Entry entry) {
        return switch (entry) {
            case Entry.Epoch e ->
                "epoch: reason %d, next file %d, identity %s, signature %s, node `%s`"
                        .formatted(e.reason().code(), e.nextFile(), e.identity(), e.signature(), e.node());
            case Entry.File e ->
                "file %d: device %d, inode %d, born %d, offset %d, fingerprint %s, source %s, path %s"
                        .formatted(
                                e.file(),
                                e.identity().device(),
                                e.identity().inode(),
                                e.identity().birthNanos(),
                                e.offset(),
                                fingerprint(e.fingerprint()),
                                path(e.source()),
                                path(e.path()));
            case Entry.Chunk e -> "chunk: file %d, from %d, length %d".formatted(e.file(), e.from(), e.length());
            case Entry.FingerprintTaken e ->
                "fingerprint: file %d, %s".formatted(e.file(), fingerprint(e.fingerprint()));
            case Entry.Gap e ->
                "gap: file %d, from %d, to %d, cause %d, at %d, `%s`"
                        .formatted(e.file(), e.from(), e.to(), e.cause().code(), e.wallNanos(), e.detail());
            case Entry.Position e ->
                "position: file %d, from %d, to %d, cursor `%s`".formatted(e.file(), e.from(), e.to(), e.cursor());
            case Entry.SegmentGap e ->
                "lost segments %d to %d: cause %d, at %d, file %d, from %d, to %d, ended %d, source %s"
                        .formatted(
                                e.first(),
                                e.last(),
                                e.cause().code(),
                                e.wallNanos(),
                                e.file(),
                                e.from(),
                                e.to(),
                                e.ended() ? 1 : 0,
                                e.source() == null ? "none" : path(e.source()));
            case Entry.Clock e ->
                "clock: offset %d, uncertainty %d, at %d, collector %s"
                        .formatted(e.offsetNanos(), e.uncertaintyNanos(), e.wallNanos(), e.collector());
            case Entry.Event e ->
                "event: kind %d, file %d, at %d, `%s`".formatted(e.kind().code(), e.file(), e.wallNanos(), e.detail());
        };
    }

    private static String fingerprint(Fingerprint fingerprint) {
        return "of %d bytes %s".formatted(fingerprint.length(), fingerprint.sha256());
    }

    private static String path(FilePath path) {
        return "`%s` (%s)".formatted(path, HexFormat.of().formatHex(path.bytes()));
    }
}
