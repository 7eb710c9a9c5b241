package io.kiroku.evidence.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponse;
import org.bouncycastle.tsp.ers.ERSArchiveTimeStampGenerator;
import org.bouncycastle.tsp.ers.ERSByteData;
import org.bouncycastle.tsp.ers.ERSData;
import org.bouncycastle.tsp.ers.ERSDataGroup;
import org.bouncycastle.tsp.ers.ERSEvidenceRecord;
import org.bouncycastle.tsp.ers.ERSEvidenceRecordGenerator;
import org.bouncycastle.tsp.ers.ERSFileData;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evidence records through decades, held against Bouncy Castle's own reading of RFC 4998. */
class EvidenceRecordTest {
    private static final byte[] DATA = "a checkpoint\n".getBytes(StandardCharsets.UTF_8);
    private static final Instant IN_2026 = Instant.parse("2026-05-01T12:00:00Z");

    /** One authority for each decade. */
    private final Map<Integer, PretendTsa> authorities = new TreeMap<>();

    private TrustAnchors anchors;

    @BeforeEach
    void found() throws Exception {
        List<X509Certificate> roots = new ArrayList<>();
        for (int year = 2020; year <= 2060; year += 10) {
            PretendTsa tsa = new PretendTsa("TSA of " + year, new PretendTsa.Form(january(year), january(year + 10)));
            authorities.put(year, tsa);
            roots.add(tsa.root());
        }
        anchors = TrustAnchors.of(roots);
    }

    private static Instant january(int year) {
        return Instant.parse(year + "-01-01T00:00:00Z");
    }

    private TimestampToken stamp(int year, EvidenceRecord.Renewal renewal) throws Exception {
        return stamp(year, renewal.digest(), renewal.imprint());
    }

    private TimestampToken stamp(int year, DigestAlgorithm digest, Octets imprint) throws Exception {
        return authority(year).stamp(digest, imprint, january(year).plusSeconds(86_400));
    }

    private PretendTsa authority(int year) {
        return Objects.requireNonNull(authorities.get(year / 10 * 10));
    }

    private EvidenceRecord first() throws Exception {
        return EvidenceRecord.of(
                authority(2026).stamp(DigestAlgorithm.SHA_256, DigestAlgorithm.SHA_256.of(DATA), IN_2026));
    }

    private EvidenceRecord renewed(EvidenceRecord record, int year) throws Exception {
        EvidenceRecord.Renewal renewal = record.timestampRenewal();
        return reread(renewal.with(stamp(year, renewal)));
    }

    private EvidenceRecord rehashed(EvidenceRecord record, int year, DigestAlgorithm digest) throws Exception {
        EvidenceRecord.Renewal renewal = record.hashRenewal(digest, ArchivedData.of(DATA));
        return reread(renewal.with(stamp(year, renewal)));
    }

    private static EvidenceRecord reread(EvidenceRecord record) throws MalformedException {
        EvidenceRecord read = EvidenceRecord.parse(record.der());
        assertThat(read.der()).isEqualTo(record.der());
        return read;
    }

    private void assertHolds(EvidenceRecord record, int until) {
        assertThat(record.verify(ArchivedData.of(DATA), anchors, january(until)))
                .isInstanceOfSatisfying(
                        TimestampVerdict.Holds.class,
                        holds -> assertThat(holds.time()).isEqualTo(IN_2026));
    }

    private String failure(EvidenceRecord record, byte[] data, int at) {
        TimestampVerdict verdict = record.verify(ArchivedData.of(data), anchors, january(at));
        assertThat(verdict).isInstanceOf(TimestampVerdict.Fails.class);
        return ((TimestampVerdict.Fails) verdict).sentence();
    }

    @Test
    void aTimestampLastsAsLongAsItsCertificate() throws Exception {
        EvidenceRecord record = reread(first());
        assertHolds(record, 2030);
        assertThat(failure(record, DATA, 2031)).startsWith("timestamp 1 of 1: ").contains("2031-01-01T00:00:00Z");
        assertThat(failure(record, DATA, 2026)).contains("expected a time not after 2026-01-01T00:00:00Z");
        assertThat(failure(record, new byte[1], 2030)).contains("expected a timestamp of data with the SHA-256");
    }

