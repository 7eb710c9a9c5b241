package io.kiroku.collector.ingest;

import io.kiroku.collector.AgentConnection;
import io.kiroku.collector.agents.AgentRegister;
import io.kiroku.collector.log.TestLog;
import io.kiroku.collector.store.CollectorIdentity;
import io.kiroku.collector.store.ForgetfulDirectory;
import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreFiles;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.trust.Revocations;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A store in memory, servers that write it, and connections to them with another TLS than theirs, the JDK's. */
final class TestIngest implements AutoCloseable {
    static final InstantSource CLOCK = InstantSource.system();

    private static final char[] PASS = "pass".toCharArray();

    final ForgetfulDirectory volumes = new ForgetfulDirectory();
    final StoreFiles files = new StoreFiles(volumes, new ForgetfulDirectory(), new ForgetfulDirectory());
    final Store store;
    private final Intake intake;

    TestIngest() throws IOException {
        store = Store.open(files, CLOCK, System::nanoTime);
        intake = Intake.open(store, TestLog.of(new ForgetfulDirectory(), store), () -> Revocations.NONE);
    }

    IngestServer start(Optional<IngestServer.Tls> tls, AgentRegister register, IngestLimits limits) throws IOException {
        return IngestServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                tls,
                register,
                intake,
                StoreReader.open(files, () -> true),
                CollectorIdentity.of(SigningKey.generate(new SecureRandom())),
                limits,
                CLOCK,
                System::nanoTime);
    }

    /**
     * Connects, and believes one authority.
     *
     * @param key whose certificate is shown, if there is one
     */
    static AgentConnection connect(int port, X509Certificate authority, PrivateKey key, @Nullable X509Certificate shown)
            throws GeneralSecurityException, IOException {
        KeyStore keys = KeyStore.getInstance(KeyStore.getDefaultType());
        keys.load(null, null);
        if (shown != null) {
            keys.setKeyEntry("node", key, PASS, new X509Certificate[] {shown});
        }
        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(keys, PASS);
        KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
        anchors.load(null, null);
        anchors.setCertificateEntry("authority", authority);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(anchors);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(keyManagers.getKeyManagers(), trust.getTrustManagers(), null);
        return new AgentConnection(context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port));
    }

    @Override
    public void close() {
        intake.close();
        store.close();
    }
}
