package io.kiroku.collector.access;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.logging.RequestLog;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where it is known who calls, where he is let in or not, and where calls are written down: before the first byte
 * of an answer and at its end. What cannot be written down is not answered. Which place takes what stands in {@link Endpoint}.
 */
public final class Gate implements DecoratingHttpServiceFunction {
    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);
    private static final String BEARER = "bearer ";

    private static final Rights SENDING =
            new Grants(List.of(new Grants.Grant(Set.of(Role.SENDER), Scope.parse(Scope.EVERYWHERE))));

    private final List<Voucher> vouchers;
    private final boolean publicLog;
    private final CustodySink custody;
    private final InstantSource clock;
    private final CallerLimits limits;
    private final CallerLimits sending;

    private Gate(
            List<Voucher> vouchers,
            boolean publicLog,
            CustodySink custody,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.vouchers = List.copyOf(vouchers);
        this.publicLog = publicLog;
        this.custody = custody;
        this.clock = clock;
        this.limits = new CallerLimits(CallerLimits.AT_ONCE, CallerLimits.PER_MINUTE, nanoTime);
        this.sending = new CallerLimits(CallerLimits.SENDING_AT_ONCE, CallerLimits.SENDING_PER_MINUTE, nanoTime);
    }

    /** Everybody is let in, and has all rights: for who cannot be reached from another machine. */
    public static Gate open(CustodySink custody, InstantSource clock) {
        return new Gate(List.of(), true, custody, clock, System::nanoTime);
    }

    /**
     * Whoever has a token that somebody vouches for is let in, to what he may.
     *
     * @param vouchers at least one; the first that a token concerns is asked
     * @param publicLog whether the transparency log is for everybody
     */
    public static Gate guarded(
            List<Voucher> vouchers,
            boolean publicLog,
            CustodySink custody,
            InstantSource clock,
            LongSupplier nanoTime) {
        if (vouchers.isEmpty()) {
            throw new IllegalArgumentException("expected somebody who knows callers");
        }
        return new Gate(vouchers, publicLog, custody, clock, nanoTime);
    }

    /** Whether everybody is let in. */
    public boolean isOpen() {
        return vouchers.isEmpty();
    }

    /** Why a call is not let in. */
    private record Refusal(HttpStatus status, String sentence) {
        private HttpResponse response() {
            ResponseHeaders headers = ResponseHeaders.builder(status)
                    .contentType(MediaType.JSON_UTF_8)
                    .build();
            if (status.equals(HttpStatus.UNAUTHORIZED)) {
                headers = headers.withMutations(mutable -> mutable.set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer"));
            }
            String json =
                    JsonNodeFactory.instance.objectNode().put("error", sentence).toString();
            return HttpResponse.of(headers, HttpData.ofUtf8(json));
        }
    }

    @Override
    public HttpResponse serve(HttpService delegate, ServiceRequestContext context, HttpRequest request)
            throws Exception {
        // By the route and not by the path: so nobody can write a path that is one thing here and another there.
        Optional<Endpoint> endpoint = Endpoint.at(context.config().route().patternString());
        if (isFree(endpoint)) {
            return delegate.serve(context, request);
        }
        Optional<String> token = bearer(request);
        if (!isOpen() && token.isEmpty() && sender(endpoint, context).isEmpty()) {
            return new Refusal(
                            HttpStatus.UNAUTHORIZED,
                            "expected a bearer token in the header Authorization, found none; without one a collector"
                                    + " tells whether it is healthy, and nothing else")
                    .response();
        }
        return HttpResponse.of(CompletableFuture.supplyAsync(
                        () -> check(endpoint, token, context, request), context.blockingTaskExecutor())
                .thenApplyAsync(
                        refusal -> refusal.map(Refusal::response).orElseGet(() -> pass(delegate, context, request)),
                        context.eventLoop()));
    }

    private boolean isFree(Optional<Endpoint> endpoint) {
        if (endpoint.isEmpty()) {
            return isOpen();
        }
        Optional<Permission> permission = endpoint.get().permission();
        return permission.isEmpty()
                || (publicLog && permission.get() == Permission.PROOFS)
                || (isOpen() && !endpoint.get().inCustody());
    }

    private static Optional<String> bearer(HttpRequest request) {
        String header = request.headers().get(HttpHeaderNames.AUTHORIZATION, "");
        return header.toLowerCase(Locale.ROOT).startsWith(BEARER)
                ? Optional.of(header.substring(BEARER.length()).strip())
                : Optional.empty();
    }

    private static HttpResponse pass(HttpService delegate, ServiceRequestContext context, HttpRequest request) {
        try {
            return delegate.serve(context, request);
        } catch (Exception failure) {
            return HttpResponse.ofFailure(failure);
        }
    }

    /** Why the call is not let in; empty if it is. */
    private Optional<Refusal> check(
            Optional<Endpoint> endpoint, Optional<String> token, ServiceRequestContext context, HttpRequest request) {
        try {
            Caller caller = isOpen() ? Caller.LOCAL : caller(endpoint, token, context);
            String key = caller.voucher() + " " + caller.name();
            if (!isOpen()) {
                CallerLimits share = endpoint.map(Gate::isSending).orElse(false) ? sending : limits;
                Optional<String> full = share.take(key);
                if (full.isPresent()) {
                    return Optional.of(new Refusal(HttpStatus.TOO_MANY_REQUESTS, full.get()));
                }
                context.log().whenComplete().thenAccept(_ -> share.release(key));
            }
            // A place that was mounted and forgotten in the table is closed.
            return endpoint.isEmpty()
                    ? Optional.of(new Refusal(HttpStatus.NOT_FOUND, "there is no such place"))
                    : enter(caller, endpoint.get(), context, request);
        } catch (RefusedTokenException refused) {
            return Optional.of(new Refusal(HttpStatus.UNAUTHORIZED, String.valueOf(refused.getMessage())));
        } catch (AccessUnavailableException unavailable) {
            return Optional.of(new Refusal(HttpStatus.SERVICE_UNAVAILABLE, String.valueOf(unavailable.getMessage())));
        } catch (IOException unkept) {
            LOG.error("A call was refused because it cannot be written into the custody log: {}.", unkept.toString());
            return Optional.of(new Refusal(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "the collector cannot write down that this was asked, and therefore does not answer: see its log"));
        } catch (IllegalArgumentException misuse) {
            return Optional.of(new Refusal(HttpStatus.BAD_REQUEST, String.valueOf(misuse.getMessage())));
        }
    }

    private static boolean isSending(Endpoint endpoint) {
        return endpoint.permission().equals(Optional.of(Permission.SEND_AUDIT));
    }

    private Optional<Refusal> enter(
            Caller caller, Endpoint endpoint, ServiceRequestContext context, HttpRequest request) throws IOException {
        Call call = new Call(caller, endpoint, context, request);
        Permission permission = endpoint.permission().orElseThrow();
        if (!caller.rights().may(permission)) {
            if (endpoint.inCustody()) {
                custody.take(call.refused(clock.instant(), HttpStatus.FORBIDDEN.code()));
            }
            return Optional.of(new Refusal(
                    HttpStatus.FORBIDDEN,
                    "%s (%s) may not ask for %s: that takes one of the roles %s"
                            .formatted(caller.name(), caller.voucher(), endpoint.action(), Role.allowing(permission))));
        }
        if (endpoint.inCustody()) {
            custody.take(call.begun(clock.instant()));
            context.log().whenComplete().thenAccept(log -> end(call, log, context));
        }
        call.attach(context);
        return Optional.empty();
    }

    /** Who shows himself by a certificate that the connection has let pass: he may send, and nothing else. */
    private static Optional<Caller> sender(Optional<Endpoint> endpoint, ServiceRequestContext context) {
        SSLSession session = context.sslSession();
        if (session == null || !endpoint.map(Gate::isSending).orElse(false)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Caller(session.getPeerPrincipal().getName(), "certificate", SENDING));
        } catch (SSLPeerUnverifiedException none) {
            return Optional.empty();
        }
    }

    private Caller caller(Optional<Endpoint> endpoint, Optional<String> token, ServiceRequestContext context)
            throws RefusedTokenException {
        if (token.isPresent()) {
            return caller(token.get());
        }
        return sender(endpoint, context).orElseThrow(() -> new RefusedTokenException("there is no token"));
    }

    private Caller caller(String token) throws RefusedTokenException {
        for (Voucher voucher : vouchers) {
            if (voucher.concerns(token)) {
                return voucher.caller(token);
            }
        }
        throw new RefusedTokenException("nobody whom the collector trusts makes tokens like this one");
    }

    private void end(Call call, RequestLog log, ServiceRequestContext context) {
        try {
            context.blockingTaskExecutor().execute(() -> {
                try {
                    custody.take(call.ended(clock.instant(), log));
                } catch (IOException unkept) {
                    // The answer is gone. The next call finds out by itself.
                    LOG.error("The end of a call cannot be written into the custody log: {}.", unkept.toString());
                }
            });
        } catch (RejectedExecutionException closing) {
            LOG.warn("The collector ends before the end of a call is in the custody log.");
        }
    }
}
