package io.kiroku.collector.cluster.watch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * As much of an API server as lists and watches are: objects by path, pages, places in a history that can be forgotten (410 Gone), and
 * an end of everything without a word. Watches are plain HTTP.
 */
final class PretendApiServer implements AutoCloseable {
    static final String PODS = "/api/v1/pods";
    static final String EVENTS = "/apis/events.k8s.io/v1/events";
    static final String OLDER_EVENTS = "/api/v1/events";
    static final String REPLICA_SETS = "/apis/apps/v1/replicasets";
    static final String JOBS = "/apis/batch/v1/jobs";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** A change: what a watch tells. */
    private record Change(long version, String path, String type, ObjectNode object) {}

    /** What was there when a listing began. */
    private record Listing(long version, List<ObjectNode> objects) {}

    private final Map<String, Map<String, ObjectNode>> objects = new HashMap<>();
    private final Map<String, Listing> listings = new HashMap<>();
    private final List<Change> history = new ArrayList<>();
    private final Map<String, Integer> lists = new ConcurrentHashMap<>();
    private final Set<OutputStream> watches = ConcurrentHashMap.newKeySet();
    private final Set<String> unknown = ConcurrentHashMap.newKeySet();
    private HttpServer server;
    private ExecutorService threads;
    private int port;
    private long version = 1;
    private long forgotten = 1;
    private long cuts;

    PretendApiServer() throws IOException {
        for (String path : List.of(PODS, EVENTS, OLDER_EVENTS, REPLICA_SETS, JOBS)) {
            objects.put(path, new LinkedHashMap<>());
        }
        start();
    }

