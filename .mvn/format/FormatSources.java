import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.JavaFormatterOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;

/**
 * Checks the format of every Java source of the project, or rewrites the files that differ from it. The build runs this
 * file on the JDK that it compiles with, because the formatter parses with the javac of the JVM it runs in
 * (docs/decisions/0001-formatter.md).
 *
 * <p>Arguments: {@code check} or {@code write}, then the root of the project. Exit status 0 when every file is in the
 * project's format, 1 when a file is not (after {@code check}) or cannot be parsed (after either).
 */
final class FormatSources {
    private static final String FIX = "mvn -q -N -Pformat validate";

    private final Formatter formatter = Formatter.createFormatter(JavaFormatterOptions.builder()
            .style(JavaFormatterOptions.Style.PALANTIR)
            .build());
    private final ConcurrentSkipListMap<Path, String> problems = new ConcurrentSkipListMap<>();
    private final boolean write;
    private final Path root;

    private FormatSources(boolean write, Path root) {
        this.write = write;
        this.root = root;
    }

    public static void main(String[] args) throws IOException {
        if (args.length != 2 || !List.of("check", "write").contains(args[0])) {
            throw new IllegalArgumentException("expected: check|write ROOT");
        }
        System.exit(new FormatSources(args[0].equals("write"), Path.of(args[1])).run());
    }

    private int run() throws IOException {
        sources().parallelStream().forEach(this::process);
        if (problems.isEmpty()) {
            return 0;
        }
        System.err.printf(
                "These Java sources (%d) are not in the project's format; to fix them run: %s%n", problems.size(), FIX);
        problems.forEach((path, problem) -> System.err.println("  " + path + problem));
        return 1;
    }

    private List<Path> sources() throws IOException {
        try (Stream<Path> modules = Files.list(root)) {
            return Stream.concat(Stream.of(root.resolve(".mvn")), modules.map(module -> module.resolve("src")))
                    .filter(Files::isDirectory)
                    .flatMap(directory -> javaFilesUnder(directory).stream())
                    .toList();
        }
    }

    private static List<Path> javaFilesUnder(Path directory) {
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.filter(path -> path.toString().endsWith(".java"))
                    .filter(Files::isRegularFile)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void process(Path path) {
        try {
            String source = Files.readString(path);
            String formatted = formatter.formatSourceAndFixImports(source);
            if (!formatted.equals(source)) {
                if (write) {
                    Files.writeString(path, formatted);
                } else {
                    problem(path, "");
                }
            }
        } catch (FormatterException e) {
            problem(path, ":" + e.getMessage() + hint(e.getMessage()));
        } catch (IOException e) {
            problem(path, ": cannot be read or written: " + e);
        }
    }

    private void problem(Path path, String what) {
        problems.put(root.relativize(path), what);
    }

    private static String hint(String message) {
        return message.contains("expected token: '_'")
                ? " (the formatter does not know a bare _ in a record pattern: write \"var _\")"
                : " (correct this by hand)";
    }
}
