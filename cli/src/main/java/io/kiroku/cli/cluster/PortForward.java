package io.kiroku.cli.cluster;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Carries connections to a port of a pod, each over a WebSocket of its own to the API server with subprotocol {@code
 * v4.channel.k8s.io}, which every kubelet speaks: the first byte of a message is its channel, 0 for bytes and 1 for what went wrong,
 * and the first two bytes of a channel towards the client repeat the port.
 */
final class PortForward implements ConnectProxy.Way {
    static final String PROTOCOL = "v4.channel.k8s.io";

    private static final int SLICE = 16 << 10;
    private static final int MOST_ERROR = 4 << 10;
    private static final byte DATA = 0;
    private static final byte ERROR = 1;

    private final ApiServer server;
    private final CollectorService service;
    private final AtomicReference<@Nullable ClusterException> failure = new AtomicReference<>();

    PortForward(ApiServer server, CollectorService service) {
        this.server = server;
        this.service = service;
    }

    /** What went wrong first, if anything did. */
    @Nullable
    ClusterException failure() {
        return failure.get();
    }

    @Override
    public void carry(Socket client, InputStream in, ConnectProxy.Opened open)
            throws IOException, InterruptedException {
        Incoming incoming = new Incoming(client);
        WebSocket socket;
        try {
            socket = server.open(
                            "/api/v1/namespaces/%s/pods/%s/portforward?ports=%d"
                                    .formatted(
                                            CollectorService.encoded(service.namespace()),
                                            CollectorService.encoded(service.pod()),
                                            service.port()),
                            PROTOCOL,
                            incoming)
                    .join();
        } catch (CompletionException failed) {
            ClusterException why = sentence(failed.getCause() == null ? failed : failed.getCause());
            failure.compareAndSet(null, why);
            throw new IOException(why);
        }
        try {
            if (!incoming.begun.await(ApiServer.PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
                incoming.fail("nothing is heard of it");
            }
            if (incoming.error.isEmpty()) {
                open.run();
                incoming.go.countDown();
                send(in, socket);
            }
        } finally {
            incoming.go.countDown();
            socket.abort();
        }
        if (!incoming.error.isEmpty()) {
            throw new EOFException(incoming.error);
        }
    }

    private static void send(InputStream in, WebSocket socket) throws IOException {
        byte[] slice = new byte[SLICE];
        slice[0] = DATA;
        for (int read = in.read(slice, 1, SLICE - 1); read >= 0; read = in.read(slice, 1, SLICE - 1)) {
            try {
                socket.sendBinary(ByteBuffer.wrap(slice, 0, read + 1), true).join();
            } catch (CompletionException closed) {
                throw new EOFException("the connection to the pod has ended");
            }
        }
    }

    private ClusterException sentence(Throwable failed) {
        if (!(failed instanceof WebSocketHandshakeException answered)) {
            return server.away(failed);
        }
        int status = answered.getResponse().statusCode();
        String pod = service.namespace() + "/" + service.pod();
        return switch (status) {
            case 401 -> server.refused();
            case 403 ->
                new ClusterException(
                        "user \"%s\" may not forward ports to pod %s: it takes the verbs get and create for pods/portforward, which the role kiroku-collector-caller has"
                                .formatted(server.context().user().name(), pod));
            case 404 -> new ClusterException("the collector's pod %s is gone: try again".formatted(pod));
            default ->
                new ClusterException("the API server does not forward ports to pod %s: it answered with status %d"
                        .formatted(pod, status));
        };
    }

    /** What comes of the pod. Nothing is asked for while the client has not taken what came before. */
    private final class Incoming implements WebSocket.Listener {
        private final Socket client;
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch go = new CountDownLatch(1);
        private volatile String error = "";
        private final int[] toSkip = {2, 2};
        private int channel = -1;

        Incoming(Socket client) {
            this.client = client;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer bytes, boolean last) {
            try {
                if (channel < 0 && bytes.hasRemaining()) {
                    channel = bytes.get();
                }
                if (channel == DATA || channel == ERROR) {
                    int skipped = Math.min(toSkip[channel], bytes.remaining());
                    bytes.position(bytes.position() + skipped);
                    toSkip[channel] -= skipped;
                    take(bytes);
                }
                if (last) {
                    channel = -1;
                }
                socket.request(1);
            } catch (IOException gone) {
                socket.abort();
            } catch (InterruptedException end) {
                Thread.currentThread().interrupt();
                socket.abort();
            }
            return null;
        }

        private void take(ByteBuffer bytes) throws IOException, InterruptedException {
            if (channel == ERROR) {
                byte[] text = new byte[Math.min(bytes.remaining(), MOST_ERROR)];
                bytes.get(text);
                if (text.length > 0) {
                    // Before the client sees the end, and asks why.
                    fail(new String(text, StandardCharsets.UTF_8));
                    begun.countDown();
                    client.close();
                }
                return;
            }
            // The pod's end has said its port: it is there.
            begun.countDown();
            if (bytes.hasRemaining()) {
                go.await();
                OutputStream out = client.getOutputStream();
                Channels.newChannel(out).write(bytes);
            }
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            end();
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable why) {
            end();
        }

        private void end() {
            begun.countDown();
            try {
                client.close();
            } catch (IOException closing) {
                // It is closed then.
            }
        }

        /** Keeps what the pod's end said. */
        private void fail(String why) {
            error = why;
            failure.compareAndSet(
                    null,
                    new ClusterException("the port %d of pod %s/%s cannot be reached: %s"
                            .formatted(
                                    service.port(),
                                    service.namespace(),
                                    service.pod(),
                                    why.strip().replaceAll("\\s+", " "))));
        }
    }
}
