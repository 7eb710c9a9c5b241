package io.kiroku.tls;

import java.security.PrivateKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What a process proves itself with, and whom it believes.
 *
 * @param key the private half of the chain's first certificate
 * @param chain the process's own certificate, then those that lead from it to an authority; at least one
 * @param authorities who may have issued the certificates of others; empty if there is no {@code ca.crt}
 * @param revocations lists of revoked certificates, each signed by one of the authorities
 */
public record TlsMaterial(
        PrivateKey key, List<X509Certificate> chain, List<X509Certificate> authorities, List<X509CRL> revocations) {
    public TlsMaterial {
        chain = List.copyOf(chain);
        authorities = List.copyOf(authorities);
        revocations = List.copyOf(revocations);
    }

    /** The process's own certificate. */
    public X509Certificate certificate() {
        return chain.getFirst();
    }
}
