package io.kiroku.evidence.time;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.tsp.ArchiveTimeStamp;
import org.bouncycastle.asn1.tsp.PartialHashtree;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.jspecify.annotations.Nullable;

/**
 * An ArchiveTimeStamp (RFC 4998, section 4.1): a token, and the digests that lead to what it stamped.
 *
 * @param structure as it is encoded
 * @param reduced the reduced hash tree; empty if the token is of one thing
 */
record ArchivedTimestamp(
        ArchiveTimeStamp structure, DigestAlgorithm digest, List<List<Octets>> reduced, TimestampToken token) {
    static ArchivedTimestamp of(
            TimestampToken token, DigestAlgorithm digest, Octets imprint, List<List<Octets>> reduced)
            throws MalformedException {
        if (token.digest() != digest || !token.imprint().equals(imprint)) {
            throw new MalformedException("expected a timestamp of %s %s, found one of %s %s"
                    .formatted(digest, imprint, token.digest(), token.imprint()));
        }
        byte[] der = token.der();
        TimestampToken canonical = TimestampToken.parse(der);
        String unsound = canonical.unsound();
        if (unsound != null) {
            throw new MalformedException("expected a timestamp token that holds in DER: " + unsound);
        }
        PartialHashtree[] lists = reduced.stream()
                .map(values ->
                        new PartialHashtree(values.stream().map(Octets::toArray).toArray(byte[][]::new)))
                .toArray(PartialHashtree[]::new);
        ContentInfo content = ContentInfo.getInstance(der);
        ArchiveTimeStamp structure = lists.length == 0
                ? new ArchiveTimeStamp(content)
                : new ArchiveTimeStamp(digest.identifier(), lists, content);
        return new ArchivedTimestamp(structure, digest, reduced, canonical);
    }

    static ArchivedTimestamp read(ArchiveTimeStamp structure) throws MalformedException {
        TimestampToken token = TimestampToken.of(structure.getTimeStamp());
        AlgorithmIdentifier stated = structure.getDigestAlgorithm();
        if (stated != null && known(stated) != token.digest()) {
            throw new MalformedException("expected the token's digest %s in an archive timestamp, found %s"
                    .formatted(token.digest(), known(stated)));
        }
        List<List<Octets>> reduced = new ArrayList<>();
        PartialHashtree[] lists = structure.getReducedHashTree();
        if (lists != null) {
            for (PartialHashtree list : lists) {
                reduced.add(values(list, token.digest()));
            }
        }
        return new ArchivedTimestamp(structure, token.digest(), List.copyOf(reduced), token);
    }

    private static List<Octets> values(PartialHashtree list, DigestAlgorithm digest) throws MalformedException {
        List<Octets> values = new ArrayList<>();
        for (byte[] value : list.getValues()) {
            if (value.length != digest.length()) {
                throw new MalformedException("expected digests of %d bytes in a reduced hash tree, found one of %d"
                        .formatted(digest.length(), value.length));
            }
            values.add(Octets.of(value));
        }
        if (values.isEmpty()) {
            throw new MalformedException("expected digests in each list of a reduced hash tree, found none");
        }
        return values;
    }

    static DigestAlgorithm known(AlgorithmIdentifier algorithm) throws MalformedException {
        DigestAlgorithm digest = DigestAlgorithm.of(algorithm);
        if (digest == null) {
            throw new MalformedException("expected a digest by one of %s in an evidence record, found %s"
                    .formatted(List.of(DigestAlgorithm.values()), algorithm.getAlgorithm()));
        }
        return digest;
    }

    /** Why the token is not over all of the leaves; null if it is. */
    @Nullable
    String mismatch(List<Octets> leaves) {
        if (reduced.isEmpty() && leaves.size() > 1) {
            return "expected a hash tree over %d data, found a timestamp of one".formatted(leaves.size());
        }
        if (!reduced.isEmpty()) {
            Set<Octets> first = new HashSet<>(reduced.getFirst());
            for (Octets leaf : leaves) {
                if (!first.contains(leaf)) {
                    return "expected the %s %s in the first list of its hash tree, found others"
                            .formatted(digest, leaf);
                }
            }
        }
        Octets root = root(leaves);
        return token.imprint().equals(root) ? null : token.otherImprint(root);
    }

    private Octets root(List<Octets> leaves) {
        return HashTree.root(digest, leaves.getFirst(), reduced);
    }

    /** Whether the token is of the leaves, and its authority was trusted when it was made and at that later time. */
    TimestampVerdict verify(List<Octets> leaves, TrustAnchors anchors, Instant until) {
        if (token.time().isAfter(until)) {
            return new TimestampVerdict.Fails("expected a time not after %s, found %s".formatted(until, token.time()));
        }
        String mismatch = mismatch(leaves);
        return mismatch == null ? token.verify(root(leaves), anchors, until) : new TimestampVerdict.Fails(mismatch);
    }
}
