package io.kiroku.collector.ingest;

import io.kiroku.collector.agents.AgentRegister;
import io.kiroku.tls.Peers;
import io.kiroku.tls.TlsContext;
import io.kiroku.tls.TlsFailure;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Lets connections in whose agents show a certificate that is to be believed, and closes them when it is not any more:
 * because it has expired, was revoked, or its authority is gone. Until then a connection costs a bounded handshake.
 */
final class TlsAdmission {
    private static final AttributeKey<List<X509Certificate>> CHAIN = AttributeKey.valueOf(TlsAdmission.class, "chain");

    private static final AttributeKey<String> KEY = AttributeKey.valueOf(TlsAdmission.class, "key");

    private final IngestServer server;
    private final TlsContext tls;
    private final AgentRegister register;
    private final Places<Channel> handshakes;
    private final ChannelGroup admitted = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    TlsAdmission(IngestServer server, TlsContext tls, AgentRegister register) {
        this.register = register;
        this.server = server;
        this.tls = tls;
        this.handshakes =
                new Places<>(server.limits().handshakes(), server.limits().handshakesOfAnAddress(), server::displaced);
    }

    /** Begins the handshake of a connection that was just opened; {@code in} is told once it has ended well. */
    void begin(Channel channel, Consumer<Channel> in) {
        SocketAddress from = channel.remoteAddress();
        if (!handshakes.enter(channel, from)) {
            server.counts().turnedAway();
            server.say("%s: closed at once: too many TLS handshakes are under way".formatted(from));
            channel.close();
            return;
        }
        TlsEntrance entrance = new TlsEntrance(server, server.limits().linger());
        SslHandler handler = tls.handler(channel.alloc(), server.limits().handshake());
        handler.handshakeFuture().addListener(done -> {
            handshakes.leave(channel);
            if (done.isSuccess()) {
                admit(channel, handler, in);
                return;
            }
            server.counts().handshakeFailed();
            if (!entrance.isPlain()) {
                server.say("%s: no TLS connection: %s".formatted(from, TlsFailure.sentence(done.cause())));
            }
        });
        channel.pipeline().addLast(entrance, handler, new Unsaid());
    }

    /** What goes wrong in a handshake is said once, by who waits for its end. */
    private static final class Unsaid extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            // TLS closes the connection itself.
        }
    }

    private void admit(Channel channel, SslHandler handler, Consumer<Channel> in) {
        channel.pipeline().remove(Unsaid.class);
        List<X509Certificate> chain = shown(handler);
        if (!chain.isEmpty()) {
            channel.attr(CHAIN).set(chain);
            channel.attr(KEY).set(Peers.keyDigest(chain.getFirst()));
            admitted.add(channel);
            server.engaged(channel);
        }
        in.accept(channel);
    }

    /** What the agent has shown; nothing if it has no certificate and the handshake has not asked for one. */
    private static List<X509Certificate> shown(SslHandler handler) {
        List<X509Certificate> chain = new ArrayList<>();
        try {
            for (Certificate certificate : handler.engine().getSession().getPeerCertificates()) {
                chain.add((X509Certificate) certificate);
            }
        } catch (SSLPeerUnverifiedException none) {
            return List.of();
        }
        return List.copyOf(chain);
    }

    /** Takes changed certificates and keys, and closes the connections of those who are not to be believed any more. */
    void refresh() {
        boolean changed = tls.refresh();
        register.refresh();
        Instant now = server.wallClock();
        for (Channel channel : admitted) {
            distrust(channel, changed, now).ifPresent(sentence -> {
                server.say("%s: the connection is closed: %s".formatted(channel.remoteAddress(), sentence));
                channel.close();
            });
        }
    }

    /** Why a connection is not to be believed any more; empty if it still is. */
    private Optional<String> distrust(Channel channel, boolean changed, Instant now) {
        List<X509Certificate> chain = channel.attr(CHAIN).get();
        if (changed || chain.getFirst().getNotAfter().toInstant().isBefore(now)) {
            try {
                tls.recheck(chain);
            } catch (CertificateException notAnyMore) {
                return Optional.of(String.valueOf(notAnyMore.getMessage()));
            }
        }
        return register.ended(channel.attr(KEY).get());
    }

    /** The key that a connection was made with, as the register names it; empty in plain text or without a certificate. */
    static Optional<String> key(Channel channel) {
        return Optional.ofNullable(channel.attr(KEY).get());
    }
}
