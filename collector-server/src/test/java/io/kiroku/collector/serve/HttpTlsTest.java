package io.kiroku.collector.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.server.Server;
import io.kiroku.tls.Pem;
import io.kiroku.tls.TestAuthority;
import io.kiroku.tls.TlsDirectory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpTlsTest {
    private static final Duration OFTEN = Duration.ofMillis(50);

    @TempDir
    private Path directory;

    private static String pem(String what, byte[] der) {
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(what, Base64.getMimeEncoder().encodeToString(der), what);
    }

    private void write(TlsKeyPair certificate, TlsKeyPair key) throws IOException, GeneralSecurityException {
        Files.writeString(
                directory.resolve("tls.crt"),
                pem("CERTIFICATE", certificate.certificateChain().getFirst().getEncoded()));
        Files.writeString(
                directory.resolve("tls.key"),
                pem("PRIVATE KEY", key.privateKey().getEncoded()));
    }

    private static X509Certificate shown(Server server) throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Anybody()}, null);
        try (SSLSocket socket = (SSLSocket)
                context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), server.activeLocalPort())) {
            socket.startHandshake();
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    /** This test compares certificates itself. */
    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    @Test
    void aCertificateThatChangesIsTakenInAndOneThatDoesNotFitIsNot() throws Exception {
        TlsKeyPair first = TlsKeyPair.ofSelfSigned("localhost");
        TlsKeyPair second = TlsKeyPair.ofSelfSigned("localhost");
        write(first, first);
        try (Server server = Server.builder()
                .https(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .tlsProvider(HttpTls.of(TlsDirectory.open(directory, InstantSource.system()), OFTEN))
                .service("/", (context, request) -> HttpResponse.of("hello"))
                .build()) {
            server.start().join();
            assertThat(shown(server)).isEqualTo(first.certificateChain().getFirst());
            write(second, first);
            TimeUnit.MILLISECONDS.sleep(500);
            assertThat(shown(server))
                    .as("with the key of another")
                    .isEqualTo(first.certificateChain().getFirst());
            Files.writeString(directory.resolve("tls.crt"), "-----BEGIN CERT");
            TimeUnit.MILLISECONDS.sleep(500);
            assertThat(shown(server))
                    .as("half a file")
                    .isEqualTo(first.certificateChain().getFirst());
            write(second, second);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (!shown(server).equals(second.certificateChain().getFirst()) && System.nanoTime() < end) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
            assertThat(shown(server)).isEqualTo(second.certificateChain().getFirst());
        }
    }

    /** As cert-manager makes them by the chart (PKCS #8), and as OpenSSL writes them (SEC 1). */
    @Test
    void keysOfEllipticCurvesAreTaken() throws Exception {
        TestAuthority authority = new TestAuthority("authority");
        TestAuthority.Issued issued = authority.issue("collector", "localhost");
        authority.write(directory, issued);
        assertThat(HttpTls.of(TlsDirectory.open(directory, InstantSource.system()), OFTEN))
                .isNotNull();
        Files.write(directory.resolve("tls.key"), Pem.of(issued.key().getPrivate()));
        assertThat(HttpTls.of(TlsDirectory.open(directory, InstantSource.system()), OFTEN))
                .isNotNull();
    }
}
