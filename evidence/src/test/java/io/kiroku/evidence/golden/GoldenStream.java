package io.kiroku.evidence.golden;

import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.chain.EpochSeal;
import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.SegmentHeader;
import io.kiroku.evidence.segment.SegmentWriter;
import io.kiroku.evidence.segment.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stream of four segments, two of which are missing before the last, in which nothing is left to chance: keys, salts and the boot id are digests of labels, as
 * {@link CountedRandom} makes them, and the times are fixed.
 */
final class GoldenStream {
    /** The sequences of the segments: 4 and 5 are lost, and 6 declares it. */
    static final List<Integer> NUMBERS = List.of(1, 2, 3, 6);

    static final String NODE = "golden-node";

    private static final FilePath LIVE =
            FilePath.of("/var/log/pods/shop_web-0_5f0c9a52-7d3c-4b43-9f5e-2b1f6c1f8a11/web/0.log");
    private static final FilePath ROTATED = FilePath.of(LIVE + ".20260102-030406");
    private static final FilePath NOT_UTF8 =
            FilePath.of("/var/log/caf\u00e9.log".getBytes(StandardCharsets.ISO_8859_1));
    private static final FileIdentity FIRST_FILE = new FileIdentity(0x0000_0008_0000_0001L, 262_147, nanos("03:04:00"));
    private static final FileIdentity SECOND_FILE = new FileIdentity(0x0000_0008_0000_0001L, 262_148, 0);
    private static final Octets BOOT_ID = CountedRandom.octets("kiroku golden boot id", 16);

    private final Identity identity = Identity.of(SigningKey.of(CountedRandom.first("kiroku golden identity")));
    private final SegmentWriter writer = new SegmentWriter(new CountedRandom("kiroku golden salt"));

    static Octets stream() {
        return EpochSeal.streamOf(new GoldenStream().identity.publicKey());
    }

