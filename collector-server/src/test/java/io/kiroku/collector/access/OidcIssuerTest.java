package io.kiroku.collector.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.Server;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.kiroku.evidence.chain.SigningKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With an issuer that has real keys. */
class OidcIssuerTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
    private static final Optional<String> SHOP = Optional.of("shop");

    @TempDir
    private Path directory;

    private final RSAKey rsa = new RSAKeyGenerator(2048).keyID("rsa-1").generate();
    private final ECKey ec = new ECKeyGenerator(Curve.P_256).keyID("ec-1").generate();
    private final SigningKey edwards = SigningKey.generate(new SecureRandom());
    private final OctetKeyPair ed = new OctetKeyPair.Builder(
                    Curve.Ed25519, Base64URL.encode(edwards.publicKey().toArray()))
            .keyID("ed-1")
            .build();

    private volatile List<JWK> published = List.of(rsa, ec, ed);
    private volatile HttpStatus status = HttpStatus.OK;
    private volatile boolean hangs;
    private Server server;
    private String url;
    private OidcIssuer issuer;

    OidcIssuerTest() throws Exception {}

    @BeforeEach
    void start() throws IOException {
        server = Server.builder()
                .http(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .service(
                        "/realm/.well-known/openid-configuration",
                        (context, request) -> HttpResponse.of(
                                status,
                                MediaType.JSON_UTF_8,
                                "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\"}".formatted(url, url)))
                .service(
                        "/realm/keys",
                        (context, request) -> hangs
                                ? HttpResponse.of(new CompletableFuture<>())
                                : HttpResponse.of(status, MediaType.JSON_UTF_8, new JWKSet(published).toString(true)))
                .build();
        server.start().join();
        url = "http://127.0.0.1:%d/realm".formatted(server.activeLocalPort());
        Path roles = directory.resolve("roles");
        Files.writeString(roles, """
            # group      roles          scope
            shop%20team  reader         shop
            forensics    investigator   *,@node
            """);
        issuer = new OidcIssuer(
                URI.create(url), "kiroku", "groups", roles, InstantSource.fixed(NOW), System::nanoTime, (_, _) -> {});
    }

    @AfterEach
    void stop() {
        server.stop().join();
    }

    private JWTClaimsSet.Builder claims(String... groups) {
        return new JWTClaimsSet.Builder()
                .issuer(url)
                .subject("u-17")
                .audience("kiroku")
                .expirationTime(Date.from(NOW.plusSeconds(300)))
                .claim("groups", List.of(groups));
    }

    private static String sign(JWSAlgorithm algorithm, String id, JWSSigner signer, JWTClaimsSet.Builder claims)
            throws Exception {
        SignedJWT jwt = new SignedJWT(new JWSHeader.Builder(algorithm).keyID(id).build(), claims.build());
        jwt.sign(signer);
        return jwt.serialize();
    }

    private String rs256(JWTClaimsSet.Builder claims) throws Exception {
        return sign(JWSAlgorithm.RS256, "rsa-1", new RSASSASigner(rsa), claims);
    }

    private void refused(String token, String sentence) {
        assertThatThrownBy(() -> issuer.caller(token))
                .isInstanceOf(RefusedTokenException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void groupsBecomeRolesWhereTheyHold() throws Exception {
        Caller caller = issuer.caller(rs256(claims("shop team", "unknown").claim("preferred_username", "alice")));
        assertThat(caller.name()).isEqualTo("u-17 (alice)");
        assertThat(caller.voucher()).isEqualTo(url);
        assertThat(caller.rights().reads(SHOP)).isTrue();
        assertThat(caller.rights().reads(Optional.of("pay"))).isFalse();
        assertThat(caller.rights().reads(Optional.empty())).isFalse();
        assertThat(caller.rights().may(Permission.VERIFY)).isFalse();
        Caller both = issuer.caller(rs256(claims("shop team", "forensics")));
        assertThat(both.rights().may(Permission.EXPORT, Optional.of("pay"))).isTrue();
        assertThat(both.rights().reads(Optional.empty())).isTrue();
        assertThat(issuer.caller(rs256(claims())).rights().may(Permission.PROOFS))
                .as("without a group")
                .isFalse();
    }

    @Test
    void theAlgorithmsOfTheListAreTakenAndNoOther() throws Exception {
        assertThat(issuer.caller(sign(JWSAlgorithm.PS256, "rsa-1", new RSASSASigner(rsa), claims()))
                        .name())
                .isEqualTo("u-17");
        assertThat(issuer.caller(sign(JWSAlgorithm.ES256, "ec-1", new ECDSASigner(ec), claims()))
                        .name())
                .isEqualTo("u-17");
        assertThat(issuer.caller(edDsa(claims())).name()).isEqualTo("u-17");
        refused(sign(JWSAlgorithm.RS512, "rsa-1", new RSASSASigner(rsa), claims()), "found RS512");
        byte[] publicKey = rsa.toRSAPublicKey().getEncoded();
        refused(sign(JWSAlgorithm.HS256, "rsa-1", new MACSigner(publicKey), claims()), "found HS256");
        String none = new PlainJWT(claims("forensics").build()).serialize();
        assertThat(issuer.concerns(none)).isFalse();
        refused(none, "expected a signed JWT");
        String forged = edDsa(claims());
        refused(
                forged.substring(0, forged.lastIndexOf('.') + 1) + Base64URL.encode(new byte[64]),
                "not signed by a key");
    }

    private String edDsa(JWTClaimsSet.Builder claims) {
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.EdDSA).keyID("ed-1").build(), claims.build());
        byte[] signature = edwards.sign(jwt.getSigningInput());
        return new String(jwt.getSigningInput(), StandardCharsets.US_ASCII) + "." + Base64URL.encode(signature);
    }

    @Test
    void timesAudienceAndIssuerCount() throws Exception {
        refused(rs256(claims().expirationTime(Date.from(NOW.minusSeconds(61)))), "Expired JWT");
        assertThat(issuer.caller(rs256(claims().expirationTime(Date.from(NOW.minusSeconds(59))))))
                .as("clocks may differ by a minute")
                .isNotNull();
        refused(rs256(claims().notBeforeTime(Date.from(NOW.plusSeconds(61)))), "before use time");
        refused(rs256(claims().audience("another")), "aud");
        refused(rs256(claims().expirationTime(null)), "exp");
        refused(rs256(claims().issuer("https://elsewhere.example")), "iss");
        assertThat(issuer.concerns(rs256(claims().issuer("https://elsewhere.example"))))
                .isFalse();
        assertThat(issuer.concerns(rs256(claims()))).isTrue();
    }

    @Test
    void aNewKeyIsAskedForAndAnUnknownOneRefused() throws Exception {
        assertThat(issuer.caller(rs256(claims())).name()).isEqualTo("u-17");
        RSAKey next = new RSAKeyGenerator(2048).keyID("rsa-2").generate();
        String token = sign(JWSAlgorithm.RS256, "rsa-2", new RSASSASigner(next), claims());
        published = List.of(next);
        assertThat(issuer.caller(token).name()).isEqualTo("u-17");
        refused(rs256(claims()), "not signed by a key");
    }

    @Test
    void anIssuerThatIsDownIsSaidSoAndTriedAgain() throws Exception {
        status = HttpStatus.INTERNAL_SERVER_ERROR;
        String token = rs256(claims());
        assertThatThrownBy(() -> issuer.caller(token))
                .isInstanceOf(AccessUnavailableException.class)
                .hasMessageContaining("cannot be had now");
        status = HttpStatus.OK;
        Thread.sleep(1_100);
        assertThat(issuer.caller(token).name()).isEqualTo("u-17");
        status = HttpStatus.INTERNAL_SERVER_ERROR;
        assertThat(issuer.caller(token).name()).as("by keys that are known").isEqualTo("u-17");
    }

    @Test
    void anIssuerThatHangsIsNotWaitedForLong() throws Exception {
        hangs = true;
        String token = rs256(claims());
        long begun = System.nanoTime();
        assertThatThrownBy(() -> issuer.caller(token)).isInstanceOf(AccessUnavailableException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(15));
    }
}
