package io.kiroku.collector.store;

import io.kiroku.evidence.record.MalformedException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The 32 bytes at the start of a volume, big-endian: magic {@code KIROKUV1}, number of the volume (4), number of its first
 * record (8), time of creation (8), CRC-32C of the 28 bytes before (4).
 *
 * @param volume from 1, as in the file's name
 * @param firstRecord number of the first record that was or will be put into it: all records before that one were on
 *     stable storage, in earlier volumes, when this one was made
 * @param createdNanos the collector's clock, nanoseconds since the Unix epoch
 */
record VolumeHeader(int volume, long firstRecord, long createdNanos) {
    static final int LENGTH = 32;

    /** No volume's file grows beyond so many bytes. */
    static final long MOST_VOLUME = 1L << 30;

    private static final long MAGIC = 0x4B49_524F_4B55_5631L;
    private static final int CRC_AT = LENGTH - 4;

    byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(LENGTH);
        out.putLong(MAGIC).putInt(volume).putLong(firstRecord).putLong(createdNanos);
        out.putInt(crc(out));
        return out.array();
    }

    /**
     * Reads the header of a volume's file.
     *
     * @param in the first bytes of the file
     * @param volume the number in the file's name
     * @throws MalformedException if they are not that volume's header, to the byte
     */
    static VolumeHeader decode(ByteBuffer in, int volume) throws MalformedException {
        if (in.remaining() < LENGTH) {
            throw new MalformedException(
                    "the volume's header: expected %d bytes, found %d".formatted(LENGTH, in.remaining()));
        }
        ByteBuffer header = in.slice(in.position(), LENGTH);
        if (header.getLong(0) != MAGIC) {
            throw new MalformedException("the volume's header: expected it to begin with KIROKUV1, found other bytes");
        }
        if (header.getInt(CRC_AT) != crc(header)) {
            throw new MalformedException("the volume's header: its checksum does not match");
        }
        if (header.getInt(8) != volume) {
            throw new MalformedException(
                    "the volume's header: expected volume %d, found volume %d".formatted(volume, header.getInt(8)));
        }
        return new VolumeHeader(volume, header.getLong(12), header.getLong(20));
    }

    private static int crc(ByteBuffer header) {
        CRC32C crc = new CRC32C();
        crc.update(header.slice(0, CRC_AT));
        return (int) crc.getValue();
    }
}
