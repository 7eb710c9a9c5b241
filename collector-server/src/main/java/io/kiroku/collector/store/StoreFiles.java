package io.kiroku.collector.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The directories of a store.
 *
 * @param volumes the truth: {@code 00000001.vol} and so on
 * @param catalogue derived from it: {@code 00000001.cat} for the volume of the same number
 * @param aside what agents sent and the store could not accept
 */
public record StoreFiles(StorageDirectory volumes, StorageDirectory catalogue, StorageDirectory aside) {
    /** How a volume's name begins in what is said of it. */
    static final String VOLUMES = "volumes/";

    private static final Pattern NUMBERED = Pattern.compile("([0-9]{8})\\.(vol|cat)");

    /** Those below a collector's data directory. */
    public static StoreFiles of(Path data) {
        return new StoreFiles(
                new DiskDirectory(data.resolve("volumes")),
                new DiskDirectory(data.resolve("catalogue")),
                new DiskDirectory(data.resolve("aside")));
    }

    /**
     * The same, of a directory that is there already.
     *
     * @throws NoSuchFileException if it is not
     */
    static StoreFiles existing(Path data) throws NoSuchFileException {
        if (!Files.isDirectory(data)) {
            throw new NoSuchFileException(data.toString(), null, "expected a collector's data directory");
        }
        return of(data);
    }

    static String volumeName(int volume) {
        return String.format(Locale.ROOT, "%08d.vol", volume);
    }

    static String catalogueName(int volume) {
        return String.format(Locale.ROOT, "%08d.cat", volume);
    }

    static boolean isVolume(String name) {
        return name.endsWith(".vol") && NUMBERED.matcher(name).matches();
    }

    SortedSet<Integer> volumeNumbers() throws IOException {
        return numbers(volumes.names());
    }

    SortedSet<Integer> catalogueNumbers() throws IOException {
        return numbers(catalogue.names());
    }

    private static SortedSet<Integer> numbers(List<String> names) {
        SortedSet<Integer> numbers = new TreeSet<>();
        for (String name : names) {
            Matcher matcher = NUMBERED.matcher(name);
            if (matcher.matches()) {
                numbers.add(Integer.parseInt(matcher.group(1)));
            }
        }
        return numbers;
    }
}
