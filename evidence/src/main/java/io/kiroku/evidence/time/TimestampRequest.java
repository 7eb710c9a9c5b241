package io.kiroku.evidence.time;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.Locale;
import org.bouncycastle.asn1.ASN1Boolean;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.cmp.PKIFreeText;
import org.bouncycastle.asn1.cmp.PKIStatus;
import org.bouncycastle.asn1.cmp.PKIStatusInfo;
import org.bouncycastle.asn1.tsp.MessageImprint;
import org.bouncycastle.asn1.tsp.TimeStampReq;
import org.bouncycastle.asn1.tsp.TimeStampResp;
import org.jspecify.annotations.Nullable;

/**
 * A question to a timestamping authority (RFC 3161, section 2.4.1): sign this digest, this nonce and the time, and send
 * your certificate along.
 */
public final class TimestampRequest {
    /** Characters of an authority's own words in a sentence at most. */
    private static final int MOST_WORDS = 200;

    private final DigestAlgorithm digest;
    private final Octets imprint;
    private final BigInteger nonce;

    private TimestampRequest(DigestAlgorithm digest, Octets imprint, long nonce) {
        if (imprint.length() != digest.length()) {
            throw new IllegalArgumentException(
                    "a digest by %s has %d bytes, found %d".formatted(digest, digest.length(), imprint.length()));
        }
        this.digest = digest;
        this.imprint = imprint;
        this.nonce = new BigInteger(Long.toUnsignedString(nonce));
    }

    /**
     * Over the SHA-256 of the data.
     *
     * @param nonce 64 random bits, never used before; more are not understood by every authority
     */
    public static TimestampRequest over(byte[] data, long nonce) {
        return ofDigest(DigestAlgorithm.SHA_256, DigestAlgorithm.SHA_256.of(data), nonce);
    }

    /** Over data whose digest is known. */
    public static TimestampRequest ofDigest(DigestAlgorithm digest, Octets imprint, long nonce) {
        return new TimestampRequest(digest, imprint, nonce);
    }

    /** The TimeStampReq, as it goes to the authority: {@code application/timestamp-query}. */
    public byte[] der() {
        MessageImprint message = new MessageImprint(digest.identifier(), imprint.toArray());
        TimeStampReq request = new TimeStampReq(message, null, new ASN1Integer(nonce), ASN1Boolean.TRUE, null);
        try {
            return request.getEncoded(ASN1Encoding.DER);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /**
     * Holds a response against this request: status, digest, nonce, and the token's signature by the certificate in it.
     * It does not say whether that certificate is to be trusted.
     *
     * @param response a TimeStampResp of at most {@link TimestampToken#MOST_BYTES}, as it came
     */
    public TimestampAnswer check(byte[] response) {
        TimestampToken token;
        try {
            TimeStampResp parsed = TimestampToken.response(response);
            String rejection = rejection(parsed.getStatus());
            if (rejection != null) {
                return refused(TimestampAnswer.Reason.REJECTED, rejection);
            }
            token = TimestampToken.of(parsed);
        } catch (MalformedException malformed) {
            return refused(TimestampAnswer.Reason.MALFORMED, String.valueOf(malformed.getMessage()));
        }
        if (token.digest() != digest || !token.imprint().equals(imprint)) {
            return refused(
                    TimestampAnswer.Reason.OTHER_DATA,
                    "expected a timestamp of %s %s, found one of %s %s"
                            .formatted(digest, imprint, token.digest(), token.imprint()));
        }
        if (!nonce.equals(token.nonce())) {
            return refused(
                    TimestampAnswer.Reason.OTHER_NONCE,
                    "expected the nonce %s in a timestamp, found %s"
                            .formatted(nonce, token.nonce() == null ? "none" : token.nonce()));
        }
        String unsound = token.unsound();
        return unsound == null ? new TimestampAnswer.Granted(token) : refused(TimestampAnswer.Reason.UNSOUND, unsound);
    }

    private static TimestampAnswer refused(TimestampAnswer.Reason reason, String sentence) {
        return new TimestampAnswer.Refused(reason, sentence);
    }

    private static @Nullable String rejection(PKIStatusInfo info) {
        BigInteger status = info.getStatus();
        if (status.equals(BigInteger.valueOf(PKIStatus.GRANTED))
                || status.equals(BigInteger.valueOf(PKIStatus.GRANTED_WITH_MODS))) {
            return null;
        }
        PKIFreeText text = info.getStatusString();
        StringBuilder words = new StringBuilder();
        for (int i = 0; text != null && i < text.size() && words.length() < MOST_WORDS; i++) {
            words.append(' ').append(text.getStringAtUTF8(i).getString());
        }
        return String.format(
                Locale.ROOT,
                "expected a timestamp (status 0 or 1), found status %s: the authority says%s",
                status.bitLength() < Integer.SIZE ? status : "of more than 32 bits",
                words.isEmpty() ? " nothing" : PrintableText.brief(words.toString()));
    }
}
