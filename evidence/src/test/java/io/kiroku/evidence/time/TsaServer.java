package io.kiroku.evidence.time;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;

/** An authority on loopback (RFC 3161, section 3.4), and what goes wrong with one. */
public final class TsaServer implements AutoCloseable {
    /** What an authority makes of a request. */
    public interface Authority {
        byte[] reply(byte[] request) throws Exception;
    }

    private final HttpServer server;
    private final AtomicInteger requests = new AtomicInteger();
    private volatile Authority authority;
    private volatile int status = 200;
    private volatile String contentType = "application/timestamp-reply";

    private TsaServer(HttpServer server, Authority authority) {
        this.server = server;
        this.authority = authority;
    }

    /** Serves the authority on a free port. */
    public static TsaServer start(Authority authority) throws IOException {
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        TsaServer server = new TsaServer(http, authority);
        http.createContext("/tsa", server::answer);
        http.start();
        return server;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            requests.incrementAndGet();
            boolean isQuery = "POST".equals(exchange.getRequestMethod())
                    && "application/timestamp-query"
                            .equals(exchange.getRequestHeaders().getFirst("Content-Type"));
            byte[] request = exchange.getRequestBody().readAllBytes();
            byte[] response = isQuery ? authority.reply(request) : new byte[0];
            exchange.getResponseHeaders().set("Content-Type", contentType);
            exchange.sendResponseHeaders(isQuery ? status : 400, response.length == 0 ? -1 : response.length);
            exchange.getResponseBody().write(response);
        } catch (IOException failure) {
            throw failure;
        } catch (Exception failure) {
            throw new IOException(failure);
        }
    }

    /** Where it is asked. */
    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/tsa");
    }

    /** Requests so far. */
    public int requests() {
        return requests.get();
    }

    /** Another authority from now on. */
    public void serve(Authority other) {
        authority = other;
    }

    /** The HTTP status of all answers from now on. */
    public void answerWith(int httpStatus) {
        status = httpStatus;
    }

    /** The media type of all answers from now on. */
    public void answerAs(String mediaType) {
        contentType = mediaType;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