    @Test
    void aRenewedTimestampLastsLonger() throws Exception {
        EvidenceRecord once = renewed(first(), 2029);
        EvidenceRecord twice = renewed(renewed(first(), 2029), 2030);
        assertHolds(once, 2030);
        assertThat(failure(twice, DATA, 2031)).startsWith("timestamp 2 of 3: ");
        EvidenceRecord inTime = renewed(once, 2029);
        assertHolds(inTime, 2030);
    }

    /** From 2026 to 2065: two renewals of the timestamp, one of the hash tree, another of the timestamp. */
    @Test
    void decades() throws Exception {
        PretendTsa twenties = new PretendTsa("x", new PretendTsa.Form(january(2020), january(2035)));
        authorities.put(2020, twenties);
        PretendTsa thirties = new PretendTsa("y", new PretendTsa.Form(january(2030), january(2045)));
        authorities.put(2030, thirties);
        PretendTsa forties = new PretendTsa("z", new PretendTsa.Form(january(2040), january(2055)));
        authorities.put(2040, forties);
        PretendTsa fifties = new PretendTsa("w", new PretendTsa.Form(january(2050), january(2066)));
        authorities.put(2050, fifties);
        anchors = TrustAnchors.of(List.of(twenties.root(), thirties.root(), forties.root(), fifties.root()));
        EvidenceRecord record = renewed(renewed(first(), 2027), 2033);
        record = rehashed(record, 2043, DigestAlgorithm.SHA3_512);
        record = renewed(record, 2053);
        assertHolds(record, 2065);
        assertThat(record.renewed()).isEqualTo(january(2053).plusSeconds(86_400));
        assertThat(failure(record, DATA, 2067)).startsWith("timestamp 5 of 5: ");
        byte[] other = DATA.clone();
        other[0] ^= 1;
        assertThat(failure(record, other, 2065)).startsWith("timestamp 1 of 5: ");
    }

    @Test
    void aRenewalOfSomethingElseDoesNotHold() throws Exception {
        EvidenceRecord.Renewal renewal = first().timestampRenewal();
        TimestampToken other = stamp(2027, DigestAlgorithm.SHA_256, DigestAlgorithm.SHA_256.of(DATA));
        assertThatThrownBy(() -> renewal.with(other))
                .isInstanceOf(MalformedException.class)
                .hasMessageStartingWith("expected a timestamp of SHA-256 ");
        EvidenceRecord.Renewal changed = first().hashRenewal(DigestAlgorithm.SHA_512, ArchivedData.of(new byte[3]));
        assertThat(failure(changed.with(stamp(2027, changed)), DATA, 2028)).startsWith("timestamp 2 of 2: ");
    }

