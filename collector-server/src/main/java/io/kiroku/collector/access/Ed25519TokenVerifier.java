package io.kiroku.collector.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.jca.JCAContext;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.util.Base64URL;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.Octets;
import java.util.Set;

/** Verifies tokens that are signed with Ed25519 (RFC 8037), for which the library wants another library. */
final class Ed25519TokenVerifier implements JWSVerifier {
    private final Octets key;
    private final JCAContext context = new JCAContext();

    Ed25519TokenVerifier(OctetKeyPair pair) throws JOSEException {
        if (!Curve.Ed25519.equals(pair.getCurve())) {
            throw new JOSEException("expected a key of Ed25519");
        }
        key = Octets.of(pair.getDecodedX());
    }

    @Override
    public Set<JWSAlgorithm> supportedJWSAlgorithms() {
        return Set.of(JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519);
    }

    @Override
    public JCAContext getJCAContext() {
        return context;
    }

    @Override
    public boolean verify(JWSHeader header, byte[] signed, Base64URL signature) {
        return header.getCriticalParams() == null && SigningKey.verify(key, signed, Octets.of(signature.decode()));
    }
}
