package io.kiroku.collector.enrol;

import io.kiroku.evidence.durable.Durable;
import io.kiroku.tls.CertificateAuthority;
import io.kiroku.tls.Pem;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate of a collector that nobody has given one: its own authority issues it, with a key that is new at each start, into
 * the directory {@code tls} of the data. It is renewed once two thirds of its life are over.
 */
public final class CollectorCertificate implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CollectorCertificate.class);

    /** Between two looks whether it is time to renew it. */
    private static final Duration MOST_PAUSE = Duration.ofMinutes(1);

    private final Path directory;
    private final CertificateAuthority authority;
    private final List<String> hosts;
    private final Duration life;
    private final InstantSource clock;
    private final KeyPair key;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("certificate").factory());

    private Instant renewal;

    private CollectorCertificate(
            Path directory,
            CertificateAuthority authority,
            List<String> hosts,
            Duration life,
            SecureRandom random,
            InstantSource clock)
            throws IOException {
        this.directory = directory;
        this.authority = authority;
        this.hosts = List.copyOf(hosts);
        this.life = life;
        this.clock = clock;
        this.key = CertificateAuthority.newKey(random);
        Durable.createDirectories(directory);
        Durable.overwrite(directory.resolve("tls.key"), Pem.of(key.getPrivate()));
        Durable.overwrite(directory.resolve("ca.crt"), Pem.of(List.of(authority.certificate())));
        this.renewal = issue();
    }

    /**
     * Issues a certificate.
     *
     * @param hosts what agents call this collector: names and addresses, at least one
     * @param life of the certificate
     * @throws IOException with one sentence if a host is none, or the disk fails
     */
    public static CollectorCertificate in(
            Path data,
            CertificateAuthority authority,
            List<String> hosts,
            Duration life,
            SecureRandom random,
            InstantSource clock)
            throws IOException {
        CollectorCertificate own = new CollectorCertificate(data.resolve("tls"), authority, hosts, life, random, clock);
        long every = Math.min(life.dividedBy(20).toMillis(), MOST_PAUSE.toMillis());
        own.timer.scheduleWithFixedDelay(own::refresh, every, every, TimeUnit.MILLISECONDS);
        return own;
    }

    private Instant issue() throws IOException {
        Instant now = clock.instant();
        X509Certificate own = authority.toCollector(hosts, key.getPublic(), now, life);
        // The authority is shown as well: an agent that is enrolled by a code knows no more than its digest.
        Durable.overwrite(directory.resolve("tls.crt"), Pem.of(List.of(own, authority.certificate())));
        return now.plus(life.multipliedBy(2).dividedBy(3));
    }

    /** Renews it if it is time to. What fails is said and tried again. */
    synchronized void refresh() {
        if (clock.instant().isBefore(renewal)) {
            return;
        }
        try {
            renewal = issue();
        } catch (IOException failure) {
            LOG.warn("The collector's own certificate cannot be renewed: {}.", failure.getMessage());
        }
    }

    /** Where it lies, in the layout of any other. */
    public Path directory() {
        return directory;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
