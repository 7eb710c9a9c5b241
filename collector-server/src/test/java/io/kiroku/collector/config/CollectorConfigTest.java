package io.kiroku.collector.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CollectorConfigTest {
    private static final Path DATA = Path.of("data");

    @Test
    void theDefaultsAreLoopback() {
        CollectorConfig config = CollectorConfig.of(DATA);
        assertThat(config.listen().getPort()).isEqualTo(4470);
        assertThat(config.http().getPort()).isEqualTo(4480);
        assertThat(config.listen().getAddress().isLoopbackAddress()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0:1", "192.0.2.1:1", "[::]:1"})
    void whatIsNotLoopbackIsRefusedInASentence(String text) {
        InetSocketAddress beyond = CollectorConfig.address(text);
        InetSocketAddress loopback = CollectorConfig.address("127.0.0.1:0");
        assertThatThrownBy(() -> new CollectorConfig(DATA, beyond, loopback))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("listen: ")
                .hasMessageContaining("is not a loopback address");
        assertThatThrownBy(() -> new CollectorConfig(DATA, loopback, beyond))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("http: ");
    }

    @Test
    void beyondLoopbackCallersMustBeKnownAndTheConnectionEncrypted() {
        InetSocketAddress beyond = CollectorConfig.address("0.0.0.0:4480");
        InetSocketAddress loopback = CollectorConfig.address("127.0.0.1:0");
        Optional<Path> some = Optional.of(Path.of("some"));
        for (AccessConfig unsafe : List.of(
                new AccessConfig(some, Optional.empty(), true, false, Optional.empty()),
                new AccessConfig(Optional.empty(), Optional.empty(), false, true, some))) {
            assertThatThrownBy(() ->
                            new CollectorConfig(DATA, loopback, beyond, LogConfig.ALONE, Optional.empty(), unsafe))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("beyond loopback a collector answers known callers");
        }
        AccessConfig safe = new AccessConfig(some, Optional.empty(), false, false, some);
        assertThat(new CollectorConfig(DATA, loopback, beyond, LogConfig.ALONE, Optional.empty(), safe).http())
                .isEqualTo(beyond);
    }

    @Test
    void addressesAreRead() {
        assertThat(CollectorConfig.address("127.0.0.1:4470").getPort()).isEqualTo(4470);
        assertThat(CollectorConfig.address("localhost:0").isUnresolved())
                .as("a name is not looked up before it is needed")
                .isTrue();
        InetSocketAddress name = CollectorConfig.address("localhost:0");
        assertThat(new CollectorConfig(DATA, name, name).listen().isUnresolved())
                .isFalse();
        assertThat(CollectorConfig.address("[::1]:0").getAddress().isLoopbackAddress())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "4470", ":4470", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:1", "a:b"
            })
    void whatIsNoAddressIsRefused(String text) {
        assertThatThrownBy(() -> CollectorConfig.address(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected HOST:PORT");
    }
}
