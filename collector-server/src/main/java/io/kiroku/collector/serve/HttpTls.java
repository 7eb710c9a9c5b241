package io.kiroku.collector.serve;

import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.common.TlsProvider;
import io.kiroku.tls.TlsDirectory;
import io.kiroku.tls.TlsMaterial;
import java.time.Duration;

/** The certificate of the HTTP edge, as a {@link TlsDirectory} has it: looked at again every few seconds. */
final class HttpTls {
    private final TlsDirectory directory;
    private TlsMaterial known;
    private TlsKeyPair pair;

    private HttpTls(TlsDirectory directory) {
        this.directory = directory;
        this.known = directory.material();
        this.pair = pair(known);
    }

    /** @param every how often the directory is looked at */
    static TlsProvider of(TlsDirectory directory, Duration every) {
        HttpTls tls = new HttpTls(directory);
        return TlsProvider.ofScheduled(tls::current, every);
    }

    private synchronized TlsKeyPair current() {
        directory.refresh();
        TlsMaterial now = directory.material();
        if (!now.equals(known)) {
            known = now;
            pair = pair(now);
        }
        return pair;
    }

    private static TlsKeyPair pair(TlsMaterial material) {
        return TlsKeyPair.of(material.key(), material.chain());
    }
}
