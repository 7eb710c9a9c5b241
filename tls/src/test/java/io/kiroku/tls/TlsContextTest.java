package io.kiroku.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two sides in one process, and what each says of the other. */
class TlsContextTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final String BELIEVED = "believed";

    private final TestAuthority authority = new TestAuthority("authority");
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());

    @TempDir
    Path directory;

    @AfterEach
    void endGroup() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** What the two sides say in the end. */
    private record Said(String server, String client) {}

    private TlsContext server(TestAuthority.Issued issued) throws IOException {
        return TlsContext.server(
                TlsDirectory.open(authority.write(directory.resolve("server"), issued), InstantSource.system()),
                InstantSource.system());
    }

    private TlsContext client(TestAuthority by, TestAuthority.Issued issued) throws IOException {
        Path at = by.write(directory.resolve("client"), issued);
        authority.write(directory.resolve("believed"), issued);
        Files.copy(directory.resolve("believed/ca.crt"), at.resolve("ca.crt"), StandardCopyOption.REPLACE_EXISTING);
        return TlsContext.client(TlsDirectory.open(at, InstantSource.system()), InstantSource.system());
    }

    private Said connect(TlsContext server, TlsContext client, String name) throws Exception {
        CompletableFuture<String> serverSaid = new CompletableFuture<>();
        CompletableFuture<String> clientSaid = new CompletableFuture<>();
        LocalAddress address = new LocalAddress("tls-" + System.nanoTime());
        Channel listening = new ServerBootstrap()
                .group(group)
                .channel(LocalServerChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        SslHandler tls = server.handler(channel.alloc(), TIMEOUT);
                        tls.handshakeFuture().addListener(done -> {
                            serverSaid.complete(done.isSuccess() ? BELIEVED : TlsFailure.sentence(done.cause()));
                            if (done.isSuccess()) {
                                channel.writeAndFlush(Unpooled.copyLong(1));
                            }
                        });
                        channel.pipeline().addLast(tls, new Last(clientSaid, false));
                    }
                })
                .bind(address)
                .sync()
                .channel();
        Channel connected = new Bootstrap()
                .group(group)
                .channel(LocalChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        client.handler(channel.alloc(), name, 4470, TIMEOUT),
                                        new Last(clientSaid, true));
                    }
                })
                .connect(address)
                .sync()
                .channel();
        Said said = new Said(serverSaid.get(20, TimeUnit.SECONDS), clientSaid.get(20, TimeUnit.SECONDS));
        connected.close().sync();
        listening.close().sync();
        return said;
    }

    /** The client's last word: bytes that came, or why none did. */
    private static final class Last extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<String> said;
        private final boolean isClient;

        private Last(CompletableFuture<String> said, boolean isClient) {
            this.said = said;
            this.isClient = isClient;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ReferenceCountUtil.release(message);
            said.complete(BELIEVED);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (isClient) {
                said.complete(TlsFailure.sentence(cause));
            }
        }
    }

    @Test
    void boringSslIsThere() {
        assertThat(OpenSsl.isAvailable()).isTrue();
    }

    @Test
    void bothSidesBelieve() throws Exception {
        try (TlsContext server = server(authority.issue("collector", "collector.example", "127.0.0.1"));
                TlsContext client = client(authority, authority.issue("node-1"))) {
            assertThat(connect(server, client, "collector.example")).isEqualTo(new Said(BELIEVED, BELIEVED));
            assertThat(connect(server, client, "127.0.0.1")).isEqualTo(new Said(BELIEVED, BELIEVED));
        }
    }

    @Test
    void wrongName() throws Exception {
        try (TlsContext server = server(authority.issue("collector", "collector.example"));
                TlsContext client = client(authority, authority.issue("node-1"))) {
            assertThat(connect(server, client, "other.example").client())
                    .isEqualTo("expected a certificate for other.example, found one for collector.example");
        }
    }

    @Test
    void expiredNotYetValidAndRevoked() throws Exception {
        Instant now = Instant.now();
        TestAuthority.Issued expired =
                authority.issue("node-1", now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1)));
        TestAuthority.Issued early =
                authority.issue("node-2", now.plus(Duration.ofHours(1)), now.plus(Duration.ofDays(1)));
        TestAuthority.Issued revoked = authority.issue("node-3");
        authority.revoke(revoked);
        authority.write(directory.resolve("server"), revoked);
        authority.writeRevocations(directory.resolve("server"));
        try (TlsContext server = server(authority.issue("collector", "localhost"))) {
            try (TlsContext client = client(authority, expired)) {
                Said said = connect(server, client, "localhost");
                assertThat(said.server()).startsWith("the certificate of CN=node-1 expired at ");
                assertThat(said.client()).contains("this side's certificate has expired");
            }
            try (TlsContext client = client(authority, early)) {
                Said said = connect(server, client, "localhost");
                assertThat(said.server()).startsWith("the certificate of CN=node-2 is not valid before ");
                assertThat(said.client()).contains("this side's certificate");
            }
            try (TlsContext client = client(authority, revoked)) {
                Said said = connect(server, client, "localhost");
                assertThat(said.server()).contains("CN=node-3").contains("was revoked at ");
                assertThat(said.client()).contains("this side's certificate was revoked");
            }
        }
    }

    @Test
    void unknownAuthority() throws Exception {
        TestAuthority stranger = new TestAuthority("stranger");
        try (TlsContext server = server(authority.issue("collector", "localhost"));
                TlsContext client = client(stranger, stranger.issue("node-1"))) {
            Said said = connect(server, client, "localhost");
            assertThat(said.server())
                    .isEqualTo("the certificate of CN=node-1 was issued by CN=stranger, which no authority in ca.crt"
                            + " vouches for");
            assertThat(said.client()).contains("it does not know the authority of this side's certificate");
        }
    }

    @Test
    void aCertificateIsRevokedWhileItIsUsed() throws Exception {
        TestAuthority.Issued node = authority.issue("node-1");
        try (TlsContext server = server(authority.issue("collector", "localhost"))) {
            server.recheck(List.of(node.certificate()));
            authority.revoke(node);
            authority.writeRevocations(directory.resolve("server"));
            assertThat(server.refresh()).isTrue();
            assertThatThrownBy(() -> server.recheck(List.of(node.certificate())))
                    .isInstanceOf(CertificateException.class)
                    .hasMessageContaining("was revoked at");
        }
    }

    @Test
    void theNextConnectionHasTheNewCertificates() throws Exception {
        try (TlsContext server = server(authority.issue("collector", "old.example"));
                TlsContext client = client(authority, authority.issue("node-1"))) {
            authority.write(directory.resolve("server"), authority.issue("collector", "new.example"));
            assertThat(server.refresh()).isTrue();
            assertThat(connect(server, client, "new.example")).isEqualTo(new Said(BELIEVED, BELIEVED));
        }
    }

    @Test
    void withoutAuthoritiesNobodyCouldBeBelieved() throws Exception {
        Path at = authority.write(directory.resolve("server"), authority.issue("collector"));
        Files.delete(at.resolve("ca.crt"));
        assertThatThrownBy(
                        () -> TlsContext.server(TlsDirectory.open(at, InstantSource.system()), InstantSource.system()))
                .hasMessageContaining("ca.crt");
    }
}
