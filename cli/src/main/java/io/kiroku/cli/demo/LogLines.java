package io.kiroku.cli.demo;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/**
 * Lines such as services write, the same for the same seed: requests as a web server notes them, JSON objects, stack
 * traces over several lines, plain text in several scripts, and now and then a line of some tens of kilobytes.
 */
public final class LogLines {
    /** No line has more bytes. */
    public static final int MOST_LINE = 80 << 10;

    private static final int LONG_LINE = 20 << 10;

    private static final byte[] HEX = bytes("0123456789abcdef");
    private static final byte[][] METHODS = all("GET", "GET", "GET", "GET", "POST", "PUT", "DELETE", "HEAD");
    private static final byte[][] PATHS = all(
            "/api/v1/orders/",
            "/api/v1/customers/",
            "/static/app.",
            "/healthz?probe=",
            "/api/v2/search?q=",
            "/cart/",
            "/checkout/step/",
            "/images/product-");
    private static final byte[][] STATUS = all("200", "200", "200", "200", "200", "304", "404", "500", "503");
    private static final byte[][] AGENTS = all(
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)",
            "kube-probe/1.32",
            "Go-http-client/2.0",
            "okhttp/4.12.0");
    private static final byte[][] LOGGERS = all(
            "io.shop.checkout.PaymentService",
            "io.shop.cart.CartController",
            "io.shop.stock.Reservations",
            "org.hikari.pool.HikariPool",
            "io.shop.mail.Outbox");
    private static final byte[][] MESSAGES = all(
            "payment authorised",
            "cart updated",
            "stock reserved",
            "connection acquired from pool",
            "retrying after timeout",
            "message handed to the broker",
            "cache miss, loading from the database");
    private static final byte[][] LEVELS = all("info", "info", "info", "info", "debug", "warn", "error");
    private static final byte[][] EXCEPTIONS = all(
            "java.lang.IllegalStateException: reservation expired",
            "java.util.concurrent.TimeoutException: no answer from the payment provider",
            "java.sql.SQLTransientConnectionException: pool exhausted",
            "java.lang.NullPointerException: Cannot invoke \"Order.total()\" because \"order\" is null");
    private static final byte[][] FRAMES = all(
            "\tat io.shop.checkout.PaymentService.authorise(PaymentService.java:",
            "\tat io.shop.checkout.CheckoutController.submit(CheckoutController.java:",
            "\tat java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:",
            "\tat org.springframework.web.servlet.DispatcherServlet.doDispatch(DispatcherServlet.java:",
            "\tat io.netty.channel.AbstractChannelHandlerContext.fireChannelRead(AbstractChannelHandlerContext.java:",
            "\tat io.shop.stock.Reservations.lambda$expire$3(Reservations.java:");
    private static final byte[][] TEXTS = all(
            "Bestellung bestätigt, Größe L, Straße 17, Übergabe an DHL, Nummer ",
            "注文を受け付けました。番号 ",
            "заказ принят, номер ",
            "commande reçue, référence ",
            "¡pedido enviado! número ",
            "order shipped 📦 ✓ number ");

    private static final byte[] ACCESS_DATE = bytes(" - - [23/Nov/2026:10:1");
    private static final byte[] ACCESS_ZONE = bytes(" +0000] \"");
    private static final byte[] ACCESS_HTTP = bytes(" HTTP/1.1\" ");
    private static final byte[] ACCESS_REFERER = bytes(" \"-\" \"");
    private static final byte[] ACCESS_REQUEST = bytes("\" rt=0.");
    private static final byte[] ACCESS_ID = bytes(" req=");
    private static final byte[] JSON_LEVEL = bytes("{\"level\":\"");
    private static final byte[] JSON_LOGGER = bytes("\",\"logger\":\"");
    private static final byte[] JSON_THREAD = bytes("\",\"thread\":\"http-nio-8080-exec-");
    private static final byte[] JSON_MESSAGE = bytes("\",\"msg\":\"");
    private static final byte[] JSON_ORDER = bytes("\",\"order\":\"A-");
    private static final byte[] JSON_AMOUNT = bytes("\",\"amount_cents\":");
    private static final byte[] JSON_TRACE = bytes(",\"trace_id\":\"");
    private static final byte[] JSON_TOOK = bytes("\",\"took_ms\":");
    private static final byte[] ERROR_IN = bytes("ERROR [");
    private static final byte[] ERROR_SPACE = bytes("] ");
    private static final byte[] DUMP = bytes("request body was: ");

    /** Requests under way, and clients that come back: real identifiers occur several times. */
    private static final int REQUESTS = 64;

    private static final int CLIENTS = 256;

    private final SplittableRandom random;
    private final long[] requests = new long[REQUESTS];
    private final int[] clients = new int[CLIENTS];
    private int framesLeft;

    public LogLines(long seed) {
        this.random = new SplittableRandom(seed);
        for (int i = 0; i < REQUESTS; i++) {
            requests[i] = random.nextLong();
        }
        for (int i = 0; i < CLIENTS; i++) {
            clients[i] = random.nextInt();
        }
    }

    /** Appends the next line without a newline, at most {@link #MOST_LINE} bytes, and says where a service puts it. */
    public StdStream next(ByteBuffer out) {
        if (framesLeft > 0) {
            framesLeft--;
            out.put(pick(FRAMES));
            number(out, random.nextInt(20, 900));
            out.put((byte) ')');
            return StdStream.STDERR;
        }
        int kind = random.nextInt(4000);
        if (kind < 2200) {
            access(out);
        } else if (kind < 3700) {
            json(out);
        } else if (kind < 3760) {
            out.put(ERROR_IN).put(pick(LOGGERS)).put(ERROR_SPACE).put(pick(EXCEPTIONS));
            framesLeft = random.nextInt(6, 30);
            return StdStream.STDERR;
        } else if (kind < 3999) {
            out.put(pick(TEXTS));
            number(out, random.nextInt(1_000_000));
        } else {
            dump(out);
        }
        return StdStream.STDOUT;
    }

    private void access(ByteBuffer out) {
        out.put((byte) '1').put((byte) '0').put((byte) '.');
        int client = clients[random.nextInt(CLIENTS)];
        number(out, client & 3);
        out.put((byte) '.');
        number(out, client >>> 8 & 255);
        out.put((byte) '.');
        number(out, client >>> 16 & 255);
        out.put(ACCESS_DATE);
        number(out, random.nextInt(10));
        out.put((byte) ':');
        number(out, random.nextInt(10, 60));
        out.put(ACCESS_ZONE).put(pick(METHODS)).put((byte) ' ').put(pick(PATHS));
        number(out, random.nextInt(100_000));
        out.put(ACCESS_HTTP).put(pick(STATUS)).put((byte) ' ');
        number(out, random.nextInt(200, 60_000));
        out.put(ACCESS_REFERER).put(pick(AGENTS)).put(ACCESS_REQUEST);
        number(out, random.nextInt(100, 1000));
        out.put(ACCESS_ID);
        hex(out, request());
    }

    private void json(ByteBuffer out) {
        out.put(JSON_LEVEL)
                .put(pick(LEVELS))
                .put(JSON_LOGGER)
                .put(pick(LOGGERS))
                .put(JSON_THREAD);
        number(out, random.nextInt(1, 64));
        out.put(JSON_MESSAGE).put(pick(MESSAGES)).put(JSON_ORDER);
        number(out, random.nextInt(1_000_000));
        out.put(JSON_AMOUNT);
        number(out, random.nextInt(100, 500_000));
        out.put(JSON_TRACE);
        long trace = request();
        hex(out, trace);
        hex(out, ~trace);
        out.put(JSON_TOOK);
        number(out, random.nextInt(2000));
        out.put((byte) '}');
    }

    /** A body that somebody logs whole: many objects in one line. */
    private void dump(ByteBuffer out) {
        int end = out.position() + random.nextInt(LONG_LINE, MOST_LINE - 1000);
        out.put(DUMP);
        while (out.position() < end) {
            json(out);
            out.put((byte) ',');
        }
    }

    private byte[] pick(byte[][] choices) {
        return choices[random.nextInt(choices.length)];
    }

    /** One of the requests under way; now and then one of them has ended and another begins. */
    private long request() {
        int slot = random.nextInt(REQUESTS);
        if (random.nextInt(4) == 0) {
            requests[slot] = random.nextLong();
        }
        return requests[slot];
    }

    private static void hex(ByteBuffer out, long word) {
        for (int shift = 60; shift >= 0; shift -= 4) {
            out.put(HEX[(int) (word >>> shift) & 15]);
        }
    }

    private static void number(ByteBuffer out, int value) {
        int digits = 1;
        for (int rest = value; rest >= 10; rest /= 10) {
            digits++;
        }
        int at = out.position();
        int rest = value;
        for (int i = digits - 1; i >= 0; i--) {
            out.put(at + i, (byte) ('0' + rest % 10));
            rest /= 10;
        }
        out.position(at + digits);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[][] all(String... texts) {
        byte[][] all = new byte[texts.length][];
        for (int i = 0; i < texts.length; i++) {
            all[i] = bytes(texts[i]);
        }
        return all;
    }
}
