package io.kiroku.collector.serve;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.logging.RequestLogProperty;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.kiroku.collector.ingest.LogLimit;
import io.kiroku.collector.ingest.OpenFiles;
import io.kiroku.collector.ingest.Places;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of the HTTP edge: how many there are, in all and of an address, and how long one may stay on which nothing is
 * asked. A byte now and then, or half a request, keeps none open.
 */
@Sharable
public final class HttpConnections extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(HttpConnections.class);
    private static final AttributeKey<Use> USE = AttributeKey.valueOf(HttpConnections.class, "use");

    private static final int MOST = OpenFiles.share(1_000, 10);
    private static final int MOST_OF_AN_ADDRESS = 250;

    /** From the opening to the end of the first request's head, with the TLS handshake. */
    private static final Duration FIRST = Duration.ofSeconds(10);

    /** From the end of the last answer to the end of the next request's head. */
    static final Duration IDLE = Duration.ofSeconds(60);

    private final LongSupplier nanoTime;
    private final LogLimit log;
    private final Places<Channel> places = new Places<>(MOST, MOST_OF_AN_ADDRESS, this::displaced);

    /** What goes on on a connection. */
    private static final class Use {
        private int answering;
        private boolean asked;
        private long quietSince;

        private Use(long now) {
            quietSince = now;
        }

        private synchronized void begin() {
            answering++;
            asked = true;
        }

        /** True if nothing is being answered any more. */
        private synchronized boolean end(long now) {
            quietSince = now;
            return --answering == 0;
        }

        /** How long it may stay as it is, in nanoseconds; 0 or less if it may not. */
        private synchronized long left(long now) {
            long patience = (asked ? IDLE : FIRST).toNanos();
            return answering > 0 ? patience : patience - (now - quietSince);
        }
    }

    /** @param nanoTime for time-outs */
    public HttpConnections(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.log = new LogLimit(nanoTime);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        Channel channel = context.channel();
        if (!places.enter(channel, channel.remoteAddress())) {
            log.say(
                    LOG,
                    "%s: closed: expected at most %d connections for HTTP, and %d of an address, found one more"
                            .formatted(channel.remoteAddress(), MOST, MOST_OF_AN_ADDRESS));
            channel.close();
            return;
        }
        channel.closeFuture().addListener(_ -> places.leave(channel));
        Use use = new Use(nanoTime.getAsLong());
        channel.attr(USE).set(use);
        watch(channel, use);
    }

    private void displaced(Channel channel) {
        log.say(LOG, "%s: closed: it asks nothing, and its place is needed".formatted(channel.remoteAddress()));
        channel.close();
    }

    private void watch(Channel channel, Use use) {
        long left = use.left(nanoTime.getAsLong());
        if (left <= 0) {
            channel.close();
        } else if (channel.isOpen()) {
            channel.eventLoop().schedule(() -> watch(channel, use), left, TimeUnit.NANOSECONDS);
        }
    }

    /** Passes a request on; until it is answered its connection is in use. */
    HttpResponse serve(HttpService service, ServiceRequestContext context, HttpRequest request) throws Exception {
        @Nullable
        Channel channel =
                context.log().ensureAvailable(RequestLogProperty.SESSION).channel();
        @Nullable Use use = channel == null ? null : channel.attr(USE).get();
        if (channel != null && use != null) {
            use.begin();
            places.engage(channel);
            context.log().whenComplete().thenRun(() -> {
                if (use.end(nanoTime.getAsLong())) {
                    places.disengage(channel);
                }
            });
        }
        return service.serve(context, request);
    }

    /** Those that are open. */
    int open() {
        return places.taken();
    }

    /** Those for which there was no place, or whose place was needed, since the start. */
    long turnedAway() {
        return places.turnedAway();
    }
}
