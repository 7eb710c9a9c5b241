package io.kiroku.agent.ship;

import io.kiroku.agent.config.CollectorTls;
import io.kiroku.agent.config.Enrolment;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.tls.EnrolmentCode;
import io.kiroku.tls.FirstContact;
import io.kiroku.tls.Pem;
import io.kiroku.tls.TlsContext;
import io.kiroku.tls.TlsDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets the agent its certificate, and renews it once two thirds of its life are over, on a thread of its own. Until there is one
 * nothing is sent; reading and sealing go on.
 */
public final class Enroller implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Enroller.class);
    private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    /** Between two looks whether it is time to renew: nodes sleep, and clocks are set. */
    private static final Duration LOOK = Duration.ofMinutes(1);

    private final InetSocketAddress collector;
    private final CollectorTls tls;
    private final Enrolment enrolment;
    private final EnrolmentFiles files;
    private final Octets stream;
    private final String node;
    private final SecureRandom random;
    private final InstantSource clock;
    private final Consumer<Shipper.Destination> enrolled;
    private final Thread thread = Thread.ofPlatform().name("enrol").daemon().unstarted(this::run);
    private volatile String notice = "";
    private @Nullable TlsContext context;

    /**
     * @param tls with an enrolment
     * @param enrolled told once where segments go, as soon as there is a certificate, on this one's thread
     */
    public Enroller(
            InetSocketAddress collector,
            CollectorTls tls,
            Octets stream,
            String node,
            SecureRandom random,
            InstantSource clock,
            Consumer<Shipper.Destination> enrolled) {
        this.collector = collector;
        this.tls = tls;
        this.enrolment = tls.enrolment().orElse(Enrolment.FROM_BEFORE);
        this.files = new EnrolmentFiles(tls.directory());
        this.stream = stream;
        this.node = node;
        this.random = random;
        this.clock = clock;
        this.enrolled = enrolled;
    }

    public void start() {
        thread.start();
    }

    /** The last trouble, a sentence; empty if there is none now. */
    public String notice() {
        return notice;
    }

    private void run() {
        Duration wait = FIRST_WAIT;
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Duration pause;
                try {
                    pause = turn();
                    wait = FIRST_WAIT;
                    notice = "";
                } catch (IOException | RuntimeException failure) {
                    if (failure instanceof RuntimeException) {
                        LOG.error("the enrolment of the agent has met a defect", failure);
                    }
                    notice = "no certificate from the %s: %s".formatted(Unreached.at(collector), failure.getMessage());
                    boolean isFinal = failure instanceof RefusedException;
                    pause = isFinal ? LONGEST_WAIT : jittered(wait);
                    wait = wait.multipliedBy(2).compareTo(LONGEST_WAIT) < 0 ? wait.multipliedBy(2) : LONGEST_WAIT;
                }
                TimeUnit.MILLISECONDS.sleep(Math.max(1, pause.toMillis()));
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration jittered(Duration wait) {
        return wait.dividedBy(2).plusMillis(random.nextLong(wait.toMillis() / 2 + 1));
    }

    /** Does what is to be done now. How long there is nothing more to do. */
    private Duration turn() throws IOException, InterruptedException {
        Optional<X509Certificate> own = files.certificate();
        Instant now = clock.instant();
        if (own.isEmpty() || now.isAfter(own.get().getNotAfter().toInstant())) {
            enrol(own);
            own = files.certificate();
        }
        TlsContext connections = connections();
        List<X509Certificate> told = told();
        if (!told.isEmpty()) {
            // The collector may have another authority by now; who runs the agent says so in the file.
            files.believe(told);
        }
        if (own.isPresent() && !now.isBefore(renewal(own.get()))) {
            renew(connections);
            own = files.certificate();
        }
        Duration left = Duration.between(clock.instant(), renewal(own.orElseThrow()));
        return left.compareTo(LOOK) > 0 ? LOOK : left.isNegative() ? FIRST_WAIT : left;
    }

    private static Instant renewal(X509Certificate certificate) {
        Instant from = certificate.getNotBefore().toInstant();
        Instant to = certificate.getNotAfter().toInstant();
        return to.minus(Duration.between(from, to).dividedBy(3));
    }

    private TlsContext connections() throws IOException {
        TlsContext known = context;
        if (known == null) {
            known = TlsContext.client(TlsDirectory.open(tls.directory(), clock), clock);
            context = known;
            enrolled.accept(new Shipper.Destination(collector, known, tls.name()));
        }
        return known;
    }

    private void enrol(Optional<X509Certificate> expired) throws IOException, InterruptedException {
        if (enrolment.proof() == Frame.Proof.CERTIFICATE) {
            throw new RefusedException(
                    expired.map(own -> "the agent's certificate expired at %s: give it a code (--enroll)"
                                    .formatted(own.getNotAfter().toInstant()))
                            .orElse("the agent has no certificate: give it a code (--enroll)"));
        }
        String secret = secret();
        Optional<EnrolmentCode> code =
                enrolment.proof() == Frame.Proof.CODE ? Optional.of(code(secret)) : Optional.empty();
        try (FirstContact contact = contact(code)) {
            take(EnrolmentCall.ask(
                    collector,
                    memory -> contact.handler(memory, tls.name(), collector.getPort(), HANDSHAKE_TIMEOUT),
                    request(enrolment.proof(), code.map(EnrolmentCode::secret).orElse(secret))));
        }
        LOG.info("The agent of node {} is enrolled: its certificate is in {}.", node, tls.directory());
    }

    private static EnrolmentCode code(String text) throws IOException {
        try {
            return EnrolmentCode.parse(text);
        } catch (IllegalArgumentException malformed) {
            throw new RefusedException(String.valueOf(malformed.getMessage()));
        }
    }

    private FirstContact contact(Optional<EnrolmentCode> code) throws IOException {
        List<X509Certificate> told = told();
        if (!told.isEmpty()) {
            return FirstContact.of(told, clock);
        }
        return FirstContact.of(
                code.orElseThrow(() -> new IOException("a token needs --enroll-ca FILE as well"))
                        .authority(),
                clock);
    }

    /** The authorities that the agent was told to believe; none if it was told none. */
    private List<X509Certificate> told() throws IOException {
        Optional<Path> file = enrolment.authorities();
        return file.isPresent() ? Pem.certificates(file.get().toString(), read(file.get())) : List.of();
    }

    private String secret() throws IOException {
        return enrolment.file().isPresent()
                ? new String(read(enrolment.file().get()), StandardCharsets.UTF_8).strip()
                : enrolment.code();
    }

    private static byte[] read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(Frame.Enrol.MOST_SECRET + 1);
            if (bytes.length > Frame.Enrol.MOST_SECRET) {
                throw new IOException(
                        "expected at most %d bytes in %s, found more".formatted(Frame.Enrol.MOST_SECRET, file));
            }
            return bytes;
        } catch (NoSuchFileException absent) {
            throw new IOException("expected a file %s, found none".formatted(file), absent);
        }
    }

    private void renew(TlsContext connections) throws IOException, InterruptedException {
        take(EnrolmentCall.ask(
                collector,
                memory -> connections.handler(memory, tls.name(), collector.getPort(), HANDSHAKE_TIMEOUT),
                request(Frame.Proof.CERTIFICATE, "")));
        LOG.info("The certificate of node {} was renewed.", node);
    }

    private Frame.Enrol request(Frame.Proof proof, String secret) throws IOException {
        return new Frame.Enrol(Frame.VERSION, stream, node, proof, secret, files.request(random));
    }

    private void take(Frame answer) throws IOException {
        switch (answer) {
            case Frame.Certificate certificate -> files.take(certificate, told());
            case Frame.Refusal refusal
            when refusal.code() == Frame.RefusalCode.UNAVAILABLE -> throw new IOException(refusal.sentence());
            case Frame.Refusal refusal -> throw new RefusedException("it refuses: " + refusal.sentence());
            default -> throw new IOException("it sent a frame that does not belong here");
        }
    }

    /** Trying again soon would not help: somebody has to look at it. */
    private static final class RefusedException extends IOException {
        @Serial
        private static final long serialVersionUID = 1L;

        private RefusedException(String sentence) {
            super(sentence);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(3));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