    /** The log of the first file: one container's lines. */
    static byte[] firstLog() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            lines.append("2026-01-02T03:04:05.%09dZ stdout F GET /api/v1/items/%d 200 %dms\n"
                    .formatted(100_000_000 + i * 1_234_567, 40 + i, 3 + i));
        }
        lines.append("2026-01-02T03:04:05.500000000Z stderr P panic: a line that was cut ");
        lines.append("\n2026-01-02T03:04:05.500000001Z stderr F and joined\n");
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The log of the second file: bytes that are no text. */
    static byte[] secondLog() {
        return new byte[] {0, (byte) 0xff, '\r', '\n', 'n', 'o', ' ', 'n', 'e', 'w', 'l', 'i', 'n', 'e'};
    }

    /** What {@code lz4 -dc} prints of the second segment. The others hold no log. */
    static byte[] log(int number) {
        if (number != 2) {
            return new byte[0];
        }
        byte[] first = firstLog();
        byte[] second = secondLog();
        ByteBuffer log = ByteBuffer.allocate(first.length + second.length);
        log.put(first, 0, first.length - 40).put(second).put(first, first.length - 40, 40);
        return log.array();
    }

    /**
     * The entries of a segment.
     *
     * @param previous the hash of the segment before it, which the epoch's entry is signed over
     */
    List<Entry> entries(int number, Octets previous) {
        return switch (number) {
            case 1 ->
                List.of(
                        vouch(Entry.EpochReason.FIRST, 1, 1, previous),
                        new Entry.File(1, LIVE, LIVE, FIRST_FILE, 0, Fingerprint.NONE),
                        new Entry.File(2, NOT_UTF8, NOT_UTF8, SECOND_FILE, 0, Fingerprint.NONE),
                        new Entry.Event(Entry.EventKind.AGENT_STARTED, 0, nanos("03:04:04"), "kiroku 0.1.0"));
            case 2 -> {
                int length = firstLog().length;
                yield List.of(
                        new Entry.Chunk(1, 0, length - 40),
                        new Entry.FingerprintTaken(1, fingerprint()),
                        new Entry.Chunk(2, 0, 14),
                        new Entry.Event(Entry.EventKind.ROTATED, 1, nanos("03:04:06"), ROTATED.toString()),
                        new Entry.Chunk(1, length - 40, 40),
                        new Entry.Gap(
                                2, 14, 100, Entry.GapCause.READ_ERROR, nanos("03:04:06"), "read: Input/output error"));
            }
            case 3 ->
                List.of(
                        vouch(Entry.EpochReason.CONTINUES, 3, 3, previous),
                        new Entry.File(1, LIVE, ROTATED, FIRST_FILE, firstLog().length, fingerprint()),
                        new Entry.File(2, NOT_UTF8, NOT_UTF8, SECOND_FILE, 100, Fingerprint.NONE));
            default ->
                List.of(
                        vouch(Entry.EpochReason.CONTINUES, 4, 6, previous),
                        new Entry.File(1, LIVE, ROTATED, FIRST_FILE, 1000, fingerprint()),
                        lost(1, LIVE, firstLog().length, 1000, false),
                        lost(2, NOT_UTF8, 100, 100, true),
                        lost(3, LIVE, 0, 64, true),
                        lost(Entry.NO_FILE, null, 0, 12, false));
        };
    }

    private static Entry.SegmentGap lost(int file, @Nullable FilePath source, long from, long to, boolean ended) {
        return new Entry.SegmentGap(
                4, 5, Entry.GapCause.RING_OVERRUN, nanos("03:04:14"), file, source, from, to, ended);
    }

    /** The hash that a segment names as its predecessor's. */
    static Octets previousOf(int number, List<byte[]> before) {
        if (number == 1) {
            return Octets.zero(32);
        }
        return number == 6
                ? CountedRandom.octets("kiroku golden lost segment", 32)
                : Sha256.of(ByteBuffer.wrap(before.getLast(), 8, SegmentHeader.LENGTH));
    }

    /** The segments, in the order of their sequences. */
    static List<byte[]> seal() {
        GoldenStream stream = new GoldenStream();
        List<byte[]> segments = new ArrayList<>();
        for (int number : NUMBERS) {
            segments.add(stream.seal(number, previousOf(number, segments)));
        }
        return segments;
    }

    /** One segment; they must be sealed one after the other, because each takes the next salt. */
    byte[] seal(int number, Octets previous) {
        ByteBuffer log = ByteBuffer.wrap(log(number));
        for (Entry entry : entries(number, previous)) {
            if (entry instanceof Entry.Chunk chunk) {
                byte[] bytes = new byte[chunk.length()];
                log.get(bytes);
                writer.raw().put(bytes);
                writer.captured(chunk.file(), chunk.from(), chunk.length());
            } else {
                writer.state(entry);
            }
        }
        SigningKey key = key(number);
        SegmentWriter.Link link = new SegmentWriter.Link(
                identity.stream(),
                1,
                number,
                previous,
                new Timestamp(
                        nanos("03:04:%02d".formatted(3 + 2 * number)), 3_600_000_000_000L + 2_000_000_000L * number),
                BOOT_ID,
                number == 2 ? 0 : SegmentHeader.RESTATES,
                key.publicKey(),
                key(number + 1).publicKey());
        ByteBuffer sealed = writer.seal(link, key::sign);
        byte[] bytes = new byte[sealed.remaining()];
        sealed.get(bytes);
        return bytes;
    }

    private Entry.Epoch vouch(Entry.EpochReason reason, int nextFile, long sequence, Octets previous) {
        return EpochSeal.vouch(
                reason,
                nextFile,
                identity,
                NODE,
                1,
                sequence,
                previous,
                key((int) sequence).publicKey());
    }

    private static SigningKey key(int sequence) {
        return SigningKey.of(CountedRandom.first("kiroku golden key " + sequence));
    }

    private static Fingerprint fingerprint() {
        byte[] log = firstLog();
        int length = Math.min(log.length, Fingerprint.MOST);
        return new Fingerprint(length, Sha256.of(ByteBuffer.wrap(log, 0, length)));
    }

    private static long nanos(String time) {
        Instant instant = Instant.parse("2026-01-02T" + time + ".000000007Z");
        return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
    }
}
