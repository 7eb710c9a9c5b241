package io.kiroku.cli.cluster;

import io.kiroku.tls.Pem;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** TLS towards an API server: whom to believe, and what to show. */
final class ClientTls {
    private static final char[] NO_PASSWORD = {};

    private ClientTls() {}

    /**
     * A context of TLS.
     *
     * @throws ClusterException if a certificate or a key cannot be used
     */
    static SSLContext context(KubeContext.Cluster cluster, Credentials credentials) throws ClusterException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(shown(credentials), believed(cluster), null);
            return context;
        } catch (IOException failure) {
            throw new ClusterException(String.valueOf(failure.getMessage()), failure);
        } catch (GeneralSecurityException failure) {
            throw new ClusterException(
                    "the certificates in the kubeconfig cannot be used: %s".formatted(failure.getMessage()), failure);
        }
    }

    private static KeyManager[] shown(Credentials credentials) throws IOException, GeneralSecurityException {
        Optional<KubeContext.Pem> certificate = credentials.certificate();
        Optional<KubeContext.Pem> key = credentials.key();
        if (certificate.isEmpty() || key.isEmpty()) {
            return new KeyManager[0];
        }
        KeyStore own = store();
        own.setKeyEntry(
                "own",
                Pem.privateKey(key.get().place(), bytes(key.get())),
                NO_PASSWORD,
                Pem.certificates(certificate.get().place(), bytes(certificate.get()))
                        .toArray(Certificate[]::new));
        KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
        managers.init(own, NO_PASSWORD);
        return managers.getKeyManagers();
    }

    private static TrustManager[] believed(KubeContext.Cluster cluster) throws IOException, GeneralSecurityException {
        if (cluster.insecure()) {
            return new TrustManager[] {new Anybody()};
        }
        KeyStore trusted = null;
        if (cluster.ca().isPresent()) {
            trusted = store();
            int number = 0;
            for (X509Certificate one : Pem.certificates(
                    cluster.ca().get().place(), bytes(cluster.ca().get()))) {
                trusted.setCertificateEntry("ca" + number++, one);
            }
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance("PKIX");
        managers.init(trusted);
        return managers.getTrustManagers();
    }

    private static KeyStore store() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static byte[] bytes(KubeContext.Pem pem) {
        return pem.text().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** What {@code insecure-skip-tls-verify} asks for; being an extended one, no name is compared either. */
    private static final class Anybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
