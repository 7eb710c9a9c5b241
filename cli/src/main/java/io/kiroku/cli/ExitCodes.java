package io.kiroku.cli;

import java.util.Map;

/** What the exit code of a container's process means: 128 and a signal's number (signal(7), on x86-64 and ARM64), or a shell's word. */
final class ExitCodes {
    private static final Map<Integer, String> SIGNALS = Map.ofEntries(
            Map.entry(1, "SIGHUP"),
            Map.entry(2, "SIGINT"),
            Map.entry(3, "SIGQUIT"),
            Map.entry(4, "SIGILL"),
            Map.entry(5, "SIGTRAP"),
            Map.entry(6, "SIGABRT"),
            Map.entry(7, "SIGBUS"),
            Map.entry(8, "SIGFPE"),
            Map.entry(9, "SIGKILL"),
            Map.entry(10, "SIGUSR1"),
            Map.entry(11, "SIGSEGV"),
            Map.entry(12, "SIGUSR2"),
            Map.entry(13, "SIGPIPE"),
            Map.entry(14, "SIGALRM"),
            Map.entry(15, "SIGTERM"),
            Map.entry(24, "SIGXCPU"),
            Map.entry(25, "SIGXFSZ"),
            Map.entry(31, "SIGSYS"));

    private ExitCodes() {}

    /** {@code exit 137 (SIGKILL)}, {@code exit 0}. */
    static String inWords(int code) {
        String meaning = switch (code) {
            case 126 -> "could not be executed";
            case 127 -> "command not found";
            default -> SIGNALS.getOrDefault(code - 128, "");
        };
        return meaning.isEmpty() ? "exit " + code : "exit %d (%s)".formatted(code, meaning);
    }
}
