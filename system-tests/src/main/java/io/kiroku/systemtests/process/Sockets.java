package io.kiroku.systemtests.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The sockets of a process as the kernel knows them (proc(5), /proc/net/tcp). */
public final class Sockets {
    private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)\\]");
    private static final int LOCAL_ADDRESS = 1;
    private static final int STATE = 3;
    private static final int INODE = 9;
    private static final String LISTENS = "0A";

    private Sockets() {}

    /**
     * Where a process waits for others to come: TCP sockets that listen, and UDP sockets with a port.
     *
     * @return as {@code tcp 0100007F:1186}: protocol, address and port in the kernel's hexadecimal
     */
    public static Set<String> listening(long pid) throws IOException {
        Set<String> inodes = inodes(pid);
        Set<String> found = new TreeSet<>();
        for (String protocol : Set.of("tcp", "tcp6", "udp", "udp6")) {
            Path table = Path.of("/proc", Long.toString(pid), "net", protocol);
            if (!Files.exists(table)) {
                continue;
            }
            for (String line : Files.readAllLines(table, StandardCharsets.US_ASCII)) {
                String[] fields = line.strip().split("\\s+", -1);
                boolean open = protocol.startsWith("udp") || LISTENS.equals(fields[STATE]);
                if (open && inodes.contains(fields[INODE])) {
                    found.add(protocol + " " + fields[LOCAL_ADDRESS]);
                }
            }
        }
        return found;
    }

    /** The kernel's words for a TCP port of the IPv4 loopback address; Java's sockets may be IPv6 ones. */
    public static Set<String> loopback(int port) {
        String hex = "%04X".formatted(port);
        return Set.of("tcp 0100007F:" + hex, "tcp6 0000000000000000FFFF00000100007F:" + hex);
    }

    private static Set<String> inodes(long pid) throws IOException {
        Set<String> inodes = new HashSet<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path descriptor : descriptors.toList()) {
                Matcher socket = SOCKET.matcher(target(descriptor));
                if (socket.matches()) {
                    inodes.add(socket.group(1));
                }
            }
        }
        return inodes;
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }
}
