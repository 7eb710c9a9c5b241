package io.kiroku.collector.store;

import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.ManifestReader;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.segment.SegmentHeader;
import io.kiroku.evidence.segment.Sha256;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * One line of the catalogue: a stored segment without its payload.
 *
 * @param number of its record
 * @param headerBytes the segment's header as stored, signature included
 * @param manifest the segment's manifest as stored
 */
record Catalogued(long number, Place place, SegmentHeader header, ByteBuffer headerBytes, ByteBuffer manifest) {
    /** Bytes in a catalogue entry before the segment's header: offset (8) and length (4) of the segment. */
    private static final int PLACE = 12;

    static Catalogued of(long number, Place place, Segment segment) {
        return new Catalogued(number, place, segment.header(), segment.headerBytes(), segment.manifestBytes());
    }

    /** The body of the catalogue's entry. */
    ByteBuffer encode() {
        return ByteBuffer.allocate(PLACE + headerBytes.remaining() + manifest.remaining())
                .putLong(place.offset())
                .putInt(place.length())
                .put(headerBytes.duplicate())
                .put(manifest.duplicate())
                .flip();
    }

    /** Reads the body of a catalogue's entry; the result refers to it. */
    static Catalogued decode(long number, int volume, ByteBuffer body) throws MalformedException {
        if (body.remaining() < PLACE + SegmentHeader.LENGTH) {
            throw new MalformedException("catalogue: expected an entry of at least %d bytes, found %d"
                    .formatted(PLACE + SegmentHeader.LENGTH, body.remaining()));
        }
        ByteBuffer headerBytes = body.slice(PLACE, SegmentHeader.LENGTH);
        int manifestAt = PLACE + SegmentHeader.LENGTH;
        return new Catalogued(
                number,
                new Place(volume, body.getLong(0), body.getInt(8)),
                SegmentHeader.read(headerBytes.duplicate()),
                headerBytes,
                body.slice(manifestAt, body.remaining() - manifestAt));
    }

    /** What the stream's next segment links to, if this is its last. */
    ChainHead chainHead() {
        return new ChainHead(header.stream(), header.epoch(), header.sequence(), hash(), header.nextKey());
    }

    /** SHA-256 of the segment's header. */
    Octets hash() {
        return Sha256.of(headerBytes);
    }

    List<Entry> entries() throws MalformedException {
        return ManifestReader.read(manifest);
    }
}
