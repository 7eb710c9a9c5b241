package io.kiroku.evidence.time;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.tsp.ArchiveTimeStamp;
import org.bouncycastle.asn1.tsp.ArchiveTimeStampChain;
import org.bouncycastle.asn1.tsp.ArchiveTimeStampSequence;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.jspecify.annotations.Nullable;

/**
 * A timestamp that is kept fresh (RFC 4998): before its certificate expires, a new timestamp is put over it; before its
 * digest breaks, a new one by another digest over the data and all timestamps so far. Each proves that those before it
 * existed while they could still be trusted.
 */
public final class EvidenceRecord {
    /** Bytes of a record at most. */
    public static final int MOST_BYTES = 1 << 20;

    /** Timestamps of a record at most: a renewal each year lasts for two centuries. */
    public static final int MOST_TIMESTAMPS = 200;

    /** In order of time, one list for each digest algorithm that came after the other. */
    private final List<List<ArchivedTimestamp>> chains;

    private EvidenceRecord(List<List<ArchivedTimestamp>> chains) {
        this.chains = chains;
    }

    /**
     * A renewal that waits for its timestamp.
     *
     * @param imprint what is to be stamped
     */
    public record Renewal(
            DigestAlgorithm digest, Octets imprint, EvidenceRecord of, List<List<Octets>> reduced, boolean isNewChain) {
        /** The question to the authority. */
        public TimestampRequest request(long nonce) {
            return TimestampRequest.ofDigest(digest, imprint, nonce);
        }

        /**
         * The record with the new timestamp.
         *
         * @throws MalformedException if the token is of something else, or does not hold in DER
         */
        public EvidenceRecord with(TimestampToken token) throws MalformedException {
            List<List<ArchivedTimestamp>> chains = new ArrayList<>(of.chains);
            List<ArchivedTimestamp> chain = new ArrayList<>(isNewChain ? List.of() : chains.removeLast());
            chain.add(ArchivedTimestamp.of(token, digest, imprint, reduced));
            chains.add(List.copyOf(chain));
            EvidenceRecord renewed = new EvidenceRecord(List.copyOf(chains)).bounded();
            int length = renewed.der().length;
            if (length > MOST_BYTES) {
                throw new MalformedException(
                        "expected an evidence record of at most %d bytes, found that it would have %d"
                                .formatted(MOST_BYTES, length));
            }
            return renewed;
        }
    }

    /**
     * One of a record's timestamps.
     *
     * @param digest by which the data, or what was before it, were stamped
     * @param time that its authority stated
     */
    public record Stamp(DigestAlgorithm digest, Instant time) {}

    /** What a new record waits for: a timestamp over the data, or over all of them together. */
    public static Renewal begin(DigestAlgorithm digest, ArchivedData data) {
        return new EvidenceRecord(List.of()).hashRenewal(digest, data);
    }

    /**
     * Of one token over the data themselves.
     *
     * @throws MalformedException if the token does not hold in DER
     */
    public static EvidenceRecord of(TimestampToken token) throws MalformedException {
        return of(token, token.digest(), token.imprint(), List.of());
    }

    static EvidenceRecord of(TimestampToken token, DigestAlgorithm digest, Octets imprint, List<List<Octets>> reduced)
            throws MalformedException {
        return new EvidenceRecord(List.of(List.of(ArchivedTimestamp.of(token, digest, imprint, reduced))));
    }

