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
            return new EvidenceRecord(List.copyOf(chains)).bounded();
        }
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

    private Set<DigestAlgorithm> digests() {
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
     */
    public Renewal hashRenewal(DigestAlgorithm digest, byte[] data) {
        return new Renewal(digest, leaf(digest, data, chains), this, List.of(), true);
    }

    /** What a chain begins over: the data, and what was before it. */
    private static Octets leaf(DigestAlgorithm digest, byte[] data, List<List<ArchivedTimestamp>> before) {
        Octets own = digest.of(data);
        return before.isEmpty()
                ? own
                : digest.of(own.toArray(), digest.of(encode(sequence(before))).toArray());
    }

    /**
     * Verifies all of the record offline (RFC 4998, sections 4.3 and 5.3): the first timestamp is of the data, every
     * further one of what was before it, and each was trusted until the next was made, the last one until the given time.
     *
     * @param at when the record has to hold, usually now
     * @return what the first timestamp says
     */
    public TimestampVerdict verify(byte[] data, TrustAnchors anchors, Instant at) {
        List<ArchivedTimestamp> all = chains.stream().flatMap(List::stream).toList();
        TimestampVerdict first = null;
        int number = 0;
        for (int i = 0; i < chains.size(); i++) {
            List<ArchivedTimestamp> chain = chains.get(i);
            DigestAlgorithm digest = chain.getFirst().digest();
            Octets leaf = leaf(digest, data, chains.subList(0, i));
            for (ArchivedTimestamp timestamp : chain) {
                number++;
                Instant next = number < all.size() ? all.get(number).token().time() : at;
                TimestampVerdict verdict = timestamp.digest() == digest
                        ? timestamp.verify(leaf, anchors, next)
                        : new TimestampVerdict.Fails("expected %s as in the timestamp before, found %s"
                                .formatted(digest, timestamp.digest()));
                if (verdict instanceof TimestampVerdict.Fails fails) {
                    return new TimestampVerdict.Fails(
                            "timestamp %d of %d: %s".formatted(number, all.size(), fails.sentence()));
                }
                first = first == null ? verdict : first;
                leaf = digest.of(timestamp.token().der());
            }
        }
        if (first == null) {
            throw new IllegalStateException("a record without timestamps");
        }
        return first;
    }
}
