package io.kiroku.systemtests.peers;

import java.nio.ByteBuffer;

/**
 * As much of MessagePack (github.com/msgpack/msgpack, spec.md) as it takes to find where values begin and end. Lengths
 * are held against the bytes that are there; nothing is allocated, and nesting costs nothing.
 */
final class MessagePack {
    private static final int NIL = 0xc0;
    private static final int BIN_8 = 0xc4;
    private static final int EXT_8 = 0xc7;
    private static final int FLOAT_32 = 0xca;
    private static final int FIXEXT_1 = 0xd4;
    private static final int STR_8 = 0xd9;
    private static final int ARRAY_16 = 0xdc;
    private static final int MAP_16 = 0xde;

    /** Bytes behind the types from float 32 on: two floats, four unsigned and four signed integers. */
    private static final int[] NUMBER_LENGTHS = {4, 8, 1, 2, 4, 8, 1, 2, 4, 8};

    private MessagePack() {}

    /**
     * Moves behind the next value.
     *
     * @return false if its end is not there yet; the position is anywhere then
     */
    static boolean skip(ByteBuffer in) {
        long left = 1;
        while (left > 0) {
            left--;
            int type = type(in);
            if (isArray(type)) {
                left += count(in, type);
            } else if (isMap(type)) {
                left += 2 * count(in, type);
            } else if (!skipBytes(in, bodyLength(in, type))) {
                return false;
            }
            // Each value that is still to come has a byte at least.
            if (left > in.remaining()) {
                return false;
            }
        }
        return true;
    }

    /**
     * Reads the head of an array.
     *
     * @return its number of elements; -1 if it is not whole, or none
     */
    static long array(ByteBuffer in) {
        int type = type(in);
        return isArray(type) ? count(in, type) : -1;
    }

    /**
     * Reads the head of a string or of binary data.
     *
     * @return how many bytes follow; -1 if it is neither, or the head or the bytes are not whole
     */
    static int bytes(ByteBuffer in) {
        int type = type(in);
        boolean blob =
                (type >= 0xa0 && type < NIL) || (type >= BIN_8 && type < EXT_8) || (type >= STR_8 && type < ARRAY_16);
        long length = blob ? bodyLength(in, type) : -1;
        return length >= 0 && length <= in.remaining() ? (int) length : -1;
    }

    private static int type(ByteBuffer in) {
        return in.hasRemaining() ? Byte.toUnsignedInt(in.get()) : -1;
    }

    private static boolean isArray(int type) {
        return (type >= 0x90 && type < 0xa0) || type == ARRAY_16 || type == ARRAY_16 + 1;
    }

    private static boolean isMap(int type) {
        return (type >= 0x80 && type < 0x90) || type == MAP_16 || type == MAP_16 + 1;
    }

    /** Of an array or a map; beyond what can be there if the head is not whole. */
    private static long count(ByteBuffer in, int type) {
        if (type < 0xa0) {
            return type & 0x0f;
        }
        return unsigned(in, (type & 1) == 0 ? 2 : 4);
    }

    /** Bytes behind the head of any other value; beyond what can be there if the head is not whole. */
    private static long bodyLength(ByteBuffer in, int type) {
        if (type < 0) {
            return Integer.MAX_VALUE;
        }
        if (type < 0x80 || type >= 0xe0) {
            return 0;
        }
        if (type < NIL) {
            return type & 0x1f;
        }
        if (type < BIN_8) {
            return 0;
        }
        if (type < EXT_8) {
            return unsigned(in, 1 << (type - BIN_8));
        }
        if (type < FLOAT_32) {
            return 1 + unsigned(in, 1 << (type - EXT_8));
        }
        if (type < FIXEXT_1) {
            return NUMBER_LENGTHS[type - FLOAT_32];
        }
        if (type < STR_8) {
            return 1 + (1L << (type - FIXEXT_1));
        }
        return unsigned(in, 1 << (type - STR_8));
    }

    private static long unsigned(ByteBuffer in, int length) {
        if (in.remaining() < length) {
            return Integer.MAX_VALUE;
        }
        long value = 0;
        for (int i = 0; i < length; i++) {
            value = (value << 8) | Byte.toUnsignedInt(in.get());
        }
        return value;
    }

    private static boolean skipBytes(ByteBuffer in, long length) {
        if (length > in.remaining()) {
            return false;
        }
        in.position(in.position() + (int) length);
        return true;
    }
}
