package io.kiroku.evidence.time;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.tsp.Accuracy;
import org.bouncycastle.asn1.tsp.TSTInfo;
import org.bouncycastle.asn1.tsp.TimeStampResp;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSTypedData;
import org.bouncycastle.cms.SignerInformation;
import org.jspecify.annotations.Nullable;

/**
 * A timestamp token (RFC 3161, section 2.4.2; RFC 5816): what an authority signed when it saw a digest. It says nothing
 * before {@link #verify} has held it against the data and the authorities that are trusted.
 */
public final class TimestampToken {
    /** Bytes of a token or a response at most, certificates included. */
    public static final int MOST_BYTES = 1 << 18;

    /** Bits of a serial number or nonce at most; RFC 3161 asks for 160. */
    private static final int MOST_BITS = 512;

    private static final Pattern TIME =
            Pattern.compile("(\\d{4})(\\d\\d)(\\d\\d)(\\d\\d)(\\d\\d)(\\d\\d)(?:\\.(\\d{1,9}))?Z");

    private final ContentInfo content;
    private final CMSSignedData signed;
    private final SignerInformation signer;
    private final DigestAlgorithm digest;
    private final Octets imprint;
    private final Instant time;
    private final @Nullable Duration accuracy;
    private final BigInteger serial;
    private final @Nullable BigInteger nonce;

    private TimestampToken(ContentInfo content) throws MalformedException, CMSException {
        this.content = content;
        signed = new CMSSignedData(content);
        CMSTypedData signedContent = signed.getSignedContent();
        if (signedContent == null || !PKCSObjectIdentifiers.id_ct_TSTInfo.equals(signedContent.getContentType())) {
            throw new MalformedException("expected signed data with a TSTInfo in a timestamp token, found "
                    + (signedContent == null ? "no content" : signedContent.getContentType()));
        }
        Collection<SignerInformation> signers = signed.getSignerInfos().getSigners();
        if (signers.size() != 1) {
            throw new MalformedException("expected one signature in a timestamp token, found " + signers.size());
        }
        signer = signers.iterator().next();
        checkForm();
        TSTInfo info = info((byte[]) signedContent.getContent());
        DigestAlgorithm known = DigestAlgorithm.of(info.getMessageImprint().getHashAlgorithm());
        imprint = Octets.of(info.getMessageImprint().getHashedMessage());
        if (known == null || imprint.length() != known.length()) {
            throw new MalformedException("expected a digest by one of %s in a timestamp token, found %d bytes by %s"
                    .formatted(
                            List.of(DigestAlgorithm.values()),
                            imprint.length(),
                            info.getMessageImprint().getHashAlgorithm().getAlgorithm()));
        }
        digest = known;
        time = time(info.getGenTime().getTimeString());
        accuracy = accuracy(info.getAccuracy());
        serial = number(info.getSerialNumber(), "a serial number");
        nonce = info.getNonce() == null ? null : number(info.getNonce(), "a nonce");
    }

    /** What no signature covers and nothing else depends on: one value only. */
    private void checkForm() throws MalformedException {
        int signerVersion = signer.getSID().getSerialNumber() == null ? 3 : 1;
        if (!PKCSObjectIdentifiers.signedData.equals(content.getContentType())
                || signed.getVersion() != 3
                || signer.getVersion() != signerVersion
                || !signed.getDigestAlgorithmIDs().contains(signer.getDigestAlgorithmID())) {
            throw new MalformedException(
                    "expected signed data of version 3 (RFC 5652, section 5.1) in a timestamp token, found other data");
        }
    }

    /**
     * Reads a token: a ContentInfo of at most {@link #MOST_BYTES}.
     *
     * @throws MalformedException if it is none
     */
    public static TimestampToken parse(byte[] der) throws MalformedException {
        Der.check(der, MOST_BYTES, "a timestamp token");
        return of(() -> ContentInfo.getInstance(der));
    }

    /**
     * Reads what lies in a file that an authority, {@code openssl ts} or this project left: a response or a token.
     *
     * @throws MalformedException if it is neither, or a response without a token
     */
    public static TimestampToken parseEither(byte[] der) throws MalformedException {
        Der.check(der, MOST_BYTES, "a timestamp token or response");
        ASN1Encodable first;
        try {
            first = ASN1Sequence.getInstance(der).getObjectAt(0);
        } catch (RuntimeException malformed) {
            throw malformed("a timestamp token or response", malformed);
        }
        return first instanceof ASN1ObjectIdentifier ? parse(der) : of(response(der));
    }

    /** Reads a TimeStampResp. */
    static TimeStampResp response(byte[] der) throws MalformedException {
        Der.check(der, MOST_BYTES, "a timestamp response");
        try {
            return TimeStampResp.getInstance(der);
        } catch (RuntimeException malformed) {
            throw malformed("a timestamp response", malformed);
        }
    }

    /** The token in a response. */
    static TimestampToken of(TimeStampResp response) throws MalformedException {
        if (response.getTimeStampToken() == null) {
            throw new MalformedException("expected a token in a timestamp response, found none");
        }
        return of(response::getTimeStampToken);
    }

    /** The token in an evidence record, whose DER has been checked. */
    static TimestampToken of(ContentInfo content) throws MalformedException {
        return of(() -> content);
    }

    private interface Source {
        ContentInfo content();
    }

    /** Bouncy Castle throws whatever it stumbles over: all of it means that the bytes are no token. */
    private static TimestampToken of(Source source) throws MalformedException {
        try {
            return new TimestampToken(source.content());
        } catch (CMSException | RuntimeException malformed) {
            throw malformed("a timestamp token", malformed);
        }
    }

