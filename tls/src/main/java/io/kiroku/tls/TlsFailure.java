package io.kiroku.tls;

import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLException;

/** What went wrong on a TLS connection, in a sentence without its full stop. */
public final class TlsFailure {
    private static final int MOST_CAUSES = 10;

    /** An alert of the other side (RFC 8446, section 6.2), and what it means to this side. */
    private enum Alert {
        CERTIFICATE_EXPIRED("this side's certificate has expired, or one of the two clocks is wrong"),
        CERTIFICATE_REVOKED("this side's certificate was revoked"),
        CERTIFICATE_REQUIRED("this side has to show a certificate"),
        UNKNOWN_CA("it does not know the authority of this side's certificate"),
        BAD_CERTIFICATE("it does not accept this side's certificate; its log says why"),
        CERTIFICATE_UNKNOWN("it does not accept this side's certificate; its log says why"),
        UNSUPPORTED_CERTIFICATE("it does not accept the kind of this side's certificate"),
        PROTOCOL_VERSION("it does not speak TLS 1.3"),
        HANDSHAKE_FAILURE("the two have no way in common to speak TLS 1.3"),
        ACCESS_DENIED("this side has no access");

        private final String meaning;

        Alert(String meaning) {
            this.meaning = meaning;
        }
    }

    private TlsFailure() {}

    /** The sentence; that of the exception itself if it has nothing to do with TLS. */
    public static String sentence(Throwable failure) {
        List<Throwable> causes = causes(failure);
        for (Throwable cause : causes) {
            if (cause instanceof CertificateException certificate && certificate.getMessage() != null) {
                return certificate.getMessage();
            }
            if (cause instanceof NotSslRecordException) {
                return "expected TLS, found plain bytes: the other side does not speak TLS on this port";
            }
            if (cause instanceof SslHandshakeTimeoutException) {
                return "the TLS handshake took too long";
            }
        }
        for (Throwable cause : causes) {
            if (cause instanceof SSLException) {
                return alert(String.valueOf(cause.getMessage()));
            }
            if (cause instanceof ClosedChannelException) {
                return "the connection was closed during the TLS handshake";
            }
        }
        return String.valueOf(failure.getMessage());
    }

    /** BoringSSL writes SSLV3_ALERT_CERTIFICATE_EXPIRED, the JDK certificate_expired. */
    private static String alert(String message) {
        String upper = message.toUpperCase(Locale.ROOT);
        for (Alert alert : Alert.values()) {
            if (upper.contains(alert.name())) {
                return "the other side refuses the connection: " + alert.meaning;
            }
        }
        if (upper.contains("PEER_DID_NOT_RETURN_A_CERTIFICATE") || upper.contains("EMPTY CLIENT CERTIFICATE CHAIN")) {
            return "the other side shows no certificate";
        }
        if (upper.contains("CLOSED")) {
            return "the connection was closed during the TLS handshake";
        }
        return "TLS failed: " + message;
    }

    private static List<Throwable> causes(Throwable failure) {
        List<Throwable> causes = new ArrayList<>();
        for (Throwable cause = failure; cause != null && causes.size() < MOST_CAUSES; cause = cause.getCause()) {
            causes.add(cause);
        }
        return causes;
    }
}
