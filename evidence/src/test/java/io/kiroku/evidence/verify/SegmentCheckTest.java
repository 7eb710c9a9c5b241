package io.kiroku.evidence.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.Dice;
import io.kiroku.evidence.Scribe;
import io.kiroku.evidence.chain.EpochSeal;
import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Entry.EpochReason;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentHeader;
import io.kiroku.evidence.segment.SegmentWriter;
import io.kiroku.evidence.verify.SegmentCheck.Outcome;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SegmentCheckTest {
    private static final String LOG = "2026-01-02T03:04:05Z stdout F the same line\n".repeat(4);

    private final SegmentCheck check = new SegmentCheck();
    private final Scribe scribe = new Scribe("check");

    private String sentence(byte[] segment) {
        return switch (check.check(Scribe.segment(segment))) {
            case Outcome.Sound _ -> "";
            case Outcome.Unsound unsound -> unsound.sentence();
        };
    }

    private byte[] small() {
        return scribe.vouch(EpochReason.FIRST)
                .state(Scribe.file(1, 0))
                .chunk(1, 0, LOG)
                .seal(true);
    }

    @Test
    void aSealedSegmentIsSound() {
        Outcome outcome = check.check(Scribe.segment(small()));
        assertThat(outcome).isInstanceOfSatisfying(Outcome.Sound.class, sound -> {
            assertThat(StandardCharsets.UTF_8.decode(sound.log().duplicate()).toString())
                    .isEqualTo(LOG);
            assertThat(sound.log().isReadOnly()).isTrue();
            assertThat(sound.entries()).hasSize(3);
            assertThat(sound.epoch())
                    .hasValueSatisfying(epoch -> assertThat(epoch.node()).isEqualTo("node-1"));
        });
    }

    @Test
    void aSegmentWithoutEntriesIsSoundAndVouchedForByNobody() {
        assertThat(check.check(Scribe.segment(scribe.seal()))).isInstanceOfSatisfying(Outcome.Sound.class, sound -> {
            assertThat(sound.epoch()).isEmpty();
            assertThat(sound.log().hasRemaining()).isFalse();
        });
    }

    /** No byte of a segment is irrelevant: each one flipped, in each of its bits, is caught. */
    @Test
    void everyFlippedBitIsCaught() {
        byte[] sealed = small();
        for (int at = 0; at < sealed.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] flipped = sealed.clone();
                flipped[at] ^= (byte) (1 << bit);
                assertThat(isCaught(flipped)).as("byte %d, bit %d", at, bit).isTrue();
            }
        }
        assertThat(isCaught(sealed)).isFalse();
    }

    private boolean isCaught(byte[] bytes) {
        try {
            return check.check(Segment.of(ByteBuffer.wrap(bytes))) instanceof Outcome.Unsound;
        } catch (MalformedException malformed) {
            return true;
        }
    }

    @Test
    void theSentenceSaysWhichPartIsNotWhatWasSealed() {
        byte[] sealed = small();
        Segment segment = Scribe.segment(sealed);
        int manifest = segment.header().manifestLength();
        assertThat(sentence(flip(sealed, 8 + 40))).isEqualTo("the header's signature does not match its bytes");
        assertThat(sentence(flip(sealed, 8 + 311))).isEqualTo("the header's signature does not match its bytes");
        assertThat(sentence(flip(sealed, 320)))
                .isEqualTo("the manifest's SHA-256 is not the one that the header states");
        assertThat(sentence(flip(sealed, 320 + manifest + 8)))
                .isEqualTo("the SHA-256 of salt and payload is not the one that the header states");
        assertThat(sentence(flip(sealed, sealed.length - 1)))
                .isEqualTo("the SHA-256 of salt and payload is not the one that the header states");
    }

    private static byte[] flip(byte[] bytes, int at) {
        byte[] flipped = bytes.clone();
        flipped[at] ^= 1;
        return flipped;
    }

    @Test
    void chunksMustBeAsLongAsTheLog() {
        assertThat(sentence(scribe.state(new Entry.Chunk(1, 0, 5)).seal()))
                .isEqualTo("the chunks have 5 bytes, the payload 0");
        assertThat(sentence(
                        scribe.state(new Entry.Chunk(1, 0, Integer.MAX_VALUE), new Entry.Chunk(1, 0, Integer.MAX_VALUE))
                                .seal()))
                .isEqualTo("the chunks have 4294967294 bytes, the payload 0");
    }

    @Test
    void anEpochIsTheFirstEntryOrNone() {
        assertThat(sentence(
                        scribe.state(Scribe.file(1, 0)).vouch(EpochReason.FIRST).seal()))
                .isEqualTo("an epoch's entry stands at place 1 of the manifest, not first");
    }

    @Test
    void anEpochOfAnotherSegmentIsRefused() {
        scribe.vouch(EpochReason.FIRST).seal();
        byte[] second = scribe.vouch(EpochReason.CONTINUES).seal();
        Entry.Epoch stolen = (Entry.Epoch) entries(second);
        assertThat(sentence(scribe.state(stolen).seal()))
                .isEqualTo("the identity's signature for the epoch does not match");
    }

    @Test
    void anEpochOfAnotherIdentityIsRefused() {
        Identity thief = Identity.of(SigningKey.generate(new CountedRandom("thief")));
        Entry.Epoch forged = EpochSeal.vouch(
                EpochReason.FIRST,
                1,
                thief,
                "node-1",
                1,
                1,
                Octets.zero(32),
                Scribe.segment(new Scribe("check").seal()).header().key());
        assertThat(sentence(scribe.state(forged).seal()))
                .isEqualTo("the identity's signature for the epoch does not match");
    }

    private static Entry entries(byte[] segment) {
        try {
            return Scribe.segment(segment).entries().getFirst();
        } catch (MalformedException malformed) {
            throw new AssertionError(malformed);
        }
    }

    /** What is signed is still not trusted: a node that seals nonsense gets a sentence, not an exception. */
    @Test
    void signedNonsenseIsUnsound() {
        byte[] sealed = small();
        Segment good = Scribe.segment(sealed);
        byte[] manifest = bytes(good.manifestBytes());
        manifest[manifest.length - 1] ^= 1;
        assertThat(sentence(forge(sealed, manifest, 0, 0))).startsWith("the chunks have");
        manifest[0] = 10;
        assertThat(sentence(forge(sealed, manifest, 0, 0)))
                .startsWith("manifest: expected an entry of type 1 to 9, found type 10");
        manifest = bytes(good.manifestBytes());
        assertThat(sentence(forge(sealed, manifest, 0, 1))).startsWith("payload: expected the magic number");
        assertThat(sentence(forge(sealed, manifest, 1, 0)))
                .startsWith("payload: expected a content size of " + (LOG.length() + 1));
        assertThat(sentence(forge(sealed, manifest, 0, 0))).isEmpty();
    }

    /** The segment with another manifest of the same length, another raw length, or another magic, signed anew. */
    private static byte[] forge(byte[] sealed, byte[] manifest, int moreRaw, int magicFlip) {
        SegmentHeader header = Scribe.segment(sealed).header();
        ByteBuffer out = ByteBuffer.wrap(sealed.clone());
        int payload = 320 + manifest.length + 8 + 32;
        out.put(payload, (byte) (out.get(payload) ^ magicFlip));
        out.put(320, manifest);
        out.putInt(8 + 112, header.rawLength() + moreRaw);
        out.put(8 + 120, digest(manifest));
        byte[] salted = new byte[sealed.length - payload + 32];
        out.get(payload - 32, salted);
        out.put(8 + 152, digest(salted));
        byte[] signed = new byte[SegmentHeader.SIGNED_LENGTH];
        out.get(8, signed);
        CountedRandom random = new CountedRandom("check");
        SigningKey.generate(random);
        out.put(8 + SegmentHeader.SIGNED_LENGTH, SigningKey.generate(random).sign(signed));
        return out.array();
    }

    private static byte[] digest(byte[] bytes) {
        return io.kiroku.evidence.segment.Sha256.of(ByteBuffer.wrap(bytes)).toArray();
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    @Test
    void onlyOneLogIsHeldAtATime() {
        byte[] big =
                scribe.chunk(1, 0, new Dice(1).log(SegmentWriter.RAW_CAPACITY)).seal();
        assertThat(check.check(Scribe.segment(big)))
                .isInstanceOfSatisfying(
                        Outcome.Sound.class,
                        sound -> assertThat(sound.log().remaining()).isEqualTo(SegmentWriter.RAW_CAPACITY));
        assertThat(check.check(Scribe.segment(scribe.chunk(1, 1 << 20, "x").seal())))
                .isInstanceOfSatisfying(
                        Outcome.Sound.class,
                        sound -> assertThat(sound.log().remaining()).isEqualTo(1));
    }

    @Test
    void theClocksOfTheNodeAreInTheHeader() {
        assertThat(Scribe.segment(small()).header().sealed()).isEqualTo(new Timestamp(1_767_323_045_000_000_000L, 0));
    }
}
