package io.kiroku.tls;

import io.netty.buffer.ByteBufAllocator;
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
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * A TLS 1.3 connection of somebody who has no certificate yet: the other side is believed if its certificate leads to an
 * authority that is known, by its certificate or by no more than the digest of it.
 */
public final class FirstContact implements AutoCloseable {
    private final SslContext context;

    private FirstContact(HostTrust trust) throws IOException {
        try {
            context = SslContextBuilder.forClient()
                    .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK)
                    .protocols("TLSv1.3")
                    .trustManager(trust)
                    .build();
        } catch (SSLException unusable) {
            throw new IOException("TLS cannot be used: " + unusable.getMessage(), unusable);
        }
    }

    /** The other side's certificate leads to one of these. */
    public static FirstContact of(List<X509Certificate> authorities, InstantSource clock) throws IOException {
        return new FirstContact(new PeerCheck(authorities, List.of(), clock));
    }

    /**
     * The other side shows the authority that its certificate leads to, and that one has this digest.
     *
     * @param fingerprint as {@link EnrolmentCode#fingerprint} has it
     */
    public static FirstContact of(String fingerprint, InstantSource clock) throws IOException {
        return new FirstContact(new Fingerprint(fingerprint, clock));
    }

    /**
     * For a connection to a host.
     *
     * @param name that the host's certificate has to be issued to; a name or an address
     */
    public SslHandler handler(ByteBufAllocator memory, String name, int port, Duration handshakeTimeout) {
        SslHandler handler = context.newHandler(memory, name, port);
        handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
        return handler;
    }

    @Override
    public void close() {
        ReferenceCountUtil.release(context);
    }

    /** Finds the authority among what the other side shows; the path to it is then checked as any other. */
    private static final class Fingerprint extends HostTrust {
        private final String fingerprint;
        private final InstantSource clock;

        private Fingerprint(String fingerprint, InstantSource clock) {
            this.fingerprint = fingerprint;
            this.clock = clock;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            for (X509Certificate shown : chain) {
                if (EnrolmentCode.fingerprint(shown).equals(fingerprint)) {
                    try {
                        new PeerCheck(List.of(shown), List.of(), clock).checkServerTrusted(chain, authType, engine);
                        return;
                    } catch (IOException unusable) {
                        throw new CertificateException(unusable.getMessage(), unusable);
                    }
                }
            }
            throw new CertificateException(
                    "expected a certificate of the authority that the code names, found one of another: the code is"
                            + " for another collector, or somebody stands between");
        }
    }
}
