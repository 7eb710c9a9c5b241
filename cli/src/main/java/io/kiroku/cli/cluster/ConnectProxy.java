package io.kiroku.cli.cluster;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * An HTTP proxy for this process, on an ephemeral loopback port, that takes CONNECT and nothing else (RFC 9110, 9.3.6). Wherever the
 * client believes to go, the bytes go the one way that the proxy was made for. So the client checks the certificate against the
 * name that it asked for, and not against a loopback address.
 */
final class ConnectProxy implements AutoCloseable {
    /** Connections at once. */
    static final int MOST = 16;

    private static final int MOST_HEAD = 8 << 10;
    private static final int PATIENCE_MILLIS = 10_000;

    /** Where the bytes go. */
    @FunctionalInterface
    interface Way {
        /**
         * Carries one connection's bytes both ways until it ends. Calls {@code open} once the other end is there, before the first byte.
         *
         * @throws IOException if there is no way
         */
        void carry(Socket client, InputStream in, Opened open) throws IOException, InterruptedException;
    }

    /** Tells the client that its tunnel is open. */
    @FunctionalInterface
    interface Opened {
        /** The other end is there. */
        void run() throws IOException;
    }

    private final ServerSocket listener;
    private final Way way;
    private final Semaphore free = new Semaphore(MOST);
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    private ConnectProxy(ServerSocket listener, Way way) {
        this.listener = listener;
        this.way = way;
    }

    static ConnectProxy start(Way way) throws IOException {
        ConnectProxy proxy = new ConnectProxy(new ServerSocket(0, MOST, InetAddress.getLoopbackAddress()), way);
        Thread.ofVirtual().name("connect-proxy").start(proxy::accept);
        return proxy;
    }

    /** Sends a client this way. */
    ProxySelector selector() {
        return ProxySelector.of(new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort()));
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                if (free.tryAcquire()) {
                    open.add(client);
                    Thread.ofVirtual().name("tunnel").start(() -> serve(client));
                } else {
                    client.close();
                }
            } catch (IOException closed) {
                // Closed, or a connection that was gone before it was taken: the loop's condition tells.
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            client.setSoTimeout(PATIENCE_MILLIS);
            InputStream in = new BufferedInputStream(client.getInputStream());
            boolean connects = readHead(in).startsWith("CONNECT ");
            client.setSoTimeout(0);
            if (!connects) {
                answer(client, "405 Method Not Allowed");
                return;
            }
            boolean[] isOpen = new boolean[1];
            try {
                way.carry(client, in, () -> {
                    isOpen[0] = true;
                    answer(client, "200 OK");
                });
            } catch (IOException failure) {
                if (!isOpen[0]) {
                    answer(client, "502 Bad Gateway");
                }
            }
        } catch (IOException gone) {
            // The client is gone: it has what it wanted.
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(client);
            free.release();
        }
    }

    private static String readHead(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < MOST_HEAD && head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                break;
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static void answer(Socket client, String status) throws IOException {
        client.getOutputStream().write("HTTP/1.1 %s\r\n\r\n".formatted(status).getBytes(StandardCharsets.US_ASCII));
    }

    /** Ends all connections. */
    @Override
    public void close() {
        try {
            listener.close();
            for (Socket client : open) {
                client.close();
            }
        } catch (IOException closing) {
            // There is nothing left to be closed then.
        }
    }
}