    /**
     * Reads a record: DER of at most {@link #MOST_BYTES}, without the fields for encrypted data.
     *
     * @throws MalformedException if it is none
     */
    public static EvidenceRecord parse(byte[] der) throws MalformedException {
        Der.check(der, MOST_BYTES, "an evidence record");
        try {
            org.bouncycastle.asn1.tsp.EvidenceRecord read = org.bouncycastle.asn1.tsp.EvidenceRecord.getInstance(der);
            List<List<ArchivedTimestamp>> chains = new ArrayList<>();
            for (ArchiveTimeStampChain chain :
                    read.getArchiveTimeStampSequence().getArchiveTimeStampChains()) {
                List<ArchivedTimestamp> timestamps = new ArrayList<>();
                for (ArchiveTimeStamp timestamp : chain.getArchiveTimestamps()) {
                    timestamps.add(ArchivedTimestamp.read(timestamp));
                }
                chains.add(List.copyOf(timestamps));
            }
            EvidenceRecord record = new EvidenceRecord(List.copyOf(chains)).bounded();
            record.checkForm(der, read);
            return record;
        } catch (RuntimeException malformed) {
            MalformedException sentence = new MalformedException(
                    "expected an evidence record, found other DER (%s)".formatted(PrintableText.brief(malformed)));
            sentence.initCause(malformed);
            throw sentence;
        }
    }

    private EvidenceRecord bounded() throws MalformedException {
        int count = chains.stream().mapToInt(List::size).sum();
        if (chains.isEmpty() || chains.stream().anyMatch(List::isEmpty) || count > MOST_TIMESTAMPS) {
            throw new MalformedException("expected chains of 1 to %d timestamps in an evidence record, found %d"
                    .formatted(MOST_TIMESTAMPS, count));
        }
        return this;
    }

    private void checkForm(byte[] der, org.bouncycastle.asn1.tsp.EvidenceRecord read) throws MalformedException {
        Set<DigestAlgorithm> stated = EnumSet.noneOf(DigestAlgorithm.class);
        for (AlgorithmIdentifier algorithm : read.getDigestAlgorithms()) {
            stated.add(ArchivedTimestamp.known(algorithm));
        }
        if (ASN1Sequence.getInstance(der).size() != 3 || !stated.equals(digests())) {
            throw new MalformedException("expected version, the digests in use and timestamps in an evidence record,"
                    + " found other fields");
        }
        if (!Arrays.equals(encode(read), der)) {
            throw new MalformedException("expected an evidence record in DER, found another encoding");
        }
    }

    /** By which digests the data have to be given. */
    public Set<DigestAlgorithm> digests() {
        Set<DigestAlgorithm> digests = EnumSet.noneOf(DigestAlgorithm.class);
        chains.forEach(chain -> chain.forEach(timestamp -> digests.add(timestamp.digest())));
        return digests;
    }

    /** The EvidenceRecord in DER. */
    public byte[] der() {
        return encode(new org.bouncycastle.asn1.tsp.EvidenceRecord(
                digests().stream().map(DigestAlgorithm::identifier).toArray(AlgorithmIdentifier[]::new),
                null,
                null,
                sequence(chains)));
    }

    private static ArchiveTimeStampSequence sequence(List<List<ArchivedTimestamp>> chains) {
        return new ArchiveTimeStampSequence(chains.stream()
                .map(chain -> new ArchiveTimeStampChain(
                        chain.stream().map(ArchivedTimestamp::structure).toArray(ArchiveTimeStamp[]::new)))
                .toArray(ArchiveTimeStampChain[]::new));
    }

