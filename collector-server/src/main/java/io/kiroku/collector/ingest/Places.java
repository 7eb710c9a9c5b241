package io.kiroku.collector.ingest;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Places for connections: bounded in all and for each address, so that whoever opens connections and says nothing takes
 * neither memory nor the place of others. Where all are taken, a newcomer from an address that has few which wait is given that
 * of the connection which has waited longest of those from the address that has most. A connection that is engaged does not
 * wait, and keeps its place. An IPv6 network of 64 bits counts as one address, because whoever has one has all of them. Used
 * by any thread.
 *
 * @param <T> a connection
 */
public final class Places<T> {
    private static final int NETWORK_BYTES = 8;

    private final int most;
    private final int mostOfAnAddress;
    private final Consumer<T> displaced;
    private final Map<T, Address<T>> taken = new HashMap<>();
    private final Map<String, Address<T>> addresses = new HashMap<>();
    private long turnedAway;

    /** Those of one address: all that have a place, and of these the ones that wait, the longest first. */
    private static final class Address<T> {
        private final String name;
        private final Set<T> waiting = new LinkedHashSet<>();
        private int all;

        private Address(String name) {
            this.name = name;
        }
    }

    /** @param displaced ends a connection whose place was given to another */
    public Places(int most, int mostOfAnAddress, Consumer<T> displaced) {
        this.most = most;
        this.mostOfAnAddress = mostOfAnAddress;
        this.displaced = displaced;
    }

    /** Gives a place to one that was just opened from there. False if there is none for it. */
    public boolean enter(T newcomer, SocketAddress from) {
        T loser = null;
        synchronized (this) {
            Address<T> own = addresses.computeIfAbsent(key(from), Address::new);
            boolean full = taken.size() >= most;
            loser = full && own.all < mostOfAnAddress ? loserTo(own) : null;
            if (own.all >= mostOfAnAddress || (full && loser == null)) {
                turnedAway++;
                forgetIfEmpty(own);
                return false;
            }
            if (loser != null) {
                turnedAway++;
                leave(loser);
            }
            own.all++;
            own.waiting.add(newcomer);
            taken.put(newcomer, own);
        }
        if (loser != null) {
            displaced.accept(loser);
        }
        return true;
    }

    /** By at least two, else two addresses would take each other's place for ever. */
    private @Nullable T loserTo(Address<T> newcomer) {
        Address<T> fullest = newcomer;
        for (Address<T> one : addresses.values()) {
            if (one.waiting.size() > fullest.waiting.size()) {
                fullest = one;
            }
        }
        return fullest.waiting.size() >= newcomer.waiting.size() + 2
                ? fullest.waiting.iterator().next()
                : null;
    }

    /** One that is given something to do waits no more. */
    public synchronized void engage(T connection) {
        Address<T> own = taken.get(connection);
        if (own != null) {
            own.waiting.remove(connection);
        }
    }

    /** One that has nothing to do waits again, behind all others. */
    public synchronized void disengage(T connection) {
        Address<T> own = taken.get(connection);
        if (own != null) {
            own.waiting.add(connection);
        }
    }

    /** One is gone, if it had a place. */
    public synchronized void leave(T connection) {
        Address<T> own = taken.remove(connection);
        if (own != null) {
            own.all--;
            own.waiting.remove(connection);
            forgetIfEmpty(own);
        }
    }

    private void forgetIfEmpty(Address<T> address) {
        if (address.all == 0) {
            addresses.remove(address.name);
        }
    }

    public synchronized int taken() {
        return taken.size();
    }

    /** How many got no place, or lost theirs to another, since the start. */
    public synchronized long turnedAway() {
        return turnedAway;
    }

    /** The address, or its network of 64 bits. */
    static String key(SocketAddress from) {
        InetAddress address = from instanceof InetSocketAddress internet ? internet.getAddress() : null;
        if (address == null) {
            return "";
        }
        byte[] bytes = address.getAddress();
        return HexFormat.of().formatHex(address instanceof Inet6Address ? Arrays.copyOf(bytes, NETWORK_BYTES) : bytes);
    }
}
