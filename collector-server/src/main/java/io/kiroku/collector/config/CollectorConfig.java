package io.kiroku.collector.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a collector is told at its start.
 *
 * @param data the directory that holds everything it keeps; made if it is missing
 * @param listen where agents connect; port 0 takes a free one
 * @param http where the HTTP edge answers; port 0 takes a free one
 * @param log its transparency log
 * @param tls the directory with certificate, key and authorities for the connections of agents; if empty, agents are spoken
 *     to in plain text, on loopback only
 * @param access who may ask over HTTP
 * @param enrol how agents get certificates from this collector; if empty, they get none
 * @param cluster whose pods are watched; if empty, nobody's are
 */
public record CollectorConfig(
        Path data,
        InetSocketAddress listen,
        InetSocketAddress http,
        LogConfig log,
        Optional<Path> tls,
        AccessConfig access,
        Optional<EnrolConfig> enrol,
        Optional<ClusterConfig> cluster) {
    public static final int DEFAULT_LISTEN_PORT = 4470;
    public static final int DEFAULT_HTTP_PORT = 4480;

    /**
     * Checks the addresses.
     *
     * @throws IllegalArgumentException if one is not of this machine's loopback, and what makes others safe is missing; the
     *     message is for people
     */
    public CollectorConfig {
        requireResolved("listen", listen);
        if (tls.isEmpty() && enrol.isEmpty()) {
            requireLoopback("listen", listen, "--tls or --enroll");
        }
        if (enrol.isPresent() && tls.isPresent() != enrol.get().hosts().isEmpty()) {
            throw new IllegalArgumentException(
                    tls.isPresent()
                            ? "--tls-name is for the certificate that a collector issues to itself, and --tls gives it"
                                    + " another"
                            : "--enroll needs --tls-name HOST as well: what agents call this collector, or --tls DIR");
        }
        requireResolved("http", http);
        boolean isSafe = access.knowsCallers() && access.tls().isPresent();
        if (!isSafe && !http.getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    "http: %s is not a loopback address; beyond loopback a collector answers known callers (--tokens, --oidc-issuer or --kubernetes) over TLS (--http-tls) and nobody else"
                            .formatted(http.getHostString()));
        }
    }

    /** A collector that watches no cluster. */
    public CollectorConfig(
            Path data,
            InetSocketAddress listen,
            InetSocketAddress http,
            LogConfig log,
            Optional<Path> tls,
            AccessConfig access,
            Optional<EnrolConfig> enrol) {
        this(data, listen, http, log, tls, access, enrol, Optional.empty());
    }

    /** A collector that gives certificates to nobody. */
    public CollectorConfig(
            Path data,
            InetSocketAddress listen,
            InetSocketAddress http,
            LogConfig log,
            Optional<Path> tls,
            AccessConfig access) {
        this(data, listen, http, log, tls, access, Optional.empty());
    }

    /** A collector that everybody on its machine may ask. */
    public CollectorConfig(Path data, InetSocketAddress listen, InetSocketAddress http, LogConfig log) {
        this(data, listen, http, log, Optional.empty(), AccessConfig.NONE);
    }

    /** A collector whose log keeps its name, and that nobody else vouches for. */
    public CollectorConfig(Path data, InetSocketAddress listen, InetSocketAddress http) {
        this(data, listen, http, LogConfig.ALONE);
    }

    /** A collector in that directory on the default ports of the loopback address. */
    public static CollectorConfig of(Path data) {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        return new CollectorConfig(
                data,
                new InetSocketAddress(loopback, DEFAULT_LISTEN_PORT),
                new InetSocketAddress(loopback, DEFAULT_HTTP_PORT));
    }

    /**
     * Reads {@code HOST:PORT} or {@code [IPV6]:PORT}.
     *
     * @throws IllegalArgumentException if the text is anything else; the message is for people
     */
    public static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.contains(":")) {
            throw noAddress(text);
        }
        int port;
        try {
            port = Integer.parseInt(text.substring(colon + 1));
        } catch (NumberFormatException noNumber) {
            throw noAddress(text);
        }
        if (host.isEmpty() || port < 0 || port > 65_535) {
            throw noAddress(text);
        }
        return new InetSocketAddress(host, port);
    }

    private static IllegalArgumentException noAddress(String text) {
        return new IllegalArgumentException(
                "expected HOST:PORT with a port of 0 to 65535, found \"%s\"".formatted(text));
    }

    private static void requireResolved(String name, InetSocketAddress address) {
        if (address.getAddress() == null) {
            throw new IllegalArgumentException(
                    "%s: the host name %s cannot be resolved".formatted(name, address.getHostString()));
        }
    }

    private static void requireLoopback(String name, InetSocketAddress address, String without) {
        if (!address.getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    "%s: %s is not a loopback address, and without %s a collector listens on loopback only (127.0.0.1 or [::1])"
                            .formatted(name, address.getHostString(), without));
        }
    }
}
