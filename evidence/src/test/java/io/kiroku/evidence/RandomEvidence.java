package io.kiroku.evidence;

import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Fingerprint;
import io.kiroku.evidence.record.LostSegments;
import io.kiroku.evidence.record.ManifestWriter;
import io.kiroku.evidence.wire.Frame;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Everything that the format can say, chosen by dice. */
public final class RandomEvidence {
    private RandomEvidence() {}

    public static Entry entry(Dice dice) {
        return switch (dice.below(9)) {
            case 0 ->
                new Entry.Epoch(
                        dice.pick(Entry.EpochReason.values()),
                        (int) Math.min(Integer.MAX_VALUE, dice.numberFrom(1)),
                        dice.octets(32),
                        dice.octets(64),
                        dice.text(253),
                        handovers(dice));
            case 1 ->
                new Entry.File(
                        dice.between(1, Integer.MAX_VALUE - 1),
                        path(dice),
                        path(dice),
                        new FileIdentity(dice.number(), dice.number(), dice.number()),
                        dice.numberFrom(0),
                        fingerprint(dice));
            case 2 -> {
                int length = (int) Math.min(Integer.MAX_VALUE, dice.numberFrom(1));
                yield new Entry.Chunk(
                        dice.between(1, 9), Math.min(dice.numberFrom(0), Long.MAX_VALUE - length), length);
            }
            case 3 -> new Entry.FingerprintTaken(dice.between(1, 9), fingerprint(dice));
            case 4 -> {
                long from = Math.min(dice.numberFrom(0), Long.MAX_VALUE - 1);
                long to = dice.oneIn(3) ? Entry.UNKNOWN : dice.numberFrom(from + 1);
                yield new Entry.Gap(
                        dice.below(9), from, to, dice.pick(Entry.GapCause.values()), dice.number(), dice.text(1024));
            }
            case 5 -> segmentGap(dice);
            case 6 -> {
                long most = Entry.Clock.MOST;
                yield new Entry.Clock(
                        Math.clamp(dice.number(), -most, most),
                        Math.min(dice.numberFrom(0), most),
                        dice.number(),
                        dice.octets(32));
            }
            case 7 -> {
                long from = dice.numberFrom(0);
                yield new Entry.Position(dice.between(1, 9), from, dice.numberFrom(from), dice.text(1024));
            }
            default ->
                new Entry.Event(dice.pick(Entry.EventKind.values()), dice.below(9), dice.number(), dice.text(8192));
        };
    }

    private static Entry segmentGap(Dice dice) {
        long first = dice.numberFrom(1);
        boolean named = dice.oneIn(2);
        long from = named ? dice.numberFrom(0) : 0;
        return new Entry.SegmentGap(
                first,
                dice.numberFrom(first),
                dice.pick(Entry.GapCause.values()),
                dice.number(),
                named ? dice.between(1, 9) : Entry.NO_FILE,
                named ? path(dice) : null,
                from,
                dice.oneIn(3) ? Entry.UNKNOWN : dice.numberFrom(from),
                named && dice.oneIn(2));
    }

    public static List<Entry> entries(Dice dice, int most) {
        List<Entry> entries = new ArrayList<>();
        for (int i = dice.below(most + 1); i > 0; i--) {
            entries.add(entry(dice));
        }
        return entries;
    }

    public static byte[] manifest(List<Entry> entries) {
        ManifestWriter writer = new ManifestWriter();
        entries.forEach(writer::write);
        ByteBuffer written = writer.written();
        byte[] bytes = new byte[written.remaining()];
        written.get(bytes);
        return bytes;
    }

    public static FilePath path(Dice dice) {
        byte[] bytes = dice.bytes(dice.oneIn(20) ? dice.between(1, FilePath.MAX_LENGTH) : dice.between(1, 100));
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = bytes[i] == 0 ? (byte) '/' : bytes[i];
        }
        return FilePath.of(bytes);
    }

    private static List<Entry.Handover> handovers(Dice dice) {
        List<Entry.Handover> handovers = new ArrayList<>();
        int count = dice.oneIn(3) ? dice.between(1, Entry.Epoch.MOST_HANDOVERS) : 0;
        for (int i = 0; i < count; i++) {
            handovers.add(new Entry.Handover(dice.octets(32), dice.octets(64)));
        }
        return handovers;
    }

    public static Frame frame(Dice dice) {
        return switch (dice.below(7)) {
            case 0 -> new Frame.Hello(dice.below(65536), dice.octets(16), "n" + dice.text(252), dice.text(64));
            case 1 -> new Frame.Welcome(dice.octets(32), dice.number(), dice.oneIn(2) ? null : head(dice));
            case 2 -> new Frame.SegmentFrame(ByteBuffer.wrap(dice.bytes(dice.below(2000))));
            case 3 ->
                new Frame.Receipt(
                        dice.octets(16),
                        dice.number(),
                        dice.octets(32),
                        dice.number(),
                        new TreeHead(dice.number(), dice.octets(32)),
                        dice.number(),
                        dice.octets(64));
            case 4 ->
                new Frame.Enrol(
                        dice.below(65536),
                        dice.octets(16),
                        "n" + dice.text(252),
                        dice.pick(Frame.Proof.values()),
                        dice.text(2000),
                        dice.octets(dice.between(1, 1000)));
            case 5 ->
                new Frame.Certificate(dice.octets(dice.between(1, 1000)), List.of(dice.octets(dice.between(1, 1000))));
            default -> new Frame.Refusal(dice.pick(Frame.RefusalCode.values()), dice.number(), dice.text(1024));
        };
    }

    private static Frame.Head head(Dice dice) {
        List<LostSegments.Range> undeclared = new ArrayList<>();
        for (int i = dice.below(4); i > 0; i--) {
            long first = dice.numberFrom(1);
            undeclared.add(new LostSegments.Range(first, dice.numberFrom(first)));
        }
        return new Frame.Head(
                dice.numberFrom(1),
                dice.octets(32),
                dice.numberFrom(1),
                (int) Math.min(Integer.MAX_VALUE, dice.numberFrom(1)),
                undeclared);
    }

    private static Fingerprint fingerprint(Dice dice) {
        return dice.oneIn(3) ? Fingerprint.NONE : new Fingerprint(dice.between(0, Fingerprint.MOST), dice.octets(32));
    }
}
