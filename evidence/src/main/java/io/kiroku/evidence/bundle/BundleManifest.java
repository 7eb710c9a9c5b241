package io.kiroku.evidence.bundle;

import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a bundle says of itself: {@code manifest.json}. Nobody signs it. What proves something are the segments and the
 * log; the manifest says what was asked for, and which bytes belong together.
 *
 * @param tool name and version of the program that made it
 * @param caseId the investigation
 * @param purpose what the bundle was made for
 * @param selection what was asked for, by the names of the options, in the order of these
 * @param origin the log's name
 * @param tree what the bundle's checkpoint states
 * @param streams the stretches of streams in it, in the order of their ids
 * @param logs the log files in it, in the order of their names
 * @param files all files but the manifest itself, in the order of their names; of a manifest that was read they are read
 *     again whenever they are looked at, and can be as long as its archive is open
 */
public record BundleManifest(
        String tool,
        String caseId,
        String purpose,
        Map<String, String> selection,
        String origin,
        TreeHead tree,
        List<Stretch> streams,
        List<LogFile> logs,
        Iterable<Listed> files) {
    /** Its name in the bundle. */
    public static final String NAME = "manifest.json";

    /** Bytes of case, purpose and each criterion at most. */
    public static final int MOST_TEXT = 4096;

    private static final String FORMAT = "kiroku-bundle-1";

    /** Log files at most. */
    static final int MOST_LOGS = 50_000;

    /** Runs of all log files together at most. */
    static final int MOST_RUNS = 400_000;

    /** Bytes of the names and paths of all log files together at most. */
    static final int MOST_NAMES = 12 << 20;

    /** Streams at most. */
    static final int MOST_STREAMS = 10_000;

    private static final int MOST_CRITERIA = 64;

    /**
     * A stretch of a stream.
     *
     * @param stream its id, 16 bytes
     * @param node the node's name as the stream gives it
     * @param first the lowest sequence
     * @param last the highest sequence
     */
    public record Stretch(Octets stream, String node, long first, long last) {}

    /**
     * A file of the bundle.
     *
     * @param length in bytes
     */
    public record Listed(String name, long length, Octets sha256) {}

    public BundleManifest {
        selection = new TreeMap<>(selection);
        streams = List.copyOf(streams);
        logs = List.copyOf(logs);
    }

    /** What streams and log files take in memory, of whoever makes or checks a bundle. */
    static final class Bounds {
        private int streams;
        private int logs;
        private int runs;
        private long names;

        void stream() throws MalformedException {
            bound(++streams, MOST_STREAMS, "streams");
        }

        void log(String name, FilePath source) throws MalformedException {
            names += name.length() + source.length();
            bound(++logs, MOST_LOGS, "log files");
            bound(names, MOST_NAMES, "bytes in the names and paths of log files");
        }

        void run() throws MalformedException {
            bound(++runs, MOST_RUNS, "runs in log files");
        }

        /**
         * Holds a whole bundle to them.
         *
         * @throws MalformedException if it has more
         */
        static void check(List<Stretch> streams, List<LogFile> logs) throws MalformedException {
            Bounds bounds = new Bounds();
            for (int i = 0; i < streams.size(); i++) {
                bounds.stream();
            }
            for (LogFile log : logs) {
                bounds.log(log.name(), log.source());
                for (int i = 0; i < log.runs().size(); i++) {
                    bounds.run();
                }
            }
        }
    }

    /** Writes it. The same manifest gives the same bytes. */
    public void writeTo(OutputStream to) throws IOException {
        JsonWriter out = new JsonWriter(to);
        out.raw("{\n").name("format").string(FORMAT);
        out.raw(",\n").name("tool").string(tool);
        out.raw(",\n").name("case").string(caseId);
        out.raw(",\n").name("purpose").string(purpose);
        out.raw(",\n").name("selection").raw("{");
        String comma = "";
        for (Map.Entry<String, String> criterion : selection.entrySet()) {
            out.raw(comma).name(criterion.getKey()).string(criterion.getValue());
            comma = ", ";
        }
        out.raw("},\n").name("origin").string(origin);
        out.raw(",\n").name("size").number(tree.size());
        out.raw(",\n").name("root").string(tree.root().toString());
        out.raw(",\n").name("streams").raw("[");
        comma = "\n";
        for (Stretch stretch : streams) {
            out.raw(comma).raw("{").name("stream").string(stretch.stream().toString());
            out.raw(", ").name("node").string(stretch.node());
            out.raw(", ").name("first").number(stretch.first());
            out.raw(", ").name("last").number(stretch.last()).raw("}");
            comma = ",\n";
        }
        out.raw("\n],\n").name("logs").raw("[");
        comma = "\n";
        for (LogFile log : logs) {
            out.raw(comma);
            write(out, log);
            comma = ",\n";
        }
        out.raw("\n],\n").name("files").raw("[");
        comma = "\n";
        for (Listed file : files) {
            out.raw(comma).raw("{").name("name").string(file.name());
            out.raw(", ").name("length").number(file.length());
            out.raw(", ").name("sha256").string(file.sha256().toString()).raw("}");
            comma = ",\n";
        }
        out.raw("\n]\n}\n");
    }

    /** The path stands there twice: for people, and as the bytes that it is. */
    private static void write(JsonWriter out, LogFile log) throws IOException {
        out.raw("{").name("name").string(log.name());
        out.raw(", ").name("stream").string(log.stream().toString());
        out.raw(", ").name("source").string(log.source().toString());
        out.raw(", ")
                .name("sourceHex")
                .string(HexFormat.of().formatHex(log.source().bytes()));
        out.raw(", ").name("runs").raw("[");
        String comma = "";
        for (LogFile.Run run : log.runs()) {
            out.raw(comma).raw("{").name("file").number(run.file());
            out.raw(", ").name("from").number(run.from());
            out.raw(", ").name("to").number(run.to()).raw("}");
            comma = ", ";
        }
        out.raw("]}");
    }

    /**
     * Reads a manifest.
     *
     * @throws MalformedException if it has another form
     */
    static BundleManifest read(ZipReader zip, BundleFile manifest) throws IOException, MalformedException {
        JsonReader in = new JsonReader(zip.window(manifest, 0), NAME);
        Bounds bounds = new Bounds();
        in.expect('{');
        in.name("format");
        String format = in.string(64);
        if (!format.equals(FORMAT)) {
            throw new MalformedException(
                    "%s: expected the format %s, found another; a newer kiroku may read it".formatted(NAME, FORMAT));
        }
        in.nextName("tool");
        String tool = in.string(MOST_TEXT);
        in.nextName("case");
        String caseId = in.string(MOST_TEXT);
        in.nextName("purpose");
        String purpose = in.string(MOST_TEXT);
        in.nextName("selection");
        Map<String, String> selection = readSelection(in);
        in.nextName("origin");
        String origin = in.string(MOST_TEXT);
        in.nextName("size");
        long size = in.number();
        in.nextName("root");
        TreeHead tree = new TreeHead(size, hex(in, Sha256.LENGTH));
        in.nextName("streams");
        List<Stretch> streams = readStreams(in, bounds);
        in.nextName("logs");
        List<LogFile> logs = readLogs(in, bounds);
        in.nextName("files");
        ListedFiles files = new ListedFiles(zip, manifest, in.taken());
        ListedFiles.check(in);
        in.expect('}');
        in.end();
        return new BundleManifest(tool, caseId, purpose, selection, origin, tree, streams, logs, files);
    }

    private static Map<String, String> readSelection(JsonReader in) throws IOException, MalformedException {
        Map<String, String> selection = new TreeMap<>();
        in.expect('{');
        while (in.more(selection.isEmpty(), '}')) {
            bound(selection.size() + 1, MOST_CRITERIA, "criteria");
            String name = in.string(64);
            in.expect(':');
            if (selection.put(name, in.string(MOST_TEXT)) != null) {
                throw new MalformedException("%s: expected each criterion once".formatted(NAME));
            }
        }
        return selection;
    }

    private static List<Stretch> readStreams(JsonReader in, Bounds bounds) throws IOException, MalformedException {
        List<Stretch> streams = new ArrayList<>();
        in.expect('[');
        while (in.more(streams.isEmpty(), ']')) {
            bounds.stream();
            in.expect('{');
            in.name("stream");
            Octets stream = hex(in, 16);
            in.nextName("node");
            String node = in.string(Entry.Epoch.MOST_NODE);
            in.nextName("first");
            long first = in.number();
            in.nextName("last");
            streams.add(new Stretch(stream, node, first, in.number()));
            in.expect('}');
        }
        return streams;
    }

    private static List<LogFile> readLogs(JsonReader in, Bounds bounds) throws IOException, MalformedException {
        List<LogFile> logs = new ArrayList<>();
        in.expect('[');
        while (in.more(logs.isEmpty(), ']')) {
            in.expect('{');
            in.name("name");
            String name = in.string(BundleFile.MOST_NAME);
            in.nextName("stream");
            Octets stream = hex(in, 16);
            if (!logs.isEmpty() && logs.getLast().stream().equals(stream)) {
                stream = logs.getLast().stream();
            }
            in.nextName("source");
            String shown = in.string(6 * FilePath.MAX_LENGTH);
            in.nextName("sourceHex");
            FilePath source = path(in.string(2 * FilePath.MAX_LENGTH));
            if (!source.toString().equals(shown)) {
                throw new MalformedException("%s: expected the same path twice for %s".formatted(NAME, name));
            }
            bounds.log(name, source);
            in.nextName("runs");
            logs.add(new LogFile(name, stream, source, readRuns(in, bounds)));
            in.expect('}');
        }
        return logs;
    }

    private static List<LogFile.Run> readRuns(JsonReader in, Bounds bounds) throws IOException, MalformedException {
        List<LogFile.Run> runs = new ArrayList<>();
        long length = 0;
        in.expect('[');
        while (in.more(runs.isEmpty(), ']')) {
            bounds.run();
            in.expect('{');
            in.name("file");
            long file = in.number();
            in.nextName("from");
            long from = in.number();
            in.nextName("to");
            long to = in.number();
            in.expect('}');
            if (file < 1 || file > Integer.MAX_VALUE || to <= from || to - from > Long.MAX_VALUE - length) {
                throw new MalformedException("%s: expected a run of bytes of a file, found file %d from %d to %d"
                        .formatted(NAME, file, from, to));
            }
            length += to - from;
            runs.add(new LogFile.Run((int) file, from, to));
        }
        return runs;
    }

    private static void bound(long size, int most, String what) throws MalformedException {
        if (size > most) {
            throw new MalformedException("%s: expected at most %d %s, found more".formatted(NAME, most, what));
        }
    }

    static Octets hex(JsonReader in, int length) throws IOException, MalformedException {
        String text = in.string(2 * length);
        if (text.length() != 2 * length || !text.matches("[0-9a-f]*")) {
            throw new MalformedException(
                    "%s: expected %d hexadecimal digits, found others".formatted(NAME, 2 * length));
        }
        return Octets.parse(text);
    }

    private static FilePath path(String hex) throws MalformedException {
        try {
            return FilePath.of(HexFormat.of().parseHex(hex));
        } catch (IllegalArgumentException noPath) {
            throw new MalformedException("%s: expected a path in hexadecimal, found none".formatted(NAME));
        }
    }
}
