package io.kiroku.collector.access;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of lines that is read again when it has changed, at most once a second. What cannot be read leaves what was read
 * before, and is said once. Lines that are empty or begin with {@code #} are for people.
 *
 * @param <T> what one line says
 */
public final class WatchedFile<T> {
    /** Bytes of a file, at most. */
    static final int MOST_BYTES = 1 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(WatchedFile.class);
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Pattern SPACES = Pattern.compile("[ \t]+");

    /** Reads the fields of a line; an {@link IllegalArgumentException} says what was expected. */
    public interface LineReader<T> {
        T read(String[] fields);
    }

    private final Path path;
    private final LineReader<T> reader;
    private final LongSupplier nanoTime;
    private final ConfigurationListener listener;
    private String text = "";
    private String trouble = "";
    private List<T> lines = List.of();
    private long looked;

    /**
     * Reads the file.
     *
     * @param listener is told of what was read before it holds
     * @throws IOException if it cannot be read or a line is not understood; the message is for people
     */
    public WatchedFile(Path path, LineReader<T> reader, LongSupplier nanoTime, ConfigurationListener listener)
            throws IOException {
        this.path = path;
        this.reader = reader;
        this.nanoTime = nanoTime;
        this.listener = listener;
        looked = nanoTime.getAsLong();
        text = content();
        lines = parse(text);
        listener.read(path, text);
    }

    /** What the lines say. */
    public synchronized List<T> lines() {
        long now = nanoTime.getAsLong();
        if (now - looked >= LOOK.toNanos()) {
            looked = now;
            look();
        }
        return lines;
    }

    private void look() {
        try {
            String current = content();
            if (!current.equals(text)) {
                List<T> read = parse(current);
                listener.read(path, current);
                lines = read;
                text = current;
                LOG.info("{} has changed and was read again.", path);
            }
            trouble = "";
        } catch (IOException failure) {
            String sentence = String.valueOf(failure.getMessage());
            if (!sentence.equals(trouble)) {
                trouble = sentence;
                LOG.warn("{}: what was read of it before holds until it can be read: {}.", path, sentence);
            }
        }
    }

    private String content() throws IOException {
        if (Files.size(path) > MOST_BYTES) {
            throw new IOException(
                    "%s: expected at most %d bytes, found %d".formatted(path, MOST_BYTES, Files.size(path)));
        }
        try {
            return Files.readString(path, StandardCharsets.UTF_8);
        } catch (CharacterCodingException noText) {
            throw new IOException("%s: expected text in UTF-8".formatted(path), noText);
        }
    }

    private List<T> parse(String content) throws IOException {
        List<T> read = new ArrayList<>();
        int number = 0;
        for (String line : content.split("\n", -1)) {
            number++;
            String stripped = line.strip();
            if (stripped.isEmpty() || stripped.startsWith("#")) {
                continue;
            }
            try {
                read.add(reader.read(SPACES.split(stripped)));
            } catch (IllegalArgumentException misuse) {
                throw new IOException("%s, line %d: %s".formatted(path, number, misuse.getMessage()), misuse);
            }
        }
        return List.copyOf(read);
    }
}
