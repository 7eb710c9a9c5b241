package io.kiroku.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class HandshakesTest {
    private static InetSocketAddress at(String address) {
        return new InetSocketAddress(address, 40_000);
    }

    @Test
    void oneAddressDoesNotTakeThePlacesOfOthers() {
        Handshakes handshakes = new Handshakes(3, 2);
        assertThat(handshakes.begin(at("10.0.0.1"))).isTrue();
        assertThat(handshakes.begin(at("10.0.0.1"))).isTrue();
        assertThat(handshakes.begin(at("10.0.0.1"))).isFalse();
        assertThat(handshakes.begin(at("10.0.0.2"))).isTrue();
        assertThat(handshakes.begin(at("10.0.0.3"))).isFalse();
        handshakes.end(at("10.0.0.1"));
        assertThat(handshakes.begin(at("10.0.0.3"))).isTrue();
        assertThat(handshakes.underWay()).isEqualTo(3);
    }

    @Test
    void aNetworkOfAddressesIsOne() {
        Handshakes handshakes = new Handshakes(10, 1);
        assertThat(handshakes.begin(at("2001:db8:0:1::1"))).isTrue();
        assertThat(handshakes.begin(at("2001:db8:0:1:ffff::2"))).isFalse();
        assertThat(handshakes.begin(at("2001:db8:0:2::1"))).isTrue();
    }
}
