package io.kiroku.collector.agents;

import io.kiroku.collector.agents.Pin.End;
import io.kiroku.collector.agents.Pin.Reason;
import io.kiroku.collector.store.OwnNode;
import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that nodes are pinned to, in the directory {@code agents} of a collector's data. Each fact is a small file that is
 * made once and never changed, named by the key: {@code KEY.pin} (since when, and which node), {@code KEY.stream} (the stream
 * that is written with it), {@code KEY.end} (when it was revoked or replaced). So the collector that runs and a command beside
 * it can both write without a lock, and nothing that was once so can be forgotten. Used by any thread.
 */
public final class AgentRegister {
    /** Keys ever pinned, at most. */
    static final int MOST_KEYS = 100_000;

    /** Different refusals that are remembered, so that each is said once. */
    private static final int MOST_DENIED = 1_000;

    private static final int MOST_FILE_BYTES = 1_024;
    private static final int MOST_NODE_BYTES = 253;
    private static final Pattern KEY = Pattern.compile("[0-9a-f]{64}");
    private static final Logger LOG = LoggerFactory.getLogger(AgentRegister.class);

    private final Path directory;
    private final InstantSource clock;
    private final Set<String> read = new HashSet<>();
    private final Map<String, Pin> pins = new HashMap<>();
    private final Set<String> denied = new HashSet<>();

    private AgentRegister(Path data, InstantSource clock) {
        this.directory = data.resolve("agents");
        this.clock = clock;
    }

    /**
     * Who may not send.
     *
     * @param sentence why, without its full stop
     * @param isNew whether it is the first time since the start
     */
    public record Denial(String sentence, boolean isNew) {}

    /**
     * Reads the register of a collector's data, which may be empty.
     *
     * @throws IOException with one sentence if a file in it is damaged
     */
    public static AgentRegister open(Path data, InstantSource clock) throws IOException {
        AgentRegister register = new AgentRegister(data, clock);
        register.read();
        return register;
    }

    /** Takes what a command has added meanwhile. What cannot be read is said, and changes nothing. */
    public void refresh() {
        try {
            read();
        } catch (IOException unreadable) {
            LOG.warn("The register of agents cannot be read: {}.", unreadable.getMessage());
        }
    }

    /** All keys, by node and time. */
    public synchronized List<Pin> pins() {
        return pins.values().stream()
                .sorted(Comparator.comparing(Pin::node).thenComparing(Pin::since))
                .toList();
    }

    /**
     * Pins a node to a key.
     *
     * @throws IOException with one sentence if the key is or was another pin's, or the node has a key that is in use
     */
    public synchronized void pin(String node, String key) throws IOException {
        requireName(node);
        read();
        Optional<Pin> active = activeOf(node);
        if (active.isPresent()) {
            throw new IOException("node %s is pinned to key %s since %s: revoke or replace that one"
                    .formatted(node, brief(active.get().key()), active.get().since()));
        }
        requireUnknown(key);
        Durable.createDirectories(directory);
        create(key + ".pin", now() + " " + node + "\n");
        read();
    }

    private void requireUnknown(String key) throws IOException {
        Pin known = pins.get(key);
        if (known != null) {
            throw new IOException("key %s was pinned to node %s at %s: a key is pinned once"
                    .formatted(brief(key), known.node(), known.since()));
        }
    }

    /**
     * Pins a node to another key than the one that it has.
     *
     * @throws IOException with one sentence if it has none, or the other is or was another pin's
     */
    public synchronized void replace(String node, String key) throws IOException {
        read();
        requireUnknown(key);
        end(node, Reason.REPLACED);
        pin(node, key);
    }

    /**
     * Ends the use of a node's key.
     *
     * @throws IOException with one sentence if it has none
     */
    public synchronized void end(String node, Reason reason) throws IOException {
        read();
        Pin active =
                activeOf(node).orElseThrow(() -> new IOException("node %s has no key that is in use".formatted(node)));
        create(active.key() + ".end", now() + " " + reason.name().toLowerCase(Locale.ROOT) + "\n");
        read();
    }

    /**
     * Whether an agent may send that stream for that node. A node that is pinned may with its key only, and a key for its node and
     * the first stream that was sent with it only, which is written down here. Nodes that are not pinned may with any certificate
     * that was believed.
     *
     * @param key that the connection was made with, empty in plain text
     */
    public synchronized Optional<Denial> deny(String node, Octets stream, Optional<String> key) {
        Pin own = key.map(pins::get).orElse(null);
        if (own == null) {
            Optional<Pin> known = activeOf(node).or(() -> activeOf(stream));
            return known.map(pin -> denial(
                    node,
                    key,
                    "node %s and its stream are pinned to key %s since %s, found %s"
                            .formatted(
                                    pin.node(),
                                    brief(pin.key()),
                                    pin.since(),
                                    key.map(other -> "key " + brief(other)).orElse("no certificate"))));
        }
        if (own.end() != null) {
            return Optional.of(denial(node, key, ended(own)));
        }
        if (!own.node().equals(node)) {
            return Optional.of(denial(
                    node, key, "key %s is pinned to node %s, found another".formatted(brief(own.key()), own.node())));
        }
        return denyStream(own, node, stream);
    }

    private Optional<Denial> denyStream(Pin own, String node, Octets stream) {
        if (own.stream() == null) {
            Optional<Pin> other = activeOf(stream);
            if (other.isPresent()) {
                return Optional.of(denial(
                        node,
                        Optional.of(own.key()),
                        "stream %s is that of node %s"
                                .formatted(stream.brief(), other.get().node())));
            }
            try {
                create(own.key() + ".stream", stream + "\n");
                read();
                return Optional.empty();
            } catch (IOException failure) {
                return Optional.of(new Denial("the collector cannot write down the stream of this node", true));
            }
        }
        return own.stream().equals(stream)
                ? Optional.empty()
                : Optional.of(denial(
                        node,
                        Optional.of(own.key()),
                        "node %s sends stream %s with key %s, found stream %s"
                                .formatted(node, own.stream().brief(), brief(own.key()), stream.brief())));
    }

