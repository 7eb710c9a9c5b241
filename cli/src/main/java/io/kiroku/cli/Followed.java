package io.kiroku.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What {@code up} follows.
 *
 * @param podLogs the kubelet's pod log directory, if pods are
 * @param globs further files
 */
record Followed(Optional<String> podLogs, List<String> globs) {
    /** The text logs of a machine without pods. Nothing that is no text (wtmp, btmp, lastlog, journal) or compressed. */
    private static final List<String> MACHINE = List.of(
            "*.log", "*/*.log", "syslog", "messages", "secure", "maillog", "mail.err", "mail.warn", "cron", "debug");

    /** What was asked for; else the pods' logs where there are any; else the machine's. */
    static Followed choose(Optional<String> podLogs, List<String> globs, Path varLog) {
        if (podLogs.isPresent() || !globs.isEmpty()) {
            return new Followed(podLogs, List.copyOf(globs));
        }
        Path pods = varLog.resolve("pods");
        if (Files.isDirectory(pods)) {
            return new Followed(Optional.of(pods.toString()), List.of());
        }
        return new Followed(
                Optional.empty(),
                MACHINE.stream().map(name -> varLog + "/" + name).toList());
    }

    /** For people, in one line. */
    String describe() {
        List<String> all = new ArrayList<>();
        podLogs.ifPresent(directory -> all.add("the pods' logs in " + directory));
        all.addAll(globs);
        String first = String.join(", ", all.subList(0, Math.min(3, all.size())));
        return all.size() <= 3 ? first : "%s and %d more".formatted(first, all.size() - 3);
    }
}
