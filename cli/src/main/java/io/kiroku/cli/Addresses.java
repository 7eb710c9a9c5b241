package io.kiroku.cli;

import io.kiroku.collector.config.CollectorConfig;
import java.net.InetSocketAddress;

/** Addresses on the command line. */
final class Addresses {
    private Addresses() {}

    /**
     * Reads HOST:PORT or [IPV6]:PORT.
     *
     * @param option the option's name, for the sentence
     * @throws IllegalArgumentException if the text is none, or the host's name cannot be resolved; the message is for people
     */
    static InetSocketAddress parse(String option, String text) {
        return CollectorConfig.lookedUp(option, read(option, text));
    }

    /** The same, with a name that is looked up at each connection: it may not be known yet, and lead elsewhere later. */
    static InetSocketAddress lookedUpLater(String option, String text) {
        InetSocketAddress address = read(option, text);
        return InetSocketAddress.createUnresolved(address.getHostString(), address.getPort());
    }

    private static InetSocketAddress read(String option, String text) {
        try {
            return CollectorConfig.address(text);
        } catch (IllegalArgumentException noAddress) {
            throw new IllegalArgumentException(option + ": " + noAddress.getMessage(), noAddress);
        }
    }
}