    /** Why connections with that key are to end, if they are. */
    public synchronized Optional<String> ended(String key) {
        Pin pin = pins.get(key);
        return pin == null || pin.isActive() ? Optional.empty() : Optional.of(ended(pin));
    }

    private static String ended(Pin pin) {
        End end = pin.end();
        if (end == null) {
            throw new IllegalStateException("a key in use");
        }
        return "key %s of node %s was %s at %s"
                .formatted(brief(pin.key()), pin.node(), end.reason().name().toLowerCase(Locale.ROOT), end.at());
    }

    private Denial denial(String node, Optional<String> key, String sentence) {
        boolean isNew = denied.size() < MOST_DENIED && denied.add(node + " " + key.orElse("") + " " + sentence);
        return new Denial(sentence, isNew);
    }

    /** The key of a node that is in use, if it has one. */
    public synchronized Optional<Pin> active(String node) {
        return activeOf(node);
    }

    /** Whether a key is or was pinned. */
    public synchronized boolean isKnown(String key) {
        return pins.containsKey(key);
    }

    private Optional<Pin> activeOf(String node) {
        return pins.values().stream()
                .filter(pin -> pin.isActive() && pin.node().equals(node))
                .findFirst();
    }

    private Optional<Pin> activeOf(Octets stream) {
        return pins.values().stream()
                .filter(pin ->
                        pin.isActive() && pin.stream() != null && pin.stream().equals(stream))
                .findFirst();
    }

    private void create(String name, String content) throws IOException {
        Path file = directory.resolve(name);
        try {
            Durable.createIdempotent(file, content.getBytes(StandardCharsets.UTF_8));
        } catch (FileAlreadyExistsException raced) {
            throw new IOException("%s was written by another process meanwhile".formatted(file), raced);
        }
    }

    private String now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private synchronized void read() throws IOException {
        List<String> fresh = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.{pin,stream,end}")) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                if (!read.contains(name)) {
                    fresh.add(name);
                }
            }
        } catch (NoSuchFileException empty) {
            return;
        } catch (DirectoryIteratorException failure) {
            throw failure.getCause();
        }
        // A pin comes before what refers to it.
        fresh.sort(Comparator.comparing((String name) -> !name.endsWith(".pin")).thenComparing(name -> name));
        for (String name : fresh) {
            if (take(name)) {
                read.add(name);
            }
        }
        if (pins.size() > MOST_KEYS) {
            throw new IOException("expected at most %d keys in %s, found more".formatted(MOST_KEYS, directory));
        }
    }

    /** False if it is to be read again later: its pin may be on its way. */
    private boolean take(String name) throws IOException {
        int dot = name.indexOf('.');
        String key = name.substring(0, dot);
        Path file = directory.resolve(name);
        String line = line(file);
        Pin known = pins.get(key);
        if (!KEY.matcher(key).matches()) {
            throw damaged(file, "to be named by a key of 64 hexadecimal digits");
        }
        try {
            switch (name.substring(dot)) {
                case ".pin" -> pins.put(key, pinned(key, line));
                case ".stream" -> {
                    if (known == null) {
                        return false;
                    }
                    pins.put(key, new Pin(key, known.node(), known.since(), Octets.parse(line), known.end()));
                }
                default -> {
                    if (known == null) {
                        return false;
                    }
                    String[] words = line.split(" ", 2);
                    End end = new End(
                            Reason.valueOf(words[words.length - 1].toUpperCase(Locale.ROOT)), Instant.parse(words[0]));
                    pins.put(key, new Pin(key, known.node(), known.since(), known.stream(), end));
                }
            }
            return true;
        } catch (IllegalArgumentException | DateTimeException malformed) {
            throw damaged(file, "one line as it is written here");
        }
    }

    private static Pin pinned(String key, String line) {
        String[] words = line.split(" ", 2);
        if (words.length != 2) {
            throw new IllegalArgumentException(line);
        }
        return new Pin(key, words[1], Instant.parse(words[0]), null, null);
    }

    private static String line(Path file) throws IOException {
        if (Files.size(file) > MOST_FILE_BYTES) {
            throw damaged(file, "at most %d bytes".formatted(MOST_FILE_BYTES));
        }
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).stripTrailing();
    }

    private static IOException damaged(Path file, String expected) {
        return new IOException("expected %s in %s, found something else".formatted(expected, file));
    }

    /**
     * Checks the name of a node.
     *
     * @throws IOException with one sentence if it is none
     */
    public static void requireName(String node) throws IOException {
        if (OwnNode.isReserved(node)) {
            throw new IOException("names that begin with @ are the collector's own, and no node's");
        }
        int length = node.getBytes(StandardCharsets.UTF_8).length;
        if (length < 1
                || length > MOST_NODE_BYTES
                || !node.strip().equals(node)
                || node.codePoints().anyMatch(Character::isISOControl)) {
            throw new IOException("expected a node's name of 1 to %d bytes without control characters, found \"%s\""
                    .formatted(
                            MOST_NODE_BYTES,
                            node.codePoints()
                                    .map(c -> Character.isISOControl(c) ? '?' : c)
                                    .collect(
                                            StringBuilder::new,
                                            StringBuilder::appendCodePoint,
                                            StringBuilder::append)));
        }
    }

    private static String brief(String key) {
        return key.substring(0, 12);
    }
}
