package io.kiroku.cli.cluster;

import com.linecorp.armeria.common.websocket.WebSocketFrame;
import com.linecorp.armeria.common.websocket.WebSocketFrameType;
import com.linecorp.armeria.common.websocket.WebSocketWriter;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/** A port forward that is passed on to another server, message for message. */
final class PassedForward implements WebSocket.Listener, Subscriber<WebSocketFrame> {
    private final WebSocketWriter out;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private @Nullable WebSocket there;
    private CompletableFuture<WebSocket> sent = new CompletableFuture<>();

    private PassedForward(WebSocketWriter out) {
        this.out = out;
    }

    static void start(URI url, com.linecorp.armeria.common.websocket.WebSocket in, WebSocketWriter out) {
        PassedForward forward = new PassedForward(out);
        try {
            forward.there = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .subprotocols("v4.channel.k8s.io")
                    .buildAsync(url, forward)
                    .join();
            forward.sent.complete(forward.there);
            in.subscribe(forward);
        } catch (CompletionException refused) {
            out.close(refused);
        }
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer bytes, boolean last) {
        byte[] part = new byte[bytes.remaining()];
        bytes.get(part);
        message.writeBytes(part);
        if (last) {
            var _ = out.tryWrite(WebSocketFrame.ofBinary(message.toByteArray()));
            message.reset();
        }
        socket.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
        out.close();
        return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable failure) {
        out.close();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(WebSocketFrame frame) {
        if (frame.type() == WebSocketFrameType.BINARY) {
            byte[] bytes = frame.array();
            sent = sent.thenCompose(socket -> socket.sendBinary(ByteBuffer.wrap(bytes), true));
        }
    }

    @Override
    public void onError(Throwable failure) {
        end();
    }

    @Override
    public void onComplete() {
        end();
    }

    private void end() {
        if (there != null) {
            there.abort();
        }
    }
}
