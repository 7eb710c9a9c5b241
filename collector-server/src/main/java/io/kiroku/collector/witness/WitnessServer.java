package io.kiroku.collector.witness;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.annotation.Blocking;
import com.linecorp.armeria.server.annotation.Get;
import com.linecorp.armeria.server.annotation.Post;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletionException;

/**
 * A witness over HTTP: {@code POST /add-checkpoint}, and {@code GET /witness.vkey} for its keys. Whoever asks needs a
 * checkpoint signed by a log that the witness knows, so nobody has to be told apart beyond that; what a caller can make it
 * keep is bounded.
 */
public final class WitnessServer implements AutoCloseable {
    private static final int MOST_CONNECTIONS = 200;

    /** A note of 100 signatures and a proof of 63 hashes have some 400 KiB with ML-DSA-44. */
    private static final long MOST_REQUEST_BYTES = 512 << 10;

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final Duration GRACE = Duration.ofMillis(300);

    private final Server server;

    private WitnessServer(Server server) {
        this.server = server;
    }

    /**
     * Answers on that address.
     *
     * @throws IOException if it cannot be had
     */
    public static WitnessServer start(InetSocketAddress address, Witness witness) throws IOException {
        Server server = Server.builder()
                .http(address)
                .maxNumConnections(MOST_CONNECTIONS)
                .maxRequestLength(MOST_REQUEST_BYTES)
                .requestTimeout(TIMEOUT)
                .idleTimeout(TIMEOUT)
                .gracefulShutdownTimeout(Duration.ZERO, GRACE)
                .disableServerHeader()
                .verboseResponses(false)
                .annotatedService(new Service(witness))
                .build();
        try {
            server.start().join();
        } catch (CompletionException failure) {
            Throwable cause = failure.getCause() == null ? failure : failure.getCause();
            throw new IOException(
                    "expected to listen on %s:%d, found that this cannot be had: %s"
                            .formatted(address.getHostString(), address.getPort(), cause.getMessage()),
                    cause);
        }
        return new WitnessServer(server);
    }

    /** The port that is listened on. */
    public int port() {
        return server.activeLocalPort();
    }

    @Override
    public void close() {
        server.stop().join();
    }

    /** What is mounted. */
    public static final class Service {
        private final Witness witness;

        Service(Witness witness) {
            this.witness = witness;
        }

        @Blocking
        @Post("/add-checkpoint")
        public HttpResponse addCheckpoint(AggregatedHttpRequest request) {
            Witness.Reply reply = witness.addCheckpoint(request.content().array());
            return HttpResponse.of(HttpStatus.valueOf(reply.status()), MediaType.parse(reply.type()), reply.body());
        }

        @Get("/witness.vkey")
        public HttpResponse keys() {
            return HttpResponse.of(HttpStatus.OK, MediaType.PLAIN_TEXT_UTF_8, witness.verifierKeys());
        }
    }
}