    /** Listens, after {@link #stop} on the same port. */
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 64);
        port = server.getAddress().getPort();
        threads = Executors.newVirtualThreadPerTaskExecutor();
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    /** Is away: connections are cut and none is taken. */
    void stop() {
        cut();
        server.stop(0);
        threads.shutdownNow();
    }

    /** Ends all watches. */
    synchronized void cut() {
        cuts++;
        notifyAll();
    }

    String url() {
        return "http://127.0.0.1:" + port + "/";
    }

    /** Answers as if there were no such kind. */
    void doesNotKnow(String path) {
        unknown.add(path);
    }

    /** How often all objects of a path were listed. */
    int lists(String path) {
        return lists.getOrDefault(path, 0);
    }

    /** How many watches are open. */
    int watches() {
        return watches.size();
    }

    /** Puts an object there, or in the place of the one with its namespace and name. */
    synchronized void put(String path, String json) throws IOException {
        ObjectNode object = (ObjectNode) MAPPER.readTree(json);
        version++;
        ((ObjectNode) object.path("metadata")).put("resourceVersion", Long.toString(version));
        ObjectNode before = objects.get(path).put(key(object), object);
        tell(new Change(version, path, before == null ? "ADDED" : "MODIFIED", object));
    }

    synchronized void delete(String path, String namespace, String name) {
        version++;
        ObjectNode object = objects.get(path).remove(namespace + "/" + name);
        ObjectNode last = object.deepCopy();
        ((ObjectNode) last.path("metadata")).put("resourceVersion", Long.toString(version));
        tell(new Change(version, path, "DELETED", last));
    }

    /** Keeps memory in bounds where much happens: changes that every watch has been told are forgotten. */
    synchronized void trim(int most) {
        if (history.size() > most) {
            history.subList(0, history.size() - most).clear();
            forgotten = history.getFirst().version() - 1;
        }
    }

    private void tell(Change change) {
        history.add(change);
        notifyAll();
    }

    private static String key(JsonNode object) {
        JsonNode meta = object.path("metadata");
        return meta.path("namespace").asText() + "/" + meta.path("name").asText();
    }

    /** Does not know any more what happened until now: whoever watches from an earlier place is told that it is gone. */
    synchronized void forget() {
        history.clear();
        forgotten = version;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
            if (!objects.containsKey(path) || unknown.contains(path)) {
                send(exchange, 404, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":404}");
            } else if (!query.getOrDefault("watch", "").equals("true")) {
                send(exchange, 200, list(path, query));
            } else if (exchange.getRequestHeaders().containsKey("Upgrade")) {
                // Said of a WebSocket, this has the client take plain HTTP.
                send(exchange, 200, "");
            } else {
                watch(
                        exchange,
                        path,
                        Long.parseLong(query.get("resourceVersion")),
                        Long.parseLong(query.get("timeoutSeconds")));
            }
        }
    }

    private static Map<String, String> query(String raw) {
        Map<String, String> query = new HashMap<>();
        for (String part : raw == null ? new String[0] : raw.split("&")) {
            int equals = part.indexOf('=');
            query.put(part.substring(0, equals), URLDecoder.decode(part.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return query;
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** A page. All pages of a listing are of the moment of the first. */
    private synchronized String list(String path, Map<String, String> query) {
        String place = query.getOrDefault("continue", "");
        int limit = Integer.parseInt(query.getOrDefault("limit", "1000000"));
        int from = 0;
        Listing listing;
        if (place.isEmpty()) {
            listing = new Listing(version, List.copyOf(objects.get(path).values()));
        } else {
            listing = listings.get(place.substring(0, place.indexOf('-')));
            from = Integer.parseInt(place.substring(place.indexOf('-') + 1));
        }
        int to = Math.min(listing.objects().size(), from + limit);
        ObjectNode list = JsonNodeFactory.instance.objectNode();
        list.put("kind", "List");
        list.put("apiVersion", "v1");
        ObjectNode meta = list.putObject("metadata");
        meta.put("resourceVersion", Long.toString(listing.version()));
        if (to < listing.objects().size()) {
            String number = place.isEmpty() ? Integer.toString(listings.size()) : place.substring(0, place.indexOf('-'));
            listings.put(number, listing);
            meta.put("continue", number + "-" + to);
        } else {
            lists.merge(path, 1, Integer::sum);
        }
        ArrayNode items = list.putArray("items");
        listing.objects().subList(from, to).forEach(items::add);
        return list.toString();
    }

    private void watch(HttpExchange exchange, String path, long from, long seconds) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        watches.add(out);
        try {
            long seen = from;
            long cutsBefore = cuts();
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            // The client takes the answer as begun with its first bytes.
            write(out, bookmark(path, from));
            while (true) {
                List<Change> news = new ArrayList<>();
                boolean gone;
                synchronized (this) {
                    while (seen >= forgotten && cuts == cutsBefore && seen >= version) {
                        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                        if (left <= 0) {
                            return;
                        }
                        wait(left);
                    }
                    if (cuts != cutsBefore) {
                        return;
                    }
                    gone = seen < forgotten;
                    for (int i = history.size() - 1; i >= 0 && history.get(i).version() > seen; i--) {
                        news.addFirst(history.get(i));
                    }
                    seen = version;
                }
                if (gone) {
                    write(out, """
                        {"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure",
                        "reason":"Expired","message":"too old resource version","code":410}}\
                        """.replace("\n", ""));
                    return;
                }
                for (Change change : news) {
                    if (change.path().equals(path)) {
                        write(out, """
                            {"type":"%s","object":%s}\
                            """.formatted(change.type(), change.object()));
                    }
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            watches.remove(out);
        }
    }

    private synchronized long cuts() {
        return cuts;
    }

    private static String bookmark(String path, long version) {
        String kind = Map.of(
                        PODS, "Pod", EVENTS, "Event", OLDER_EVENTS, "Event", REPLICA_SETS, "ReplicaSet", JOBS, "Job")
                .get(path);
        String api = Map.of(
                        PODS,
                        "v1",
                        EVENTS,
                        "events.k8s.io/v1",
                        OLDER_EVENTS,
                        "v1",
                        REPLICA_SETS,
                        "apps/v1",
                        JOBS,
                        "batch/v1")
                .get(path);
        return "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"%s\",\"apiVersion\":\"%s\",\"metadata\":{\"resourceVersion\":\"%d\"}}}"
                .formatted(kind, api, version);
    }

    private static void write(OutputStream out, String line) throws IOException {
        out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    @Override
    public void close() {
        stop();
    }
}
