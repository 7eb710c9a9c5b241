package io.kiroku.collector.serve;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServerTlsConfig;
import com.linecorp.armeria.server.ServerTlsConfigBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.kiroku.collector.access.Endpoint;
import io.kiroku.collector.access.Gate;
import io.kiroku.tls.TlsContext;
import io.kiroku.tls.TlsDirectory;
import io.netty.handler.ssl.ClientAuth;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The collector's HTTP edge: {@code /healthz}, {@code /metrics}, and what is mounted on it. What a caller can make it
 * keep or wait for is bounded, and an error says nothing of the inside.
 */
public final class HttpEdge implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpEdge.class);
    private static final MediaType METRICS = MediaType.parse("text/plain; version=0.0.4; charset=utf-8");

    private static final Pattern LOOPBACK = Pattern.compile("(?i)(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d{1,5})?");

    private static final int MOST_HEADER_BYTES = 24 << 10;
    private static final int MOST_REQUEST_LINE = 12 << 10;
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(60);

    private static final Duration GRACE = Duration.ofMillis(300);

    private final Server server;

    private HttpEdge(Server server) {
        this.server = server;
    }

    /**
     * Answers on that address.
     *
     * @param connections bounds them
     * @param gate lets callers in; one that is open answers requests to loopback names only
     * @param tls the edge's certificate and its key, if the edge is to answer over TLS alone
     * @param metrics the text of {@code /metrics}
     * @param trouble what keeps the collector from its work, in a sentence, if anything does: then {@code /healthz} says
     *     so with status 503
     * @param annotatedServices objects with methods that Armeria's annotations give a path, mounted at the root
     * @throws IOException if the address cannot be had; the message is for people
     */
    public static HttpEdge start(
            InetSocketAddress address,
            HttpConnections connections,
            Gate gate,
            Optional<TlsDirectory> tls,
            Supplier<String> metrics,
            Supplier<Optional<String>> trouble,
            Object... annotatedServices)
            throws IOException {
        ServerBuilder builder = Server.builder()
                .childChannelPipelineCustomizer(pipeline -> pipeline.addFirst(connections))
                .http1MaxInitialLineLength(MOST_REQUEST_LINE)
                .http1MaxHeaderSize(MOST_HEADER_BYTES)
                .http2MaxHeaderListSize(MOST_HEADER_BYTES)
                .maxRequestLength(Endpoint.MOST_BODY)
                .requestTimeout(REQUEST_TIMEOUT)
                .idleTimeout(HttpConnections.IDLE)
                .gracefulShutdownTimeout(Duration.ZERO, GRACE)
                .disableServerHeader()
                .disableDateHeader()
                .verboseResponses(false)
                .errorHandler(new SilentErrors())
                .decorator(gate)
                .decorator((service, context, request) -> secured(gate.isOpen(), service, context, request))
                .decorator(connections::serve)
                .service("/healthz", (context, request) -> health(trouble.get()))
                .service("/metrics", (context, request) -> HttpResponse.of(HttpStatus.OK, METRICS, metrics.get()));
        if (tls.isPresent()) {
            builder.https(address)
                    .tlsProvider(
                            HttpTls.of(tls.get(), TlsContext.REFRESH),
                            clients(tls.get().path()));
        } else {
            builder.http(address);
        }
        for (Object service : annotatedServices) {
            // What a request states as its length is held against this, before it is known for which of the places it
            // is.
            builder.annotatedService()
                    .maxRequestLength(Endpoint.MOST_BODY_ANYWHERE)
                    .build(service);
        }
        HttpEdge edge = new HttpEdge(builder.build());
        try {
            edge.server.start().join();
        } catch (CompletionException failure) {
            Throwable cause = failure.getCause() == null ? failure : failure.getCause();
            edge.close();
            throw new IOException(
                    "expected to listen on %s:%d, found that this cannot be had: %s"
                            .formatted(address.getHostString(), address.getPort(), cause.getMessage()),
                    cause);
        }
        return edge;
    }

    /** Whether clients are asked for certificates: one that has none, or none that is asked for, comes with a token. */
    private static ServerTlsConfig clients(Path directory) throws IOException {
        ServerTlsConfigBuilder builder = ServerTlsConfig.builder();
        SenderCertificates.in(directory, System::nanoTime)
                .ifPresent(senders -> builder.clientAuth(ClientAuth.OPTIONAL)
                        .tlsCustomizer(context -> context.trustManager(senders)));
        return builder.build();
    }

    private static HttpResponse secured(
            boolean isOpen, HttpService service, ServiceRequestContext context, HttpRequest request) throws Exception {
        // A page in a browser on this machine could have its own name resolve to loopback, and read what is served
        // here without a token.
        String host = request.authority();
        if (isOpen && (host == null || !LOOPBACK.matcher(host).matches())) {
            return HttpResponse.of(
                    HttpStatus.MISDIRECTED_REQUEST,
                    MediaType.PLAIN_TEXT_UTF_8,
                    "expected a request to a loopback address or localhost\n");
        }
        // Of a body that nobody takes yet, as its caller is not known, only what fits into the connection's buffer is
        // read.
        Endpoint.at(context.config().route().patternString())
                .ifPresent(endpoint -> context.setMaxRequestLength(endpoint.mostBody()));
        context.mutateAdditionalResponseHeaders(
                headers -> headers.set(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff")
                        .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                        .set(HttpHeaderNames.X_FRAME_OPTIONS, "DENY")
                        .set(HttpHeaderNames.REFERRER_POLICY, "no-referrer")
                        .set(HttpHeaderNames.CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"));
        return service.serve(context, request);
    }

    private static HttpResponse health(Optional<String> trouble) {
        return trouble.map(sentence ->
                        HttpResponse.of(HttpStatus.SERVICE_UNAVAILABLE, MediaType.PLAIN_TEXT_UTF_8, sentence + "\n"))
                .orElseGet(() -> HttpResponse.of(HttpStatus.OK, MediaType.PLAIN_TEXT_UTF_8, "ok\n"));
    }

    /** What goes wrong inside is for the log; the caller is told that it did. */
    private static final class SilentErrors implements ServerErrorHandler {
        @Override
        public @Nullable HttpResponse onServiceException(ServiceRequestContext context, Throwable cause) {
            if (cause instanceof HttpStatusException || cause instanceof IllegalArgumentException) {
                return null;
            }
            LOG.error("A request for {} failed.", context.path(), cause);
            return HttpResponse.of(
                    HttpStatus.INTERNAL_SERVER_ERROR, MediaType.PLAIN_TEXT_UTF_8, "the request failed here\n");
        }
    }

    /** The port that is listened on. */
    public int port() {
        return server.activeLocalPort();
    }

    /**
     * Takes no more requests, and breaks those off that take longer than a moment. The thread that accepted connections
     * ends two seconds later, after which nothing waits (Netty's quiet period).
     */
    @Override
    public void close() {
        CompletableFuture<Void> patience = new CompletableFuture<>();
        patience.completeOnTimeout(null, GRACE.toMillis(), TimeUnit.MILLISECONDS);
        CompletableFuture.anyOf(server.stop(), patience).join();
    }
}