    private static MalformedException malformed(String what, Exception cause) {
        MalformedException malformed =
                new MalformedException("expected %s, found other DER (%s)".formatted(what, PrintableText.brief(cause)));
        malformed.initCause(cause);
        return malformed;
    }

    private static TSTInfo info(byte[] der) throws MalformedException {
        Der.check(der, MOST_BYTES, "a TSTInfo");
        TSTInfo info = TSTInfo.getInstance(der);
        Extensions extensions = info.getExtensions();
        if (!info.getVersion().hasValue(1) || (extensions != null && extensions.hasAnyCriticalExtensions())) {
            throw new MalformedException(
                    "expected a TSTInfo of version 1 without critical extensions in a timestamp token, found another");
        }
        return info;
    }

    private static Instant time(String text) throws MalformedException {
        Matcher matcher = TIME.matcher(text);
        try {
            if (matcher.matches()) {
                String fraction = matcher.group(7) == null ? "" : matcher.group(7);
                return LocalDateTime.of(
                                Integer.parseInt(matcher.group(1)),
                                Integer.parseInt(matcher.group(2)),
                                Integer.parseInt(matcher.group(3)),
                                Integer.parseInt(matcher.group(4)),
                                Integer.parseInt(matcher.group(5)),
                                Integer.parseInt(matcher.group(6)),
                                Integer.parseInt((fraction + "000000000").substring(0, 9)))
                        .toInstant(ZoneOffset.UTC);
            }
        } catch (DateTimeException noDate) {
            // Said below.
        }
        throw new MalformedException("expected a time such as 20260131093000Z in a timestamp token, found \"%s\""
                .formatted(PrintableText.brief(text)));
    }

    private static @Nullable Duration accuracy(@Nullable Accuracy accuracy) throws MalformedException {
        if (accuracy == null) {
            return null;
        }
        Duration sum = Duration.ZERO;
        if (accuracy.getSeconds() != null) {
            BigInteger seconds = accuracy.getSeconds().getValue();
            if (seconds.signum() < 0 || seconds.bitLength() >= Integer.SIZE) {
                throw new MalformedException("expected an accuracy below 2^31 seconds, found another");
            }
            sum = Duration.ofSeconds(seconds.longValue());
        }
        if (accuracy.getMillis() != null) {
            sum = sum.plusMillis(accuracy.getMillis().intValueExact());
        }
        return accuracy.getMicros() == null
                ? sum
                : sum.plusNanos(1000L * accuracy.getMicros().intValueExact());
    }

    private static BigInteger number(ASN1Integer number, String what) throws MalformedException {
        BigInteger value = number.getValue();
        if (value.signum() < 0 || value.bitLength() > MOST_BITS) {
            throw new MalformedException("expected %s from 0 of at most %d bits in a timestamp token, found another"
                    .formatted(what, MOST_BITS));
        }
        return value;
    }

    /** Which digest the data have to be given with. */
    public DigestAlgorithm digest() {
        return digest;
    }

    /** The digest that the authority saw. */
    public Octets imprint() {
        return imprint;
    }

    /** When, as the authority says (genTime). */
    public Instant time() {
        return time;
    }

    @Nullable
    Duration accuracy() {
        return accuracy;
    }

    BigInteger serial() {
        return serial;
    }

    @Nullable
    BigInteger nonce() {
        return nonce;
    }

    ContentInfo content() {
        return content;
    }

    /** The ContentInfo in DER. */
    public byte[] der() {
        try {
            return content.getEncoded(ASN1Encoding.DER);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** What is wrong with the signature, or with the certificate that signed, whoever issued it; null if nothing. */
    @Nullable
    String unsound() {
        return TokenSigner.find(signed, signer) instanceof TokenSigner.Unsound unsound ? unsound.sentence() : null;
    }

    /**
     * Verifies offline: the token is of these data, its signature and certificate hold, and the certificate's chain led to
     * a trusted authority when the token was made. Revocation is not looked at: a token cannot say what its authority
     * learned later.
     */
    public TimestampVerdict verify(byte[] data, TrustAnchors anchors) {
        return verify(digest.of(data), anchors, time);
    }

    /**
     * As {@link #verify(byte[], TrustAnchors)}.
     *
     * @param dataDigest of the data, by {@link #digest()}
     */
    public TimestampVerdict verify(Octets dataDigest, TrustAnchors anchors) {
        return verify(dataDigest, anchors, time);
    }

    /** The sentence that it is of something else. */
    String otherImprint(Octets dataDigest) {
        return "expected a timestamp of data with the %s %s, found one of %s".formatted(digest, dataDigest, imprint);
    }

    /** As above, where the chain must have led to a trusted authority at a later time as well. */
    TimestampVerdict verify(Octets dataDigest, TrustAnchors anchors, Instant alsoAt) {
        if (!imprint.equals(dataDigest)) {
            return new TimestampVerdict.Fails(otherImprint(dataDigest));
        }
        return switch (TokenSigner.find(signed, signer)) {
            case TokenSigner.Unsound unsound -> new TimestampVerdict.Fails(unsound.sentence());
            case TokenSigner.Sound sound -> {
                String untrusted = anchors.refusal(sound.certificate(), sound.others(), time);
                if (untrusted == null && alsoAt.isAfter(time)) {
                    untrusted = anchors.refusal(sound.certificate(), sound.others(), alsoAt);
                }
                yield untrusted == null
                        ? new TimestampVerdict.Holds(
                                time,
                                accuracy,
                                PrintableText.brief(sound.certificate()
                                        .getSubjectX500Principal()
                                        .getName()),
                                serial)
                        : new TimestampVerdict.Fails(untrusted);
            }
        };
    }
}
