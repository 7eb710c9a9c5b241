package io.kiroku.systemtests.peers;

import io.kiroku.systemtests.process.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** syslog-ng: wildcard-file to network over TCP, with flow control, the lines as they are. */
record SyslogNg(Path binary) implements Peer {
    private static final Pattern VERSION = Pattern.compile("(?m)^syslog-ng (\\d+) \\((\\d+)\\.(\\d+)");
    private static final Pattern CONFIG_VERSION = Pattern.compile("(?m)^Config version: (\\d+\\.\\d+)");

    @Override
    public String name() {
        return "syslog-ng";
    }

    @Override
    public Supplier<Protocol> protocol() {
        return () -> Protocol.LINES;
    }

    @Override
    public List<String> configure(Path directory, Path podLogs, int port) throws IOException, InterruptedException {
        Path configuration = directory.resolve("syslog-ng.conf");
        Files.writeString(configuration, """
            @version: %s
            options { log-msg-size(65536); stats-freq(0); };
            source files {
                wildcard-file(
                    base-dir("%s") filename-pattern("*.log") recursive(yes) max-files(1000)
                    log-iw-size(100000) flags(no-parse));
            };
            destination sink {
                network("127.0.0.1" port(%d) transport("tcp") template("${MESSAGE}\\n") log-fifo-size(200000));
            };
            log { source(files); destination(sink); flags(flow-control); };
            """.formatted(version(), podLogs, port));
        List<String> command = new ArrayList<>(List.of(
                binary.toString(),
                "-F",
                "--no-caps",
                "-f",
                configuration.toString(),
                "--persist-file=" + directory.resolve("persist"),
                "--pidfile=" + directory.resolve("pid"),
                "--control=" + directory.resolve("control")));
        Libraries.beside(binary, "syslog-ng").ifPresent(modules -> command.add("--module-path=" + modules));
        return command;
    }

    private String version() throws IOException, InterruptedException {
        Shell.Outcome outcome = Shell.run(binary.toString(), "--version");
        Matcher config = CONFIG_VERSION.matcher(outcome.text());
        if (config.find()) {
            return config.group(1);
        }
        Matcher version = VERSION.matcher(outcome.text());
        if (version.find()) {
            return version.group(2) + "." + version.group(3);
        }
        throw new IOException("expected syslog-ng's version, found " + outcome.text());
    }
}
