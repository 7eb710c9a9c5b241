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

    /** What a node's own programs write to plain files, where they do: most of it is in the journal instead. On a control plane also its audit log. */
    private static final List<String> NODE = List.of(
            "kubelet.log",
            "kube-proxy.log",
            "containerd.log",
            "crio.log",
            "syslog",
            "messages",
            "kern.log",
            "cloud-init.log",
            "cloud-init-output.log",
            "kubernetes/audit/*.log",
            "kube-apiserver/audit.log");

    /** The files beside the pods' logs: those that were named, those of a node if none was, none if that is the word. */
    static List<String> besidePods(List<String> globs, Path varLog) {
        if (globs.isEmpty()) {
            return NODE.stream().map(name -> varLog + "/" + name).toList();
        }
        return globs.equals(List.of("none")) ? List.of() : List.copyOf(globs);
    }

    /** What was asked for; else the pods' logs where there are any, and the node's; else the machine's. */
    static Followed choose(Optional<String> podLogs, List<String> globs, Path varLog) {
        if (podLogs.isPresent() || !globs.isEmpty()) {
            return new Followed(podLogs, List.copyOf(globs));
        }
        Path pods = varLog.resolve("pods");
        if (Files.isDirectory(pods)) {
            return new Followed(Optional.of(pods.toString()), besidePods(globs, varLog));
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
