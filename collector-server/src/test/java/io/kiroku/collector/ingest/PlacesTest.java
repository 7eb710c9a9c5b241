package io.kiroku.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PlacesTest {
    private final List<String> displaced = new ArrayList<>();

    private Places<String> places(int most, int mostOfAnAddress) {
        return new Places<>(most, mostOfAnAddress, displaced::add);
    }

    private static InetSocketAddress at(String address) {
        return new InetSocketAddress(address, 40_000);
    }

    @Test
    void oneAddressDoesNotTakeThePlacesOfOthers() {
        Places<String> places = places(10, 2);
        assertThat(places.enter("a1", at("10.0.0.1"))).isTrue();
        assertThat(places.enter("a2", at("10.0.0.1"))).isTrue();
        assertThat(places.enter("a3", at("10.0.0.1"))).isFalse();
        assertThat(places.enter("b1", at("10.0.0.2"))).isTrue();
        places.leave("a1");
        assertThat(places.enter("a4", at("10.0.0.1"))).isTrue();
        assertThat(places.taken()).isEqualTo(3);
        assertThat(places.turnedAway()).isEqualTo(1);
        assertThat(displaced).isEmpty();
    }

    @Test
    void aNetworkOfAddressesIsOne() {
        Places<String> places = places(10, 1);
        assertThat(places.enter("a", at("2001:db8:0:1::1"))).isTrue();
        assertThat(places.enter("b", at("2001:db8:0:1:ffff::2"))).isFalse();
        assertThat(places.enter("c", at("2001:db8:0:2::1"))).isTrue();
    }

    @Test
    void whereAllAreTakenTheOneThatHasWaitedLongestOfTheFullestAddressGoes() {
        Places<String> places = places(4, 4);
        for (String one : List.of("a1", "a2", "a3")) {
            assertThat(places.enter(one, at("10.0.0.1"))).isTrue();
        }
        assertThat(places.enter("b1", at("10.0.0.2"))).isTrue();
        places.engage("a1");
        assertThat(places.enter("c1", at("10.0.0.3"))).isTrue();
        assertThat(displaced).as("a1 does not wait").containsExactly("a2");
        assertThat(places.enter("d1", at("10.0.0.4"))).as("nobody has two more").isFalse();
        assertThat(places.enter("a4", at("10.0.0.1"))).as("nor for its own").isFalse();
        places.disengage("a1");
        assertThat(places.enter("d1", at("10.0.0.4"))).isTrue();
        assertThat(displaced).as("a1 waits since a moment ago").containsExactly("a2", "a3");
        assertThat(places.taken()).isEqualTo(4);
        assertThat(places.turnedAway()).isEqualTo(4);
        places.leave("a2");
        assertThat(places.taken()).as("that one is gone already").isEqualTo(4);
    }

    @Test
    void theBoundsHoldWhateverComes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Places<Integer> places = new Places<>(50, 20, _ -> {});
        for (int i = 0; i < 20_000; i++) {
            switch (random.nextInt(5)) {
                case 0, 1, 2 -> places.enter(i, at("10.0.0." + random.nextInt(8)));
                case 3 -> places.leave(random.nextInt(i + 1));
                default -> places.engage(random.nextInt(i + 1));
            }
            assertThat(places.taken()).as("seed %d, step %d", seed, i).isBetween(0, 50);
        }
        for (int i = 0; i < 20_000; i++) {
            places.leave(i);
        }
        assertThat(places.taken()).isZero();
        for (int i = 0; i < 20; i++) {
            assertThat(places.enter(i, at("10.0.0.1"))).isTrue();
        }
        assertThat(places.enter(20, at("10.0.0.1")))
                .as("every address was forgotten rightly")
                .isFalse();
    }
}
