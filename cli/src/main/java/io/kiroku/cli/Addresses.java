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
        InetSocketAddress address;
        try {
            address = CollectorConfig.address(text);
        } catch (IllegalArgumentException noAddress) {
            throw new IllegalArgumentException(option + ": " + noAddress.getMessage(), noAddress);
        }
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(
                    "%s: the host name %s cannot be resolved".formatted(option, address.getHostString()));
        }
        return address;
    }
}
