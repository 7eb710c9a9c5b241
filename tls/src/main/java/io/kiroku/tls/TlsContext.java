package io.kiroku.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One side of TLS 1.3 connections in which both sides show certificates, by what is in a {@link TlsDirectory}: a new
 * connection takes what is in force then. Sessions are never resumed, so that every connection is checked anew. The work is
 * BoringSSL's; where it cannot be loaded it is the JDK's. Used by any thread.
 */
public final class TlsContext implements AutoCloseable {
    /** How often the owner is to {@link #refresh}. */
    public static final Duration REFRESH = Duration.ofSeconds(3);

    private static final Logger LOG = LoggerFactory.getLogger(TlsContext.class);
    private static final String VERSION = "TLSv1.3";

    private enum Side {
        SERVER,
        /** A server to which somebody without a certificate may connect, too. */
        OPEN_SERVER,
        CLIENT
    }

    private final TlsDirectory directory;
    private final Side side;
    private final List<X509Certificate> furtherAuthorities;
    private final InstantSource clock;
    private PeerCheck check;
    private SslContext context;

    private TlsContext(TlsDirectory directory, Side side, List<X509Certificate> furtherAuthorities, InstantSource clock)
            throws IOException {
        this.directory = directory;
        this.side = side;
        this.furtherAuthorities = List.copyOf(furtherAuthorities);
        this.clock = clock;
        if (!OpenSsl.isAvailable()) {
            LOG.warn(
                    "BoringSSL cannot be loaded, TLS is left to the JDK, which takes several times the CPU: {}.",
                    OpenSsl.unavailabilityCause().getMessage());
        }
        TlsMaterial material = directory.material();
        check = checkOf(material);
        context = contextOf(material, check);
    }

    /**
     * The side that is connected to.
     *
     * @throws IOException with one sentence if the directory names no authority for the certificates of others
     */
    public static TlsContext server(TlsDirectory directory, InstantSource clock) throws IOException {
        return new TlsContext(directory, Side.SERVER, List.of(), clock);
    }

    /**
     * The side that is connected to, by some who have no certificate yet: what they may is for the owner to bound.
     *
     * @param further authority that others' certificates may be of, besides those in the directory
     * @throws IOException with one sentence if the directory names no authority for the certificates of others
     */
    public static TlsContext openServer(TlsDirectory directory, X509Certificate further, InstantSource clock)
            throws IOException {
        return new TlsContext(directory, Side.OPEN_SERVER, List.of(further), clock);
    }

    /**
     * The side that connects.
     *
     * @throws IOException with one sentence if the directory names no authority for the certificates of others
     */
    public static TlsContext client(TlsDirectory directory, InstantSource clock) throws IOException {
        return new TlsContext(directory, Side.CLIENT, List.of(), clock);
    }

    private PeerCheck checkOf(TlsMaterial material) throws IOException {
        if (material.authorities().isEmpty()) {
            throw new IOException(
                    "expected a file %s with the authorities that the other side's certificate may be of, found none"
                            .formatted(directory.path().resolve("ca.crt")));
        }
        List<X509Certificate> authorities = new ArrayList<>(material.authorities());
        authorities.addAll(furtherAuthorities);
        return new PeerCheck(authorities, material.revocations(), clock);
    }

    private SslContext contextOf(TlsMaterial material, PeerCheck peers) throws IOException {
        X509Certificate[] chain = material.chain().toArray(X509Certificate[]::new);
        SslContextBuilder builder = switch (side) {
            case SERVER -> SslContextBuilder.forServer(material.key(), chain).clientAuth(ClientAuth.REQUIRE);
            case OPEN_SERVER ->
                SslContextBuilder.forServer(material.key(), chain).clientAuth(ClientAuth.OPTIONAL);
            case CLIENT -> SslContextBuilder.forClient().keyManager(material.key(), chain);
        };
        try {
            return builder.sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK)
                    .protocols(VERSION)
                    .trustManager(peers)
                    .build();
        } catch (SSLException unusable) {
            throw new IOException(
                    "the certificates in %s cannot be used: %s".formatted(directory.path(), unusable.getMessage()),
                    unusable);
        }
    }

    /** Takes what has changed in the directory; does no more than read its files if nothing has. True if something has. */
    public synchronized boolean refresh() {
        if (!directory.refresh()) {
            return false;
        }
        TlsMaterial material = directory.material();
        try {
            PeerCheck newCheck = checkOf(material);
            SslContext newContext = contextOf(material, newCheck);
            // Connections that use it hold it until they end.
            ReferenceCountUtil.release(context);
            check = newCheck;
            context = newContext;
            return true;
        } catch (IOException unusable) {
            LOG.warn("New certificates are not used: {}.", unusable.getMessage());
            return false;
        }
    }

    /** For a connection from outside. */
    public synchronized SslHandler handler(ByteBufAllocator memory, Duration handshakeTimeout) {
        return bounded(context.newHandler(memory), handshakeTimeout);
    }

    /**
     * For a connection to a host.
     *
     * @param name that the host's certificate has to be issued to; a name or an address
     */
    public synchronized SslHandler handler(ByteBufAllocator memory, String name, int port, Duration handshakeTimeout) {
        return bounded(context.newHandler(memory, name, port), handshakeTimeout);
    }

    private static SslHandler bounded(SslHandler handler, Duration handshakeTimeout) {
        handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
        return handler;
    }

    /**
     * Checks again a chain that was believed once.
     *
     * @throws CertificateException with one sentence if it is not to be believed any more
     */
    public void recheck(List<X509Certificate> chain) throws CertificateException {
        PeerCheck current;
        synchronized (this) {
            current = check;
        }
        current.checkClientTrusted(chain.toArray(X509Certificate[]::new), "UNKNOWN");
    }

    /** Those who may have issued the process's own certificate, as its directory has them. */
    public List<X509Certificate> authorities() {
        return directory.material().authorities();
    }

    /** The end of what the process's own certificate is valid for. */
    public Instant notAfter() {
        return directory.material().certificate().getNotAfter().toInstant();
    }

    @Override
    public synchronized void close() {
        ReferenceCountUtil.release(context);
    }
}