    static byte[] encode(ASN1Encodable structure) {
        try {
            return structure.toASN1Primitive().getEncoded(ASN1Encoding.DER);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** When the newest timestamp was made. */
    public Instant renewed() {
        return chains.getLast().getLast().token().time();
    }

    /**
     * A renewal of the timestamp (RFC 4998, section 5.2): due before the certificate of the newest expires. It is over all
     * timestamps of the newest chain, where the RFC asks for the last one: some verifiers look for each.
     */
    public Renewal timestampRenewal() {
        List<ArchivedTimestamp> chain = chains.getLast();
        DigestAlgorithm digest = chain.getLast().digest();
        List<Octets> stamped = chain.stream()
                .map(timestamp -> digest.of(timestamp.token().der()))
                .toList();
        List<List<Octets>> reduced = stamped.size() == 1 ? List.of() : List.of(stamped);
        return new Renewal(digest, HashTree.root(digest, stamped.getFirst(), reduced), this, reduced, false);
    }

    /**
     * A renewal of the hash tree (RFC 4998, section 5.2): due before the digest in use can be forged. A new chain begins,
     * over the data, which have to be given again, and all chains so far.
     *
     * @param data all that the record is to speak of from then on
     */
    public Renewal hashRenewal(DigestAlgorithm digest, ArchivedData data) {
        List<Octets> leaves = leaves(digest, data, chains);
        List<List<Octets>> reduced = leaves.size() == 1 ? List.of() : List.of(HashTree.ascending(leaves));
        return new Renewal(digest, HashTree.root(digest, leaves.getFirst(), reduced), this, reduced, true);
    }

    /** What a chain begins over: the data, and what was before it. */
    private static List<Octets> leaves(
            DigestAlgorithm digest, ArchivedData data, List<List<ArchivedTimestamp>> before) {
        if (before.isEmpty()) {
            return data.by(digest);
        }
        byte[] sequence = digest.of(encode(sequence(before))).toArray();
        return data.by(digest).stream()
                .map(own -> digest.of(own.toArray(), sequence))
                .toList();
    }

    /**
     * How many digests the newest timestamp over data has beside each other: the data of the record, if it is over a group,
     * which all have to be given when its hash tree is renewed.
     */
    public int width() {
        List<List<Octets>> reduced = chains.getLast().getFirst().reduced();
        return reduced.isEmpty() ? 1 : reduced.getFirst().size();
    }

    /** All timestamps, in the order of time. */
    public List<Stamp> stamps() {
        return all().stream()
                .map(timestamp ->
                        new Stamp(timestamp.digest(), timestamp.token().time()))
                .toList();
    }

    private List<ArchivedTimestamp> all() {
        return chains.stream().flatMap(List::stream).toList();
    }

    /** Looks at one timestamp. */
    private interface Look {
        /**
         * What is wrong with it; null if nothing.
         *
         * @param leaves what it has to be over
         * @param next until when it has to be trusted
         */
        @Nullable
        String problem(ArchivedTimestamp timestamp, List<Octets> leaves, Instant next);
    }

    /**
     * Verifies all of the record offline (RFC 4998, sections 4.3 and 5.3): the first timestamp is of the data, every
     * further one of what was before it, and each was trusted until the next was made, the last one until the given time.
     *
     * @param data what the record is over, or part of it
     * @param at when the record has to hold, usually now
     * @return what the first timestamp says of each of the data
     */
    public TimestampVerdict verify(ArchivedData data, TrustAnchors anchors, Instant at) {
        List<TimestampVerdict> verdicts = new ArrayList<>();
        String problem = walk(data, at, (timestamp, leaves, next) -> {
            TimestampVerdict verdict = timestamp.verify(leaves, anchors, next);
            verdicts.add(verdict);
            return verdict instanceof TimestampVerdict.Fails fails ? fails.sentence() : null;
        });
        return problem == null ? verdicts.getFirst() : new TimestampVerdict.Fails(problem);
    }

    /** Why the record is not over these data, whoever made its timestamps; null if it is. */
    public @Nullable String mismatch(ArchivedData data) {
        return walk(data, Instant.MAX, (timestamp, leaves, _) -> timestamp.mismatch(leaves));
    }

    private @Nullable String walk(ArchivedData data, Instant at, Look look) {
        List<ArchivedTimestamp> all = all();
        int number = 0;
        for (int i = 0; i < chains.size(); i++) {
            List<ArchivedTimestamp> chain = chains.get(i);
            DigestAlgorithm digest = chain.getFirst().digest();
            List<Octets> leaves = leaves(digest, data, chains.subList(0, i));
            for (ArchivedTimestamp timestamp : chain) {
                number++;
                Instant next = number < all.size() ? all.get(number).token().time() : at;
                String problem = timestamp.digest() == digest
                        ? look.problem(timestamp, leaves, next)
                        : "expected %s as in the timestamp before, found %s".formatted(digest, timestamp.digest());
                if (problem != null) {
                    return "timestamp %d of %d: %s".formatted(number, all.size(), problem);
                }
                leaves = List.of(digest.of(timestamp.token().der()));
            }
        }
        return null;
    }
}
