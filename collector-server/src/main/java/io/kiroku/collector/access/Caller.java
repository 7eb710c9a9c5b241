package io.kiroku.collector.access;

/**
 * Who calls.
 *
 * @param name as whoever vouches for him calls him; at most {@link #MOST_NAME} characters
 * @param voucher who says so: {@code token}, the issuer's URL, {@code kubernetes}, {@code loopback}
 */
public record Caller(String name, String voucher, Rights rights) {
    /** More is not kept of a name. */
    public static final int MOST_NAME = 256;

    /** Whoever is on the machine itself, while nobody else can call. */
    public static final Caller LOCAL = new Caller("anybody on this machine", "loopback", Rights.ALL);

    /** Cuts the name. */
    public Caller {
        name = name.length() > MOST_NAME ? name.substring(0, MOST_NAME) : name;
    }
}
