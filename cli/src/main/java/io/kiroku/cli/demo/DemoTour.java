package io.kiroku.cli.demo;

import io.kiroku.collector.store.CatalogueEntry;
import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.StoreReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What can be asked of the evidence once it is there: the commands, with their real output. */
final class DemoTour {
    private static final int MOST_LINES = 24;
    private static final int MOST_COLUMNS = 300;

    private final PrintWriter out;
    private final Path root;
    private final List<Written> written;
    private final ThisProgram program;
    private boolean asItShould = true;

    /** @param written the truth to compare with */
    DemoTour(PrintWriter out, Path root, List<Written> written) throws IOException {
        this.out = out;
        this.root = root;
        this.written = written;
        this.program = new ThisProgram(Files.createDirectories(root.resolve("output")));
    }

    /** The collector's directory. */
    static Path data(Path root) {
        return root.resolve("data");
    }

    /** Shows everything. Returns whether all of it came out as it should. */
    boolean guide() throws IOException, InterruptedException {
        compare();
        String data = data(root).toString();
        heading("The log of a pod that is gone");
        say("Its directory on the node was removed with it:");
        say("  %s".formatted(live(DemoScript.GONE_POD).getParent()));
        show(0, "logs", "--data", data, "-n", DemoScript.GONE_NAMESPACE, DemoScript.GONE_POD);
        heading("The last words of a container before its first crash; the kubelet has deleted them");
        show(
                0,
                "logs",
                "--data",
                data,
                "-n",
                DemoScript.CRASHED_NAMESPACE,
                DemoScript.CRASHED_POD,
                "--restart",
                "0",
                "--tail",
                "3");
        heading("Every source ever seen");
        show(0, "sources", "--data", data);
        heading("Is it what the node wrote, and is it all of it?");
        show(0, "verify", data);
        heading("The same after one bit of a copy was changed");
        Path copy = tampered();
        show(1, "verify", copy.toString());
        return asItShould;
    }

    /** Reads every log back and holds it against what was written. */
    private void compare() throws IOException, InterruptedException {
        heading("Every log as it was written, against `logs --raw`");
        out.printf("  %-46s %12s %8s  %s%n", "LOG", "BYTES", "ROTATED", "SHA-256");
        for (Written log : written) {
            ThisProgram.Outcome outcome = program.run(List.of(
                    "logs",
                    "--data",
                    data(root).toString(),
                    "-n",
                    log.namespace(),
                    log.pod(),
                    "-c",
                    log.container(),
                    "--restart",
                    Integer.toString(log.restart()),
                    "--raw"));
            boolean equal = outcome.exit() == 0
                    && Files.size(outcome.output()) == log.length()
                    && sha256(outcome.output()).equals(log.sha256());
            asItShould &= equal;
            out.printf(
                    Locale.ROOT,
                    "  %-46s %,12d %8d  %s %s%n",
                    log,
                    log.length(),
                    log.rotations(),
                    log.sha256().substring(0, 12),
                    equal ? "equal" : "DIFFERS: see " + outcome.output());
            if (equal) {
                Files.delete(outcome.output());
                Files.delete(outcome.errors());
            }
        }
    }

    private void heading(String text) {
        out.printf("%n%s%n%n", text);
        out.flush();
    }

    private void say(String text) {
        out.printf("  %s%n", text);
    }

    /** Runs a command, and prints it with its output. */
    private void show(int expected, String... arguments) throws IOException, InterruptedException {
        out.printf("  $ %s %s%n", ThisProgram.name(), String.join(" ", arguments));
        out.flush();
        ThisProgram.Outcome outcome = program.run(List.of(arguments));
        List<String> lines = new ArrayList<>(lines(outcome.output()));
        lines.addAll(lines(outcome.errors()));
        lines.stream().limit(MOST_LINES).forEach(line -> out.printf("  %s%n", shortened(line)));
        if (lines.size() > MOST_LINES) {
            out.printf("  ... and %d lines more, in %s%n", lines.size() - MOST_LINES, outcome.output());
        }
        if (outcome.exit() != 0) {
            out.printf("  (exit status %d)%n", outcome.exit());
        }
        if (outcome.exit() != expected) {
            asItShould = false;
            out.printf("  THIS IS NOT AS IT SHOULD BE: expected exit status %d%n", expected);
        }
        out.flush();
    }

    /** A joined line of a log can be as long as a book. */
    private static String shortened(String line) {
        return line.length() <= MOST_COLUMNS
                ? line
                : line.substring(0, MOST_COLUMNS)
                        + " ... and %,d characters more".formatted(line.length() - MOST_COLUMNS);
    }

    private static List<String> lines(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                .lines()
                .toList();
    }

    private Path live(String pod) {
        return written.stream()
                .filter(log -> log.pod().equals(pod))
                .findFirst()
                .orElseThrow()
                .live();
    }

    /** Copies the store and inverts one bit in the middle of a segment's payload. */
    private Path tampered() throws IOException {
        Path copy = root.resolve("data-with-one-bit-changed");
        try (Stream<Path> files = Files.walk(data(root))) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(data(root).relativize(file).toString()));
            }
        }
        List<CatalogueEntry> segments = new ArrayList<>();
        try (StoreReader reader = StoreReader.open(copy)) {
            reader.scan(Position.START, segments::add);
        }
        CatalogueEntry chosen = segments.get(segments.size() / 2);
        Path volume = copy.resolve("volumes")
                .resolve("%08d.vol".formatted(chosen.place().volume()));
        long offset = chosen.place().offset()
                + chosen.place().length()
                - chosen.header().payloadLength() / 2;
        flip(volume, offset);
        say("The lowest bit of byte %,d of %s, in segment %d, was inverted."
                .formatted(offset, volume, chosen.header().sequence()));
        return copy;
    }

    private static void flip(Path file, long offset) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            if (channel.read(one, offset) != 1) {
                throw new IOException("expected a byte at %d of %s, found its end".formatted(offset, file));
            }
            one.put(0, (byte) (one.get(0) ^ 1)).flip();
            channel.write(one, offset);
        }
    }

    private static String sha256(Path file) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
        byte[] buffer = new byte[64 << 10];
        try (InputStream in = Files.newInputStream(file)) {
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                digest.update(buffer, 0, length);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
