package io.kiroku.collector.enrol;

import io.kiroku.collector.access.AccessUnavailableException;
import io.kiroku.collector.access.CustodyRecord;
import io.kiroku.collector.access.CustodyRecord.Outcome;
import io.kiroku.collector.access.CustodySink;
import io.kiroku.collector.access.RefusedTokenException;
import io.kiroku.collector.agents.AgentRegister;
import io.kiroku.collector.agents.Pin;
import io.kiroku.collector.cluster.ClusterNodes;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.Frame.RefusalCode;
import io.kiroku.tls.CertificateAuthority;
import io.kiroku.tls.CertificateRequests;
import io.kiroku.tls.Peers;
import java.io.IOException;
import java.io.Serial;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides who is given a certificate as a node's agent: whoever has a code for the node, or a token of the agent's pod on it, or
 * the certificate that is to be renewed. The key is pinned to the node before the certificate is given out, and what was
 * decided is written down first. Blocks on the disk and on the cluster's API server. Used by any thread.
 */
public final class Enrolments {
    private static final Logger LOG = LoggerFactory.getLogger(Enrolments.class);

    private final CertificateAuthority authority;
    private final Duration life;
    private final EnrolmentCodes codes;
    private final AgentRegister register;
    private final Optional<ClusterNodes> cluster;
    private final CustodySink custody;
    private final InstantSource clock;

    /**
     * @param life of the certificates
     * @param register that keys are pinned in
     * @param cluster whose tokens are taken, if any
     * @param custody is told what was decided
     */
    public Enrolments(
            CertificateAuthority authority,
            Duration life,
            EnrolmentCodes codes,
            AgentRegister register,
            Optional<ClusterNodes> cluster,
            CustodySink custody,
            InstantSource clock) {
        this.authority = authority;
        this.life = life;
        this.codes = codes;
        this.register = register;
        this.cluster = cluster;
        this.custody = custody;
        this.clock = clock;
    }

    /** Why somebody gets no certificate. */
    private static final class RefusedException extends Exception {
        @Serial
        private static final long serialVersionUID = 1L;

        private final RefusalCode code;

        private RefusedException(RefusalCode code, String sentence) {
            super(sentence);
            this.code = code;
        }

        private static RefusedException identity(String sentence) {
            return new RefusedException(RefusalCode.IDENTITY, sentence);
        }
    }

    /**
     * The answer to a request: a certificate, or a refusal with one sentence.
     *
     * @param connectionKey that of the certificate that the connection was made with, as the register has it
     * @param from the address of whoever asks
     * @param authorities of the collector's own certificate
     */
    public Frame answer(
            Frame.Enrol request, Optional<String> connectionKey, String from, List<X509Certificate> authorities) {
        String key = "";
        try {
            if (request.version() != Frame.VERSION) {
                throw new RefusedException(
                        RefusalCode.PROTOCOL,
                        "expected version %d of the protocol, found %d".formatted(Frame.VERSION, request.version()));
            }
            PublicKey owner = keyOf(request);
            key = Peers.keyDigest(owner);
            switch (request.proof()) {
                case CERTIFICATE -> requireOwn(request.node(), key, connectionKey);
                case CODE -> byCode(request, key);
                case TOKEN -> byToken(request, key);
            }
            requireStream(request, key);
            X509Certificate issued = authority.toNode(request.node(), owner, clock.instant(), life);
            record(request, key, from, Outcome.ANSWERED);
            return frame(issued, authorities);
        } catch (RefusedException refused) {
            return refused(request, key, from, refused);
        } catch (AccessUnavailableException | IOException trouble) {
            LOG.warn("Node {} gets no certificate now: {}.", printable(request.node()), trouble.getMessage());
            return new Frame.Refusal(
                    RefusalCode.UNAVAILABLE, 0, "the collector cannot give out certificates now: try again later");
        }
    }

    private Frame refused(Frame.Enrol request, String key, String from, RefusedException refused) {
        try {
            record(request, key, from, Outcome.REFUSED);
        } catch (IOException unwritten) {
            LOG.warn("A refused request for a certificate could not be written down: {}.", unwritten.getMessage());
        }
        return new Frame.Refusal(refused.code, 0, String.valueOf(refused.getMessage()));
    }

    private static PublicKey keyOf(Frame.Enrol request) throws RefusedException {
        try {
            return CertificateRequests.keyOf(request.request().toArray());
        } catch (IOException malformed) {
            throw new RefusedException(RefusalCode.PROTOCOL, String.valueOf(malformed.getMessage()));
        }
    }

    private void requireOwn(String node, String key, Optional<String> connectionKey) throws RefusedException {
        if (connectionKey.isEmpty()) {
            throw RefusedException.identity(
                    "expected a certificate, a code or a token, found none: the agent has to be given --enroll FILE");
        }
        if (!connectionKey.get().equals(key)) {
            throw RefusedException.identity("expected a request for the key of this connection, found another key");
        }
        Optional<String> ended = register.ended(key);
        if (ended.isPresent()) {
            throw RefusedException.identity(ended.get());
        }
        if (register.active(node).filter(pin -> pin.key().equals(key)).isEmpty()) {
            throw RefusedException.identity("this key is not pinned to node " + printable(node));
        }
    }