    @Test
    void severalCheckpointsUnderOneTimestamp() throws Exception {
        for (int count = 1; count <= 9; count++) {
            List<byte[]> data = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                data.add(new byte[] {(byte) i});
            }
            HashTree tree = new HashTree(
                    DigestAlgorithm.SHA_256,
                    data.stream().map(DigestAlgorithm.SHA_256::of).toList());
            PretendTsa tsa = authority(2026);
            TimestampAnswer answer =
                    tree.request(5).check(tsa.reply(tree.request(5).der(), IN_2026));
            List<EvidenceRecord> records = tree.records(((TimestampAnswer.Granted) answer).token());
            for (int i = 0; i < count; i++) {
                EvidenceRecord record = reread(records.get(i));
                assertThat(record.verify(ArchivedData.of(data.get(i)), anchors, january(2027))
                                .holds())
                        .isTrue();
                assertThat(record.verify(ArchivedData.of(DATA), anchors, january(2027))
                                .holds())
                        .isFalse();
                bouncyCastle(record).validatePresent(new ERSByteData(data.get(i)), Date.from(january(2027)));
            }
        }
    }

    /** A group of files (RFC 4998, section 4.2) through a renewal of its hash tree. */
    @Test
    void oneRecordOverSeveralFiles(@TempDir Path directory) throws Exception {
        List<Path> files = new ArrayList<>();
        for (String name : List.of("c", "a", "b")) {
            files.add(Files.writeString(directory.resolve(name), name.repeat(100_000)));
        }
        ArchivedData data = ArchivedData.read(files, EnumSet.allOf(DigestAlgorithm.class));
        EvidenceRecord.Renewal begun = EvidenceRecord.begin(DigestAlgorithm.SHA_256, data);
        EvidenceRecord record = reread(begun.with(stamp(2026, begun)));
        assertThat(record.width()).isEqualTo(3);
        record = renewed(record, 2027);
        EvidenceRecord.Renewal rehash = record.hashRenewal(DigestAlgorithm.SHA_512, data);
        record = reread(rehash.with(stamp(2028, rehash)));
        assertThat(record.verify(data, anchors, january(2029)).holds()).isTrue();
        assertThat(record.stamps())
                .extracting(EvidenceRecord.Stamp::digest)
                .containsExactly(DigestAlgorithm.SHA_256, DigestAlgorithm.SHA_256, DigestAlgorithm.SHA_512);
        List<ERSData> theirs = new ArrayList<>();
        for (Path file : files) {
            theirs.add(new ERSFileData(file.toFile()));
        }
        ERSDataGroup group = new ERSDataGroup(theirs);
        bouncyCastle(record).validatePresent(group, Date.from(january(2029)));
        ArchivedData one = ArchivedData.read(files.subList(1, 2), EnumSet.allOf(DigestAlgorithm.class));
        assertThat(record.verify(one, anchors, january(2029)).holds()).isTrue();
        assertThat(record.mismatch(one)).isNull();
        Files.writeString(files.getFirst(), "other");
        ArchivedData changed = ArchivedData.read(files, record.digests());
        assertThat(record.mismatch(changed)).startsWith("timestamp 1 of 3: expected the SHA-256 ");
        assertThat(first().mismatch(data)).endsWith("expected a hash tree over 3 data, found a timestamp of one");
    }

    @Test
    void aRecordHasABound() throws Exception {
        byte[][] data = new byte[ArchivedData.MOST][1];
        EvidenceRecord.Renewal begun = EvidenceRecord.begin(DigestAlgorithm.SHA_512, ArchivedData.of(data));
        EvidenceRecord record = begun.with(stamp(2026, begun));
        EvidenceRecord.Renewal rehash = record.hashRenewal(DigestAlgorithm.SHA3_512, ArchivedData.of(data));
        TimestampToken token = stamp(2027, rehash);
        assertThatThrownBy(() -> rehash.with(token))
                .isInstanceOf(MalformedException.class)
                .hasMessageStartingWith(
                        "expected an evidence record of at most 1048576 bytes, found that it would have");
        assertThatThrownBy(() -> ArchivedData.of(new byte[ArchivedData.MOST + 1][1]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Tokens of openssl, one with a certificate for ten days, one for twenty years. */
    @Test
    void tokensOfOpenssl(@TempDir Path directory) throws Exception {
        OpensslTsa soon = OpensslTsa.in(directory.resolve("soon"), "soon", 10, "EC", "ec_paramgen_curve:P-384");
        OpensslTsa late = OpensslTsa.in(directory.resolve("late"), "late", 7300, "RSA", "rsa_keygen_bits:2048");
        List<X509Certificate> roots = new ArrayList<>(TrustAnchors.parsePem(Files.readAllBytes(soon.ca())));
        roots.addAll(TrustAnchors.parsePem(Files.readAllBytes(late.ca())));
        TrustAnchors both = TrustAnchors.of(roots);
        EvidenceRecord record = EvidenceRecord.of(token(soon, TimestampRequest.over(DATA, 1)));
        Instant inTenYears = record.renewed().plus(Duration.ofDays(3650));
        assertThat(record.verify(ArchivedData.of(DATA), both, inTenYears).holds())
                .isFalse();
        EvidenceRecord.Renewal renewal = record.timestampRenewal();
        EvidenceRecord renewed = reread(renewal.with(token(late, renewal.request(2))));
        EvidenceRecord.Renewal rehash = renewed.hashRenewal(DigestAlgorithm.SHA_512, ArchivedData.of(DATA));
        EvidenceRecord rehashed = reread(rehash.with(token(late, rehash.request(3))));
        for (EvidenceRecord later : List.of(renewed, rehashed)) {
            assertThat(later.verify(ArchivedData.of(DATA), both, inTenYears))
                    .isEqualTo(record.verify(ArchivedData.of(DATA), both, later.renewed()));
            assertThat(later.verify(ArchivedData.of(DATA), both, inTenYears).holds())
                    .isTrue();
            bouncyCastle(later).validatePresent(new ERSByteData(DATA), Date.from(inTenYears));
        }
    }

    private static TimestampToken token(OpensslTsa tsa, TimestampRequest request) throws Exception {
        return ((TimestampAnswer.Granted) request.check(tsa.reply(request.der()))).token();
    }

    private static final DigestCalculatorProvider DIGESTS;

    static {
        try {
            DIGESTS = new JcaDigestCalculatorProviderBuilder().build();
        } catch (OperatorCreationException none) {
            throw new IllegalStateException(none);
        }
    }

    private static ERSEvidenceRecord bouncyCastle(EvidenceRecord record) throws Exception {
        ERSEvidenceRecord read = new ERSEvidenceRecord(record.der(), DIGESTS);
        read.validate(new JcaSimpleSignerInfoVerifierBuilder().build(read.getSigningCertificate()));
        return read;
    }

    @Test
    void bouncyCastleReadsOurs() throws Exception {
        Date later = Date.from(january(2029));
        ERSByteData data = new ERSByteData(DATA);
        EvidenceRecord record = first();
        bouncyCastle(record).validatePresent(data, later);
        record = renewed(record, 2027);
        bouncyCastle(record).validatePresent(data, later);
        record = renewed(record, 2028);
        bouncyCastle(record).validatePresent(data, later);
        record = rehashed(record, 2029, DigestAlgorithm.SHA_512);
        bouncyCastle(record).validatePresent(data, Date.from(january(2030)));
    }

    @Test
    void oursReadsBouncyCastles() throws Exception {
        ERSByteData data = new ERSByteData(DATA);
        TimeStampRequestGenerator requests = new TimeStampRequestGenerator();
        requests.setCertReq(true);
        ERSArchiveTimeStampGenerator timestamps =
                new ERSArchiveTimeStampGenerator(DIGESTS.get(DigestAlgorithm.SHA_256.identifier()));
        timestamps.addData(data);
        ERSEvidenceRecord record = new ERSEvidenceRecordGenerator(DIGESTS)
                .generate(timestamps.generateArchiveTimeStamp(
                        answer(timestamps.generateTimeStampRequest(requests).getEncoded(), IN_2026)));
        assertHolds(EvidenceRecord.parse(der(record)), 2028);
        record = record.renewTimeStamp(
                answer(record.generateTimeStampRenewalRequest(requests).getEncoded(), january(2027)));
        assertHolds(EvidenceRecord.parse(der(record)), 2028);
        record = record.renewHash(
                DIGESTS.get(DigestAlgorithm.SHA_512.identifier()),
                data,
                answer(
                        record.generateHashRenewalRequest(
                                        DIGESTS.get(DigestAlgorithm.SHA_512.identifier()), data, requests)
                                .getEncoded(),
                        january(2028)));
        assertHolds(EvidenceRecord.parse(der(record)), 2029);
    }

    private TimeStampResponse answer(byte[] request, Instant time) throws Exception {
        return new TimeStampResponse(authority(2026).reply(request, time));
    }

    private static byte[] der(ERSEvidenceRecord record) throws Exception {
        return record.toASN1Structure().getEncoded(ASN1Encoding.DER);
    }

    /**
     * Each byte of a record with three timestamps in two chains. Where the newest names whose certificate signed, names are
     * compared without regard to case: the signed attributes say it by a digest.
     */
    @Test
    void everyByteIsCaughtOrIrrelevant() throws Exception {
        byte[] record =
                rehashed(renewed(first(), 2027), 2028, DigestAlgorithm.SHA_512).der();
        TimestampVerdict sound = EvidenceRecord.parse(record).verify(ArchivedData.of(DATA), anchors, january(2029));
        assertThat(sound.holds()).isTrue();
        List<Integer> irrelevant = new ArrayList<>();
        for (int i = 0; i < record.length; i++) {
            byte[] flipped = record.clone();
            flipped[i] ^= (byte) (1 << i % Byte.SIZE);
            try {
                TimestampVerdict verdict =
                        EvidenceRecord.parse(flipped).verify(ArchivedData.of(DATA), anchors, january(2029));
                if (verdict.holds()) {
                    assertThat(verdict).as("byte %d", i).isEqualTo(sound);
                    irrelevant.add(i);
                }
            } catch (MalformedException malformed) {
                assertThat(malformed.getMessage()).contains("expected");
            }
        }
        String text = new String(record, StandardCharsets.ISO_8859_1);
        String name = "Root of TSA of 2020";
        int newest = text.lastIndexOf(name);
        assertThat(irrelevant).allSatisfy(at -> assertThat(at).isBetween(newest, newest + name.length() - 1));
    }
}
