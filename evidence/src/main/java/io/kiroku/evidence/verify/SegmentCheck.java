package io.kiroku.evidence.verify;

import io.kiroku.evidence.chain.EpochSeal;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentHeader;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * Whether a segment is in itself what was sealed: signature, digests, manifest, payload. Its place in a chain is for
 * {@link io.kiroku.evidence.chain.ChainHead#place}. Reuses one buffer; for use by one thread.
 */
public final class SegmentCheck {
    /** What came of the check. */
    public sealed interface Outcome {
        /**
         * All is as it was sealed.
         *
         * @param entries the manifest
         * @param log the log bytes; valid until the next check
         */
        record Sound(List<Entry> entries, ByteBuffer log) implements Outcome {
            /** The identity's word for this segment's key, if it is given here. */
            public Optional<Entry.Epoch> epoch() {
                return Entry.Epoch.in(entries);
            }
        }

        /**
         * Something is not.
         *
         * @param sentence what
         * @param headerHolds whether the header at least is as it was sealed, so that the chain goes on through it
         */
        record Unsound(String sentence, boolean headerHolds) implements Outcome {}
    }

    private ByteBuffer log = ByteBuffer.allocateDirect(1 << 20);

    /** Checks as stored first, and reads only what the signature covers. */
    public Outcome check(Segment segment) {
        SegmentHeader header = segment.header();
        byte[] signed = new byte[SegmentHeader.SIGNED_LENGTH];
        segment.signedBytes().get(signed);
        if (!SigningKey.verify(header.key(), signed, header.signature())) {
            return new Outcome.Unsound("the header's signature does not match its bytes", false);
        }
        if (!segment.manifestDigest().equals(header.manifestDigest())) {
            return unsound("the manifest's SHA-256 is not the one that the header states");
        }
        if (!segment.payloadDigest().equals(header.payloadDigest())) {
            return unsound("the SHA-256 of salt and payload is not the one that the header states");
        }
        try {
            List<Entry> entries = segment.entries();
            Outcome.Sound sound = new Outcome.Sound(entries, decompress(segment));
            return contradiction(header, sound).map(SegmentCheck::unsound).orElse(sound);
        } catch (MalformedException malformed) {
            return unsound(String.valueOf(malformed.getMessage()));
        }
    }

    private static Outcome unsound(String sentence) {
        return new Outcome.Unsound(sentence, true);
    }

    private ByteBuffer decompress(Segment segment) throws MalformedException {
        int length = segment.header().rawLength();
        if (length > log.capacity()) {
            log = ByteBuffer.allocateDirect(length);
        }
        log.clear();
        segment.decompress(log);
        return log.flip().asReadOnlyBuffer();
    }

    private static Optional<String> contradiction(SegmentHeader header, Outcome.Sound sound) {
        long chunks = 0;
        for (int i = 0; i < sound.entries().size(); i++) {
            switch (sound.entries().get(i)) {
                case Entry.Chunk chunk -> chunks += chunk.length();
                case Entry.Epoch epoch -> {
                    if (i != 0) {
                        return Optional.of("an epoch's entry stands at place " + i + " of the manifest, not first");
                    }
                    if (!EpochSeal.holds(
                            epoch,
                            header.stream(),
                            header.epoch(),
                            header.sequence(),
                            header.previous(),
                            header.key())) {
                        return Optional.of("the identity's signature for the epoch does not match");
                    }
                }
                case Entry.SegmentGap lost -> {
                    if (lost.last() >= header.sequence()) {
                        return Optional.of(
                                "it declares segment %d lost, which does not come before it".formatted(lost.last()));
                    }
                }
                default -> {}
            }
        }
        if (header.restates() && sound.epoch().isEmpty()) {
            return Optional.of("it restates every file, and no identity vouches for its key");
        }
        return chunks == header.rawLength()
                ? Optional.empty()
                : Optional.of("the chunks have %d bytes, the payload %d".formatted(chunks, header.rawLength()));
    }
}
