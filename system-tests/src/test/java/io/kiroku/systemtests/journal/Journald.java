package io.kiroku.systemtests.journal;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Shell;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A systemd-journald with a directory of its own in place of /run, that nobody else's messages come to. */
final class Journald implements AutoCloseable {
    private static final String PROGRAM = "/lib/systemd/systemd-journald";
    private static final Duration BOUND = Duration.ofSeconds(30);

    private static final String SCRIPT = """
        mount --make-rprivate /
        mount --bind "$1/run" /run
        mount --bind "$1/journald.conf" /etc/systemd/journald.conf
        exec %s
        """.formatted(PROGRAM);

    private static final String CONFIGURATION = """
        [Journal]
        Storage=volatile
        RateLimitBurst=0
        ReadKMsg=no
        Audit=no
        RuntimeMaxFileSize=4M
        RuntimeMaxUse=1G
        RuntimeKeepFree=1M
        """;

    private final Path base;
    private Process process;

    private Journald(Path base, Process process) {
        this.base = base;
        this.process = process;
    }

    /**
     * Starts it, or skips the test where it cannot be.
     *
     * @param base a directory with a short path: a socket's has at most 108 bytes
     */
    static Journald start(Path base) throws Exception {
        assumeTrue(
                Shell.run("id", "-u").text().strip().equals("0") && Files.isExecutable(Path.of(PROGRAM)),
                "this needs root and systemd-journald, Debian's package systemd");
        Files.createDirectories(base.resolve("run/systemd/journal"));
        Files.createDirectories(base.resolve("run/log/journal"));
        Files.writeString(base.resolve("journald.conf"), CONFIGURATION);
        Journald journald = new Journald(base, launch(base));
        journald.awaitSocket();
        return journald;
    }

    private static Process launch(Path base) throws IOException {
        Files.deleteIfExists(base.resolve("run/systemd/journal/stdout"));
        return new ProcessBuilder("unshare", "--mount", "bash", "-ceu", SCRIPT, "bash", base.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        base.resolve("journald.out").toFile()))
                .start();
    }

    private void awaitSocket() throws Exception {
        Await.until(BOUND, "journald to listen", () -> Files.exists(socket()));
    }

    private Path socket() {
        return base.resolve("run/systemd/journal/stdout");
    }

    /** Where the journal's files are. */
    Path directory() {
        return base.resolve("run/log/journal");
    }

    /** Writes the numbers {@code [from, to)}, each as a message, and waits until the last is in the journal. */
    void write(int from, int to) throws Exception {
        StringBuilder text = new StringBuilder("numbers\n\n6\n0\n0\n0\n0\n");
        for (int number = from; number < to; number++) {
            text.append("number ").append(number).append('\n');
        }
        try (SocketChannel out = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            out.connect(UnixDomainSocketAddress.of(socket()));
            ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        }
        String last = "number " + (to - 1);
        Await.until(
                BOUND,
                last + " to be in the journal",
                () -> journalctl("--output=cat", "--lines=20", "SYSLOG_IDENTIFIER=numbers")
                        .lines()
                        .anyMatch(last::equals));
    }

    /** What journalctl says of the journal. */
    String journalctl(String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 3];
        command[0] = "journalctl";
        command[1] = "--directory=" + directory();
        command[2] = "--quiet";
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        return Shell.run(command).text();
    }

    /** Archives the files and begins new ones. */
    void rotate() throws Exception {
        long files = count();
        Shell.bash("kill -USR2 \"$1\"", process.pid());
        Await.until(BOUND, "journald to rotate", () -> count() > files);
    }

    private long count() throws IOException {
        try (var files = Files.walk(directory())) {
            return files.filter(file -> file.toString().contains("@")).count();
        }
    }

    /** SIGKILL, and another one on the same files: it sets the file aside that was not closed. */
    void killAndStartAgain() throws Exception {
        process.destroyForcibly().waitFor();
        process = launch(base);
        awaitSocket();
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
