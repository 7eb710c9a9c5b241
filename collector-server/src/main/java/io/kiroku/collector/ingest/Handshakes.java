package io.kiroku.collector.ingest;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * TLS handshakes under way: bounded in all and for each address, so that whoever opens connections and says nothing takes
 * neither memory nor the place of others. An IPv6 network of 64 bits counts as one address, because whoever has one has all of
 * them. Used by any thread.
 */
final class Handshakes {
    private static final int NETWORK_BYTES = 8;

    private final int most;
    private final int mostOfAnAddress;
    private final Map<String, Integer> underWay = new HashMap<>();
    private int all;

    Handshakes(int most, int mostOfAnAddress) {
        this.most = most;
        this.mostOfAnAddress = mostOfAnAddress;
    }

    /** Counts one more from there. False, and nothing is counted, if there are too many already. */
    synchronized boolean begin(SocketAddress from) {
        String key = key(from);
        int known = underWay.getOrDefault(key, 0);
        if (all >= most || known >= mostOfAnAddress) {
            return false;
        }
        underWay.put(key, known + 1);
        all++;
        return true;
    }

    /** One that was begun from there has ended. */
    synchronized void end(SocketAddress from) {
        underWay.computeIfPresent(key(from), (key, known) -> known == 1 ? null : known - 1);
        all--;
    }

    synchronized int underWay() {
        return all;
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
