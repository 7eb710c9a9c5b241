package io.kiroku.evidence;

import io.kiroku.evidence.record.Octets;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/** Choices that look random and that their seed repeats. */
public final class Dice {
    private static final long[] EDGES = {
        0,
        1,
        -1,
        2,
        127,
        128,
        255,
        256,
        65535,
        65536,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    private final Random random;

    public Dice(long seed) {
        this.random = new Random(seed);
    }

    /** 0 to {@code bound - 1}. */
    public int below(int bound) {
        return random.nextInt(bound);
    }

    /** Both ends included. */
    public int between(int least, int most) {
        return least + below(most - least + 1);
    }

    public boolean oneIn(int n) {
        return below(n) == 0;
    }

    /** Any number; those at which programs fail come more often. */
    public long number() {
        return switch (below(3)) {
            case 0 -> EDGES[below(EDGES.length)];
            case 1 -> below(1 << 20);
            default -> random.nextLong();
        };
    }

    /** From {@code least} on; those at which programs fail come more often. */
    public long numberFrom(long least) {
        return Math.max(least, number());
    }

    public byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    public Octets octets(int length) {
        return Octets.of(bytes(length));
    }

    public <T> T pick(List<T> from) {
        return from.get(below(from.size()));
    }

    public <T> T pick(T[] from) {
        return from[below(from.length)];
    }

    /** Text of at most so many bytes of UTF-8, characters of one to four bytes among them. */
    public String text(int mostBytes) {
        int[] firsts = {0x20, 0x00, 0xa0, 0x3041, 0x1f600};
        StringBuilder out = new StringBuilder();
        int bytes = 0;
        int wanted = below(mostBytes + 1);
        while (true) {
            String character = Character.toString(firsts[below(firsts.length)] + below(0x20));
            bytes += character.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > wanted) {
                return out.toString();
            }
            out.append(character);
        }
    }

    /** Lines as containers write them: what compression finds in real logs. */
    public byte[] log(int length) {
        StringBuilder out = new StringBuilder(length + 100);
        while (out.length() < length) {
            out.append("2026-01-02T03:04:05.")
                    .append(100_000_000 + below(900_000_000))
                    .append("Z stdout F GET /api/v1/items/")
                    .append(below(5000))
                    .append(" 200 ")
                    .append(below(900))
                    .append("us client=10.0.")
                    .append(below(4))
                    .append('.')
                    .append(below(250))
                    .append('\n');
        }
        return out.substring(0, length).getBytes(StandardCharsets.US_ASCII);
    }

    /** The bytes with one to eight places changed, cut, or grown. */
    public byte[] spoil(byte[] bytes) {
        byte[] out = bytes.clone();
        for (int i = between(1, 8); i > 0 && out.length > 0; i--) {
            int at = below(out.length);
            switch (below(6)) {
                case 0 -> out[at] = (byte) (out[at] ^ (1 << below(8)));
                case 1 -> out[at] = (byte) below(256);
                case 2 -> out[at] = (byte) EDGES[below(EDGES.length)];
                case 3 -> out = java.util.Arrays.copyOf(out, at);
                case 4 -> out = java.util.Arrays.copyOf(out, out.length + between(1, 40));
                default -> {
                    int length = Math.min(between(1, 16), out.length - at);
                    System.arraycopy(out, below(out.length - length + 1), out, at, length);
                }
            }
        }
        return out;
    }
}
