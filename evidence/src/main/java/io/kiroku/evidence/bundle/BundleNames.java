package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Sha256;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** How the files of a bundle are called. */
public final class BundleNames {
    public static final String README = "README.txt";
    public static final String SUMS = "SHA256SUMS";
    public static final String CHECKPOINT = "checkpoint";
    public static final String GAPS = "gaps.json";
    public static final String CLOCKS = "clocks.json";
    public static final String LOG_KEYS = "keys/log.vkey";
    public static final String COLLECTOR_KEY = "keys/collector.pub";
    public static final String POLICY = "policy";

    /** Keys whose word counts up to a time only, as the collector says; if there are any. */
    public static final String REVOKED = "keys/revoked";

    public static final String SCRIPT = "verify.py";

    /** Where the log files lie. */
    public static final String LOGS = "logs/";

    static final String CONSISTENCY = "consistency/";

    static final String PROOFS = "proofs/";
    static final String SEGMENTS = "segments/";
    static final String TIMESTAMPS = "timestamps/";

    /** A kubelet's names for a log: the pod's directory, the container's, and the file. */
    private static final int POD_PARTS = 3;

    /** What is left of a name for a suffix that makes it unique. */
    private static final int MOST_LOG_NAME = BundleFile.MOST_NAME - 64;

    private BundleNames() {}

    /** A segment as stored. */
    public static String segment(Octets stream, long sequence) {
        return SEGMENTS + place(stream, sequence) + ".lz4";
    }

    /** The proof that the log has the segment's header. */
    public static String proof(Octets stream, long sequence) {
        return PROOFS + place(stream, sequence) + ".tlog-proof";
    }

    private static String place(Octets stream, long sequence) {
        return String.format(Locale.ROOT, "%s/%010d", stream, sequence);
    }

    /** An earlier checkpoint of the log. */
    public static String earlier(long size) {
        return CONSISTENCY + size + ".checkpoint";
    }

    /** The proof that the log continues the tree of that size. */
    public static String consistency(long size) {
        return CONSISTENCY + size + ".proof";
    }

    /** A file that belongs to a time stamp, by the name that it has at the collector. */
    public static String timestamp(String file) {
        return TIMESTAMPS + file;
    }

    /**
     * A rebuilt log: of a container {@code logs/<namespace>/<pod>_<uid>/<container>/<n>.log}, of anything else
     * {@code logs/files/<path>}. Bytes that a name cannot have stand there as {@code %} and two hexadecimal digits. A path
     * that is too long is told by its SHA-256.
     *
     * @param shared whether several sources would have that name, so that it has to say of which stream and path it is
     */
    public static String log(Octets stream, FilePath source, boolean shared) {
        String escaped = escape(source);
        String[] parts = escaped.split("/", -1);
        String name = LOGS + "files/" + escaped.replaceFirst("^/+", "");
        if (parts.length >= POD_PARTS && parts[parts.length - 1].matches("[0-9]+\\.log")) {
            String pod = parts[parts.length - POD_PARTS];
            int namespace = pod.indexOf('_');
            if (namespace > 0 && pod.indexOf('_', namespace + 1) > 0) {
                name = "%s%s/%s/%s/%s"
                        .formatted(
                                LOGS,
                                pod.substring(0, namespace),
                                pod.substring(namespace + 1),
                                parts[parts.length - 2],
                                parts[parts.length - 1]);
            }
        }
        boolean isPlain = name.length() <= MOST_LOG_NAME
                && Stream.of("//", "/./", "/../").noneMatch(name::contains)
                && !name.endsWith("/");
        if (!isPlain) {
            name = LOGS + "files/" + Sha256.of(ByteBuffer.wrap(source.bytes()));
        }
        if (!shared) {
            return name;
        }
        return name + "."
                + new Sha256()
                        .update(stream.toArray())
                        .update(source.bytes())
                        .finish()
                        .brief();
    }

    /** The names of the logs of all these sources: no two are the same. */
    static Map<LogSource, String> logs(Set<LogSource> sources) {
        Map<LogSource, String> names = new HashMap<>();
        Set<String> taken = new HashSet<>();
        Set<String> shared = new HashSet<>();
        for (LogSource source : sources) {
            String name = log(source.stream(), source.path(), false);
            names.put(source, name);
            if (!taken.add(name)) {
                shared.add(name);
            }
        }
        names.replaceAll((source, name) -> shared.contains(name) ? log(source.stream(), source.path(), true) : name);
        return names;
    }

    private static String escape(FilePath path) {
        StringBuilder out = new StringBuilder();
        for (byte octet : path.bytes()) {
            char character = (char) Byte.toUnsignedInt(octet);
            boolean plain = character < 127 && (Character.isLetterOrDigit(character) || "._-/".indexOf(character) >= 0);
            out.append(plain ? String.valueOf(character) : String.format(Locale.ROOT, "%%%02X", (int) character));
        }
        return out.toString().replaceAll("(^|/)\\.(\\.?)(?=/|$)", "$1%2E$2");
    }
}
