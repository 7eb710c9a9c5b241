package io.kiroku.agent.ship;

import io.kiroku.tls.TlsFailure;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** That a collector is not reached, or not understood, in words for people: sentences without their full stop. */
final class Unreached {
    private Unreached() {}

    /** Where it should be. */
    static String at(InetSocketAddress collector) {
        return "collector at %s:%d".formatted(collector.getHostString(), collector.getPort());
    }

    /** Why a connection did not come about, or broke. */
    static String sentence(Throwable cause) {
        // Of a name that nobody knows the exception has the name alone.
        return cause instanceof UnknownHostException ? "its name cannot be looked up" : TlsFailure.sentence(cause);
    }
}