    private void byCode(Frame.Enrol request, String key) throws RefusedException, IOException {
        String node = request.node();
        EnrolmentCodes.Grant grant = codes.look(request.secret())
                .orElseThrow(() -> RefusedException.identity("there is no such code for enrolment"));
        if (!grant.node().equals(node)) {
            throw RefusedException.identity("this code is for another node than " + printable(node));
        }
        if (clock.instant().isAfter(grant.expires())) {
            throw RefusedException.identity("this code expired at " + grant.expires());
        }
        Optional<Pin> active = register.active(node);
        boolean isOwn = active.filter(pin -> pin.key().equals(key)).isPresent();
        if (grant.used() && isOwn) {
            // The same agent once more: the answer did not reach it.
            return;
        }
        if (active.isPresent() && !isOwn && !grant.replaces()) {
            throw otherKey(active.get());
        }
        requireFresh(key, isOwn);
        if (grant.used() || !codes.use(request.secret())) {
            throw RefusedException.identity("this code was used already, and a code is good for one use");
        }
        pin(node, key, active);
    }

    private void byToken(Frame.Enrol request, String key) throws RefusedException, IOException {
        if (cluster.isEmpty()) {
            throw RefusedException.identity("this collector takes no tokens of a cluster for enrolment");
        }
        String node;
        try {
            node = cluster.get().nodeOf(request.secret());
        } catch (RefusedTokenException refused) {
            throw RefusedException.identity(String.valueOf(refused.getMessage()));
        }
        if (!node.equals(request.node())) {
            throw RefusedException.identity("this token is of a pod on node %s, found the name %s"
                    .formatted(printable(node), printable(request.node())));
        }
        Optional<Pin> active = register.active(node);
        boolean isOwn = active.filter(pin -> pin.key().equals(key)).isPresent();
        if (active.isPresent() && !isOwn) {
            throw otherKey(active.get());
        }
        requireFresh(key, isOwn);
        pin(node, key, active);
    }

    private static RefusedException otherKey(Pin active) {
        return RefusedException.identity(
                "node %s is pinned to key %s since %s: revoke that one, or make a code with --replace"
                        .formatted(active.node(), active.key().substring(0, 12), active.since()));
    }

    private void requireFresh(String key, boolean isOwn) throws RefusedException {
        if (!isOwn && register.isKnown(key)) {
            throw RefusedException.identity(
                    "key %s was pinned before, and a key is pinned once".formatted(key.substring(0, 12)));
        }
    }

    private void pin(String node, String key, Optional<Pin> active) throws IOException {
        if (active.isEmpty()) {
            register.pin(node, key);
        } else if (!active.get().key().equals(key)) {
            register.replace(node, key);
        }
    }

    private void requireStream(Frame.Enrol request, String key) throws RefusedException {
        Optional<AgentRegister.Denial> denial = register.deny(request.node(), request.stream(), Optional.of(key));
        if (denial.isPresent()) {
            throw RefusedException.identity(denial.get().sentence());
        }
    }

    private void record(Frame.Enrol request, String key, String from, Outcome outcome) throws IOException {
        Instant now = clock.instant();
        custody.take(new CustodyRecord(
                now,
                "",
                CustodyRecord.Stage.ENDED,
                "node " + request.node(),
                request.proof().name().toLowerCase(Locale.ROOT),
                from,
                "enrolment",
                "key=%s&node=%s&stream=%s"
                        .formatted(key, URLEncoder.encode(request.node(), StandardCharsets.UTF_8), request.stream()),
                "",
                "",
                outcome,
                0,
                0,
                List.of(),
                0));
    }

    private static Frame frame(X509Certificate issued, List<X509Certificate> authorities) throws IOException {
        try {
            List<Octets> shown = new ArrayList<>();
            for (X509Certificate one : authorities) {
                Octets der = Octets.of(one.getEncoded());
                if (shown.size() == Frame.Certificate.MOST_AUTHORITIES
                        || der.length() > Frame.Certificate.MOST_CERTIFICATE) {
                    throw new IOException("expected at most %d authorities of %d bytes each in ca.crt, found more"
                            .formatted(Frame.Certificate.MOST_AUTHORITIES, Frame.Certificate.MOST_CERTIFICATE));
                }
                shown.add(der);
            }
            return new Frame.Certificate(Octets.of(issued.getEncoded()), shown);
        } catch (CertificateEncodingException impossible) {
            throw new IOException("a certificate cannot be written: " + impossible.getMessage(), impossible);
        }
    }

    /** A name that anybody may have chosen. */
    private static String printable(String node) {
        return node.codePoints()
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
