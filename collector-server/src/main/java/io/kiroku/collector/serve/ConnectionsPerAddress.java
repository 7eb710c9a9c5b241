package io.kiroku.collector.serve;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes what one address opens beyond its share, so that others find room. */
@Sharable
final class ConnectionsPerAddress extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionsPerAddress.class);

    private final int most;
    private final ConcurrentHashMap<InetAddress, Integer> open = new ConcurrentHashMap<>();

    ConnectionsPerAddress(int most) {
        this.most = most;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        if (!(context.channel().remoteAddress() instanceof InetSocketAddress remote)) {
            return;
        }
        InetAddress address = remote.getAddress();
        int now = open.merge(address, 1, Integer::sum);
        context.channel()
                .closeFuture()
                .addListener(_ -> open.computeIfPresent(address, (_, count) -> count > 1 ? count - 1 : null));
        if (now > most) {
            LOG.debug("{} has {} connections open, and gets no more.", address, most);
            context.close();
        }
    }
}
