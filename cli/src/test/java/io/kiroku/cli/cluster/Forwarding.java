package io.kiroku.cli.cluster;

import com.linecorp.armeria.common.websocket.CloseWebSocketFrame;
import com.linecorp.armeria.common.websocket.WebSocket;
import com.linecorp.armeria.common.websocket.WebSocketFrame;
import com.linecorp.armeria.common.websocket.WebSocketFrameType;
import com.linecorp.armeria.common.websocket.WebSocketWriter;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.websocket.WebSocketServiceHandler;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * A kubelet's end of port forwards by WebSocket, protocol {@code v4.channel.k8s.io}, that really leads to ports of loopback; or passes
 * them on to somebody who is such an end, as API server and kubelet do.
 */
final class Forwarding implements WebSocketServiceHandler, AutoCloseable {
    private static final int SLICE = 8 << 10;

    private final Map<Integer, Integer> ports = new ConcurrentHashMap<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile @Nullable IntFunction<URI> passedTo;

    void lead(int port, int to) {
        ports.put(port, to);
    }

    /** From now on they are passed on to a URL that is asked for each. */
    void passOn(IntFunction<URI> url) {
        passedTo = url;
    }

    int open() {
        return open.size();
    }

    @Override
    public WebSocket handle(ServiceRequestContext context, WebSocket in) {
        WebSocketWriter out = WebSocket.streaming();
        int port = Integer.parseInt(String.valueOf(context.queryParam("ports")));
        IntFunction<URI> another = passedTo;
        if (another != null) {
            Thread.ofVirtual().start(() -> PassedForward.start(another.apply(port), in, out));
            return out;
        }
        // Each channel begins with the port, the smaller byte first.
        for (byte channel = 0; channel < 2; channel++) {
            out.write(WebSocketFrame.ofBinary(new byte[] {channel, (byte) port, (byte) (port >> 8)}));
        }
        Thread.ofVirtual().start(() -> carry(port, in, out));
        return out;
    }

    private void carry(int port, WebSocket in, WebSocketWriter out) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), ports.getOrDefault(port, 1))) {
            open.add(socket);
            try {
                in.subscribe(new ToSocket(socket));
                InputStream bytes = socket.getInputStream();
                byte[] slice = new byte[SLICE];
                for (int read = bytes.read(slice, 1, SLICE - 1); read >= 0; read = bytes.read(slice, 1, SLICE - 1)) {
                    byte[] message = new byte[read + 1];
                    System.arraycopy(slice, 1, message, 1, read);
                    out.write(WebSocketFrame.ofBinary(message));
                    out.whenConsumed().join();
                }
            } finally {
                open.remove(socket);
            }
        } catch (IOException failure) {
            byte[] why = "\u0001cannot forward port %d: %s"
                    .formatted(port, failure.getMessage())
                    .getBytes(StandardCharsets.UTF_8);
            var _ = out.tryWrite(WebSocketFrame.ofBinary(why));
        } finally {
            out.close();
        }
    }

    @Override
    public void close() {
        for (Socket socket : open) {
            end(socket);
        }
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException closing) {
            // It is closed then.
        }
    }

    /** What the client sends. */
    private static final class ToSocket implements Subscriber<WebSocketFrame> {
        private final Socket socket;
        private boolean within;

        ToSocket(Socket socket) {
            this.socket = socket;
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(WebSocketFrame frame) {
            if (frame instanceof CloseWebSocketFrame) {
                end(socket);
                return;
            }
            if (frame.type() != WebSocketFrameType.BINARY && frame.type() != WebSocketFrameType.CONTINUATION) {
                return;
            }
            byte[] bytes = frame.array();
            int skip = within ? 0 : 1;
            within = !frame.isFinalFragment();
            try {
                socket.getOutputStream().write(bytes, skip, bytes.length - skip);
            } catch (IOException gone) {
                end(socket);
            }
        }

        @Override
        public void onError(Throwable failure) {
            end(socket);
        }

        @Override
        public void onComplete() {
            end(socket);
        }
    }
}
